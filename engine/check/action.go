package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// action checks a step that uses an action: that there is one, its connection, its inputs. It keeps the action's facts
// and gives the shape of its output.
func (w *walk) action(step *scenario.Step, path string, s scope) value.Shape {
	w.template(step.With, path+"/with", s)
	if step.Uses == "" {
		return value.Shape{} // the linter said that the step does nothing
	}
	name, pinned, isPinned := strings.Cut(step.Uses, "@")
	action := w.checker.catalogue.Action(name)
	if action == nil {
		w.unknownAction(step.Uses, name, path)
		return value.Shape{}
	}
	if isPinned && pinned != "1" {
		w.problem(path+"/uses", "The action %s has no version %s; leave @%s out.", name, pinned, pinned)
	}
	w.connection(w.checker.catalogue.Of(name), step.Connection, name, path)
	w.suits(action, w.checker.catalogue.Of(name), step.Connection, path)
	w.inputs(action, step, path+"/with")
	fact := run.Fact{Effect: run.Effect(action.Effect), Timeout: action.Timeout, Answers: action.Answers}
	for _, f := range action.Input {
		with, path := step.With[f.ID], path+"/with/"+f.ID
		if f.Secret {
			fact.Secrets = append(fact.Secrets, f.ID)
			if text, ok := with.(string); ok && text != "" && !templated(text) {
				w.inClear(path, "input", f.ID)
			}
		}
		switch f.Holds {
		case actions.Headers:
			fact.Headers = f.ID
			w.credentials(with, path, "header", run.Credential)
		case actions.Params:
			fact.Params = f.ID
			w.credentials(with, path, "parameter", run.CredentialParam)
		case actions.Result:
			fact.Mirror = f.ID
		case actions.URL:
			fact.URL = f.ID
			url, _ := with.(string)
			if name, text := run.CredentialIn(url); name != "" && !templated(text) {
				w.inClear(path, "parameter", name)
			}
		}
	}
	fact.ReadBy, fact.Reads, fact.ReadDefault = action.ReadBy()
	w.facts[step.Uses] = fact
	if step.Delivery == "at_most_once" && fact.EffectOf(step.With, step.Delivery) == run.Read {
		w.problems = append(w.problems, fault.Problem{Path: path + "/delivery", Severity: fault.Warning,
			Message: fmt.Sprintf("%s only reads, so it is asked again after a crash whatever the delivery says; leave it out.", step.Uses)})
	}
	return action.Output
}

// credentials warns of those that are written into the scenario, which everybody reads who may look at it.
func (w *walk) credentials(of any, path, what string, credential func(name string) bool) {
	members, _ := of.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if text, ok := members[name].(string); ok && text != "" && !templated(text) && credential(name) {
			w.inClear(path+"/"+name, what, name)
		}
	}
}

func (w *walk) inClear(path, what, name string) {
	instead := "keep it in a connection instead"
	if what == "input" {
		instead = "take it from what the run is given instead"
	}
	w.problems = append(w.problems, fault.Problem{Path: path, Severity: fault.Warning,
		Message: fmt.Sprintf("The %s %s stands in clear in the scenario, for all who may read it; %s.", what, name, instead)})
}

func (w *walk) unknownAction(uses, name, path string) {
	app, action, _ := strings.Cut(name, ".")
	connector := w.checker.catalogue.Get(app)
	if connector == nil {
		w.problem(path+"/uses", "There is no app %q.%s", app, fault.DidYouMean(app, w.checker.catalogue.IDs()))
		return
	}
	if name == "core.code" || name == "core.llm" || name == "core.agent" { // the format has them
		w.problem(path+"/uses", "This release cannot run %s yet.", name)
		return
	}
	var instead string
	if near := fault.Nearest(action, actionsOf(connector)); near != "" { // of what is written, the app's name is right: only the rest tells
		instead = fmt.Sprintf(" Did you mean %q?", app+"."+near)
	}
	w.problem(path+"/uses", "There is no action %q.%s", uses, instead)
}

// connection checks that a connector which needs one gets one of its own kind, which is granted to the scenario and the
// action; "" is a trigger.
func (w *walk) connection(connector *actions.Connector, slug, action, path string) {
	if slug == "" {
		if connector.NeedsConnection() {
			w.wants(connector, "", path, "%s needs a connection: write \"connection\" with the slug of one.", connector.Name)
		}
		return
	}
	if len(connector.Auth) == 0 {
		w.problem(path+"/connection", "%s uses no connection; leave it out.", connector.Name)
		return
	}
	if w.place == nil {
		return
	}
	c, ok := w.place.Connections[slug]
	switch {
	case !ok:
		w.wants(connector, slug, path+"/connection", "There is no connection %q here; make one for %s, or name another.", slug, connector.Name)
	case c.Connector != connector.ID:
		w.problem(path+"/connection", "The connection %q is one of %s, not of %s.", slug, c.Connector, connector.ID)
	default:
		here := w.place.Slug
		if list := c.Grants.Scenarios; here == "" && len(list) > 0 {
			here = list[0] // it is asked again when there is a slug
		}
		if why := c.Allows(here, action); why != "" {
			w.problem(path+"/connection", "%s", why)
		}
	}
}

// wants is a problem that a connection to an app would mend, of a slug if any.
func (w *walk) wants(app *actions.Connector, slug, path, format string, args ...any) {
	w.problems = append(w.problems, fault.Problem{Path: path, Message: fmt.Sprintf(format, args...), App: app.ID, Connection: slug})
}

// suits checks that a step has a connection to such a server as its action speaks to.
func (w *walk) suits(action *actions.Action, connector *actions.Connector, slug, path string) {
	if slug == "" {
		if why := connector.Unsuited(action, "", false); why != "" {
			w.problem(path, "%s Write \"connection\" with the slug of one.", why)
		}
		return
	}
	if w.place == nil {
		return
	}
	if c, ok := w.place.Connections[slug]; ok && c.Connector == connector.ID {
		if why := connector.Unsuited(action, c.Method, true); why != "" {
			w.problem(path+"/connection", "%s", why)
		}
	}
}

// inputs checks the names and the fixed values of an action's inputs. What holds a template is known at run time only.
func (w *walk) inputs(action *actions.Action, step *scenario.Step, path string) {
	issues := actions.CheckInput(action.Input, step.With, templated)
	if action.Check != nil && len(issues) == 0 {
		issues = action.Check(step.With, func(name string) bool {
			v, given := step.With[name]
			return given && v != nil && !holdsTemplate(v)
		})
	}
	for _, issue := range issues {
		w.problem(path+issue.Path, "%s", issue.Message)
	}
}

func templated(v any) bool {
	text, ok := v.(string)
	return ok && strings.Contains(text, "{{")
}

// holdsTemplate says that some text within a value is a template.
func holdsTemplate(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			if holdsTemplate(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, holdsTemplate)
	}
	return templated(v)
}

func (w *walk) triggers() {
	for i, t := range w.doc.AllTriggers() {
		at := w.doc.TriggerPath(i)
		w.trigger(t, at)
		s := scope{roots: map[string]value.Shape{"trigger": w.shapeOf(t)}}
		w.condition(t.If, at+"/if", s)
		if t.Dedupe != nil {
			w.template(t.Dedupe.Key, at+"/dedupe/key", s)
		}
		if t.Debounce != nil {
			w.template(t.Debounce.Key, at+"/debounce/key", s)
		}
		w.template(t.OrderBy, at+"/order_by", scope{roots: map[string]value.Shape{"trigger": w.batchOf(t)}})
	}
}

func (w *walk) trigger(t *scenario.Trigger, path string) {
	if options := w.checker.options[t.Uses]; options != nil {
		if w.options(options, t, path+"/with") {
			w.secret(t, "verify", path)
			w.secret(t, "identity", path)
		}
		return
	}
	if !strings.Contains(t.Uses, ".") {
		return
	}
	name, _, _ := strings.Cut(t.Uses, "@")
	spec := w.checker.catalogue.Trigger(name)
	if spec == nil {
		w.problem(path+"/uses", "There is no trigger %q.%s", t.Uses, fault.DidYouMean(name, w.checker.triggers()))
		return
	}
	w.connection(w.checker.catalogue.Of(name), t.Connection, "", path)
	if len(spec.Ways) > 0 {
		w.suits(&actions.Action{ID: spec.ID, Ways: spec.Ways}, w.checker.catalogue.Of(name), t.Connection, path)
	}
	issues := actions.CheckInput(spec.Inputs(), t.With, func(any) bool { return false })
	if spec.Check != nil && len(issues) == 0 {
		issues = spec.Check(t.With)
	}
	for _, issue := range issues {
		w.problem(path+"/with"+issue.Path, "%s", issue.Message)
	}
	if options := w.checker.options[spec.Kind]; options != nil && len(issues) == 0 {
		w.options(options, t, path+"/with")
	}
	w.proven(spec, t, path)
	w.reachable(spec, t, path)
	w.topics(spec, t, path+"/with/topics")
}

// proven asks for what the trigger's requests are verified with: without it every one is refused. Of a sandbox it only warns:
// it may be there for samples, and so may one wait whose vendor gives it first.
func (w *walk) proven(spec *actions.Trigger, t *scenario.Trigger, path string) {
	if spec.Verify.Secret == "" || w.place == nil || w.place.Holds == nil {
		return
	}
	c, ok := w.place.Connections[t.Connection]
	app := w.checker.catalogue.Of(t.Uses)
	if !ok || c.Connector != app.ID || w.place.Holds(c, spec.Verify.Secret) {
		return
	}
	p := fault.Problem{Path: path + "/connection", Message: app.Unproven(c.Method, spec.Verify.Secret), Connection: c.Slug}
	if c.Sandbox || spec.Verify.Comes {
		p.Severity = fault.Warning
	}
	w.problems = append(w.problems, p)
}

// reachable warns where a vendor would be given an address that it may not send to.
func (w *walk) reachable(spec *actions.Trigger, t *scenario.Trigger, path string) {
	if spec.Subscribe == nil || w.place == nil || w.place.BaseURL == "" || strings.HasPrefix(w.place.BaseURL, "https://") {
		return
	}
	if c, ok := w.place.Connections[t.Connection]; !ok || c.Sandbox || c.BaseURL != "" {
		return
	}
	w.problems = append(w.problems, fault.Problem{Path: path + "/uses", Severity: fault.Warning,
		Message: fmt.Sprintf("%s sends events over the internet, and this server's address is %s; start it with --base-url and an https address.", w.checker.catalogue.Of(t.Uses).Name, w.place.BaseURL)})
}

// options says what is wrong with a trigger's options, at the one that the sentence begins with; false: several things,
// each at its own place.
func (w *walk) options(check TriggerOptions, t *scenario.Trigger, path string) bool {
	err := check(t, w.doc.Scenario)
	if err == nil {
		return true
	}
	list := fault.ProblemsOf(err)
	for _, p := range list {
		w.problem(path+p.Path, "%s", p.Message)
	}
	if len(list) > 0 {
		return false
	}
	message := fault.MessageOf(err)
	if name, _, ok := strings.Cut(message, ": "); ok && t.With[name] != nil {
		path += "/" + name
	}
	w.problem(path, "%s", message)
	return true
}

// secret asks that what a trigger verifies with is there and can do so: otherwise every event would be refused.
func (w *walk) secret(t *scenario.Trigger, option, path string) {
	path += "/with/" + option + "/secret"
	object, _ := t.With[option].(map[string]any)
	list, rotating := object["secret"].([]any)
	if !rotating {
		list = []any{object["secret"]}
	}
	for i, item := range list {
		at := path
		if rotating {
			at = fmt.Sprintf("%s/%d", path, i)
		}
		slug, _ := item.(string)
		if w.place == nil || slug == "" {
			continue
		}
		if !w.place.Secrets[slug] {
			w.problem(at, "There is no secret %q here; make it first, or name another.%s", fault.Clip(slug, 60), fault.DidYouMean(slug, names(w.place.Secrets)))
			w.problems[len(w.problems)-1].Secret = slug
		} else if w.place.Unfit != nil {
			if why := w.place.Unfit(t, slug); why != "" {
				w.problem(at, "The secret %q cannot verify anything here: %s", slug, why)
			}
		}
	}
}

// topics warns of those that the vendor is not known to have: a slip in one would wait for ever.
func (w *walk) topics(spec *actions.Trigger, t *scenario.Trigger, path string) {
	list, _ := t.With["topics"].([]any)
	if len(spec.Topics) == 0 {
		return
	}
	known := slices.Concat(spec.Topics, names(spec.Aliases))
	for i, topic := range list {
		if text, ok := topic.(string); ok && !slices.Contains(known, text) {
			w.problems = append(w.problems, fault.Problem{Path: fmt.Sprintf("%s/%d", path, i), Severity: fault.Warning,
				Message: fmt.Sprintf("%q is none of the topics that are known of %s.%s", text, t.Uses, fault.DidYouMean(text, known))})
		}
	}
}

// triggerShape is what `trigger` is in the steps: what one trigger gives, or anything where there are several.
func (w *walk) triggerShape() value.Shape {
	all := w.doc.AllTriggers()
	if len(all) != 1 {
		return value.Shape{}
	}
	return w.batchOf(all[0])
}

// batchOf is what `trigger` is in a run: an event, or a batch of them.
func (w *walk) batchOf(t *scenario.Trigger) value.Shape {
	one := w.shapeOf(t)
	if t.Batch == nil {
		return one
	}
	return value.Shape{Kind: "object", Fields: map[string]value.Shape{"events": {Kind: "list", Item: &one}}}
}

func (w *walk) shapeOf(t *scenario.Trigger) value.Shape {
	text, object := value.Shape{Kind: "text"}, value.Shape{Kind: "object"}
	switch t.Uses {
	case "webhook":
		return value.Shape{Kind: "object", Fields: map[string]value.Shape{"method": text, "path": text, "query": object, "headers": object, "body": {}}}
	case "form":
		form, _ := scenario.ReadForm(t.With) // what is wrong with it is said where its options are checked
		return form.Shape()
	case "email":
		list := value.Shape{Kind: "list"}
		return value.Shape{Kind: "object", Fields: map[string]value.Shape{"from": text, "from_name": text, "to": list, "cc": list, "reply_to": list, "recipient": text, "subject": text, "date": {}, "text": text, "html": text,
			"headers": object, "attachments": list, "message_id": text, "in_reply_to": text, "envelope_from": text, "incomplete": {}}}
	case "schedule":
		return value.Shape{Kind: "object", Fields: map[string]value.Shape{"scheduled_at": text, "local": text, "timezone": text, "backfill": {}}}
	}
	if spec := w.checker.catalogue.Trigger(t.Uses); spec != nil {
		return spec.Output
	}
	return value.Shape{}
}

// actions are the names of all the actions there are.
func actionsOf(app *actions.Connector) (names []string) {
	for _, a := range app.Actions {
		names = append(names, a.ID)
	}
	return names
}

// triggers are the names of all the connectors' triggers.
func (c *Checker) triggers() (names []string) {
	for app := range c.catalogue.All() {
		for _, t := range app.Triggers {
			names = append(names, app.ID+"."+t.ID)
		}
	}
	return names
}
