package machine

import (
	"fmt"
	"time"

	"github.com/stepmill/stepmill/engine/expr"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// Compile makes a program. The problems are expressions that do not compile; with any there is no program. Facts say what the actions do; an action without one is taken to act once.
func Compile(s *scenario.Scenario, facts run.Facts) (*Program, []fault.Problem) {
	c := compiler{facts: facts}
	zone, err := scenario.Zone(s.Timezone)
	if err != nil {
		c.problem("/timezone", "%q is not a time zone.", s.Timezone)
	}
	p := &Program{scenario: s, zone: zone}
	if s.Settings != nil {
		c.settings(p, s.Settings)
	}
	for i, t := range s.AllTriggers() {
		p.flows = append(p.flows, c.flow(t, s.TriggerPath(i)))
	}
	if s.OnFailure != nil {
		p.onFailure = s.OnFailure.Scenario
	}
	p.steps = c.list(s.Steps, "/steps")
	p.masks, p.readsRun = c.masks, c.reads
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	return p, nil
}

func (c *compiler) flow(t *scenario.Trigger, path string) flow {
	f := flow{trigger: t.Key(), limit: t.Concurrency, first: t.Priority, entry: c.entry(t, path)}
	if t.Throttle != "" {
		var err error
		if f.pace.Most, f.pace.Window, err = scenario.ParseRate(t.Throttle, scenario.MaxThrottle); err != nil {
			c.problem(path+"/throttle", "%s", fault.MessageOf(err))
		}
	}
	if t.Uses == "schedule" { // what becomes of the next while one has not ended is its overlap's to say
		f.line = "schedule"
	}
	switch {
	case t.OrderBy != "":
		f.key = c.template(t.OrderBy, path+"/order_by")
	case t.Uses == "form" && t.With["mode"] == "chat" && t.Batch == nil: // what somebody writes is answered in the order they write it
		f.key = c.template("{{ trigger.conversation }}", path+"/order_by")
	}
	return f
}

type compiler struct {
	facts    run.Facts
	problems []fault.Problem
	masks    map[string][]value.Pattern // by the step's id
	parks    int                        // how many steps around the one at hand park when they fail
	undos    int                        // how many steps so far can be taken back
	reads    bool                       // an expression reads what stands about the run
}

func (c *compiler) problem(path, format string, args ...any) {
	c.problems = append(c.problems, fault.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

func (c *compiler) settings(p *Program, s *scenario.Settings) {
	p.keep = s.Keep
	p.timeout = c.duration(s.Timeout, "/settings/timeout")
	if s.Label != "" {
		p.label = c.template(s.Label, "/settings/label")
	}
}

func (c *compiler) list(steps []*scenario.Step, path string) []*step {
	out := make([]*step, 0, len(steps))
	for i, s := range steps {
		out = append(out, c.step(s, fmt.Sprintf("%s/%d", path, i)))
	}
	return out
}

func (c *compiler) step(s *scenario.Step, path string) *step {
	out := &step{id: s.ID, kind: s.Kind(), title: s.Title(), off: s.Disabled}
	out.cond = c.condition(s.If, path+"/if")
	out.timeout = c.duration(s.Timeout, path+"/timeout")
	c.mask(s)
	if s.Undo != nil {
		c.undos++
		out.undo = c.step(s.Undo, path+"/undo")
	}
	undos := c.undos
	parks := s.OnError != nil && s.OnError.Do == "park"
	if parks {
		c.parks++
	}
	switch {
	case s.Router != nil:
		c.router(out, s.Router, path+"/router")
	case s.Parallel != nil:
		out.together = true
		c.branches(out, s.Parallel.Branches, path+"/parallel")
	case s.Group != nil:
		out.body = c.list(s.Group.Steps, path+"/group/steps")
	case s.ForEach != nil:
		c.forEach(out, s.ForEach, path+"/for_each")
	case s.Repeat != nil:
		c.repeat(out, s.Repeat, path+"/repeat")
	case s.Wait != nil:
		c.wait(out, s.Wait, path+"/wait")
	case s.Stop != nil:
		out.stopAs = s.Stop.As
		out.message = c.template(s.Stop.Message, path+"/stop/message")
	case s.Call != nil:
		out.call = &call{scenario: s.Call.Scenario, async: s.Call.Async}
		out.with = c.inputs(s.With, path)
		out.retry = c.retry(s.Retry, path+"/retry")
	case s.Uses != "":
		c.uses(out, s, path)
	}
	out.kept = c.parks > 0 && (s.Uses != "" || s.Call != nil || s.Wait != nil)
	if parks {
		c.parks--
	}
	if s.OnError != nil {
		out.onError = c.onError(s.OnError, path+"/on_error")
	}
	out.undoes = c.undos > undos
	if s.Each != nil {
		out = c.each(out, s.Each, path+"/each")
	}
	return out
}

// mask takes in the paths that a step masks. Of a loop they are those of each item, and of the list that it gives.
func (c *compiler) mask(s *scenario.Step) {
	for _, text := range s.Mask {
		p, err := value.ParsePattern(text)
		if err != nil { // linting says so
			continue
		}
		c.hide(s, p)
	}
}

func (c *compiler) hide(s *scenario.Step, p value.Pattern) {
	if c.masks == nil {
		c.masks = map[string][]value.Pattern{}
	}
	c.masks[s.ID] = append(c.masks[s.ID], p)
	if s.Each != nil || s.ForEach != nil {
		c.masks[s.ID] = append(c.masks[s.ID], p.Each())
	}
}

// credentials masks the headers and parameters of a request that carry them, a URL that does, and inputs that are secret.
func (c *compiler) credentials(s *scenario.Step, fact run.Fact) {
	for _, input := range fact.Secrets {
		if s.With[input] != nil {
			c.hide(s, value.Pattern{{Name: input}})
		}
	}
	c.members(s, fact.Headers, run.Credential)
	c.members(s, fact.Params, run.CredentialParam)
	if text, ok := s.With[fact.URL].(string); ok {
		if name, _ := run.CredentialIn(text); name != "" {
			c.hide(s, value.Pattern{{Name: fact.URL}})
		}
	}
}

// mirror masks in the input that an output is what is masked in the output.
func (c *compiler) mirror(s *scenario.Step, fact run.Fact) {
	if fact.Mirror == "" {
		return
	}
	for _, text := range s.Mask {
		if p, err := value.ParsePattern(text); err == nil {
			c.hide(s, append(value.Pattern{{Name: fact.Mirror}}, p...))
		}
	}
}

func (c *compiler) members(s *scenario.Step, input string, credential func(name string) bool) {
	members, _ := s.With[input].(map[string]any)
	for name := range members {
		if credential(name) {
			c.hide(s, value.Pattern{{Name: input}, {Name: name}})
		}
	}
}

func (c *compiler) inputs(with map[string]any, path string) *expr.Template {
	if with == nil {
		with = map[string]any{}
	}
	return c.template(with, path+"/with")
}

func (c *compiler) uses(out *step, s *scenario.Step, path string) {
	out.action, out.conn = s.Uses, s.Connection
	out.with = c.inputs(s.With, path)
	out.fact = c.facts[s.Uses]
	out.fact.Effect = out.fact.EffectOf(s.With, s.Delivery)
	c.credentials(s, out.fact)
	c.mirror(s, out.fact)
	if out.timeout == 0 {
		out.timeout = out.fact.Timeout
	}
	if out.timeout == 0 {
		out.timeout = defaultTimeout
	}
	out.retry = c.retry(s.Retry, path+"/retry")
}

// each wraps a step into the loop over it. `if` and `on_error` are the whole step's, the rest is the item's.
func (c *compiler) each(inner *step, e *scenario.Each, path string) *step {
	out := &step{id: inner.id, kind: "each", title: inner.title, off: inner.off, cond: inner.cond, onError: inner.onError}
	out.undoes = inner.undo != nil || inner.undoes
	inner.off, inner.cond, inner.onError, inner.flat = false, nil, nil, true
	out.loop = &loop{items: c.template(e.Items, path), as: e.As, concurrency: e.Concurrency, skip: e.OnItemError == "skip", body: []*step{inner}}
	return out
}

func (c *compiler) forEach(out *step, f *scenario.ForEach, path string) {
	out.loop = &loop{items: c.template(f.Items, path+"/items"), as: f.As, batch: f.Batch, concurrency: f.Concurrency, skip: f.OnItemError == "skip",
		body: c.list(f.Steps, path+"/steps")}
	if f.Collect.Given {
		out.loop.collect = c.template(f.Collect.V, path+"/collect")
	}
}

const defaultRounds = 100

func (c *compiler) repeat(out *step, r *scenario.Repeat, path string) {
	out.repeat = &repeat{while: c.condition(r.While, path+"/while"), until: c.condition(r.Until, path+"/until"), most: r.Max, every: c.duration(r.Every, path+"/every")}
	if r.Max == 0 {
		out.repeat.most = defaultRounds
	}
	undos := c.undos
	out.body = c.list(r.Steps, path+"/steps")
	out.repeat.ids = idsOf(out.body)
	out.repeat.whole = c.undos > undos || c.parks > 0
}

func (c *compiler) retry(r *scenario.Retry, path string) retry {
	out := retry{attempts: defaultAttempts, initial: defaultInitial, factor: defaultFactor, max: defaultMax, on: retryClasses(), patient: true}
	if r == nil {
		return out
	}
	if r.Attempts != 0 {
		out.attempts, out.patient = r.Attempts, false
	}
	if r.Initial != "" {
		out.initial = c.duration(r.Initial, path+"/initial")
	}
	if r.Factor != 0 {
		out.factor = r.Factor
	}
	if r.Max != "" {
		out.max = c.duration(r.Max, path+"/max")
	}
	if r.On != nil {
		out.on = r.On
	}
	return out
}

func (c *compiler) router(out *step, r *scenario.Router, path string) {
	out.all, out.together = r.Mode == "all", r.Parallel
	c.branches(out, r.Branches, path)
}

func (c *compiler) branches(out *step, list []*scenario.Branch, path string) {
	for i, b := range list {
		at := fmt.Sprintf("%s/branches/%d", path, i)
		made := &branch{id: b.ID, cond: c.condition(b.If, at+"/if"), steps: c.list(b.Steps, at+"/steps")}
		if b.OnError != nil {
			made.onError = c.onError(b.OnError, at+"/on_error")
			made.ids = idsOf(made.onError.steps)
		}
		made.ids = append(made.ids, idsOf(made.steps)...)
		out.branch = append(out.branch, made)
	}
}

// idsOf lists the steps of a list, and those inside them that are seen after it.
func idsOf(list []*step) []string {
	var out []string
	for _, s := range list {
		out = append(out, s.id)
		out = append(out, idsOf(s.body)...)
		for _, b := range s.branch {
			out = append(out, b.ids...)
		}
		if s.onError != nil {
			out = append(out, idsOf(s.onError.steps)...)
		}
	}
	return out
}

func (c *compiler) wait(out *step, w *scenario.Wait, path string) {
	switch {
	case w.For != "":
		out.wait = &wait{at: c.template(w.For, path+"/for")}
	case w.Until != "":
		out.wait = &wait{at: c.template(w.Until, path+"/until"), until: true}
	case w.Event != nil:
		out.wait = &wait{event: true, match: c.condition(w.Event.Match, path+"/event/match"), limit: c.duration(w.Event.Timeout, path+"/event/timeout")}
	case w.Approval != nil:
		to := make([]any, len(w.Approval.To))
		for i, one := range w.Approval.To {
			to[i] = one
		}
		ask := map[string]any{"to": to, "message": w.Approval.Message}
		if w.Approval.Form != nil {
			ask["form"] = w.Approval.Form
		}
		out.wait = &wait{ask: c.template(ask, path+"/approval"), limit: c.duration(w.Approval.Timeout, path+"/approval/timeout")}
	}
}

func (c *compiler) onError(e *scenario.OnError, path string) *handler {
	out := &handler{do: e.Do, stop: e.Then == "stop"}
	switch e.Do {
	case "resume":
		out.output = c.template(e.Output.V, path+"/output")
	case "handle":
		out.steps = c.list(e.Steps, path+"/steps")
	}
	return out
}

func (c *compiler) condition(src, path string) *expr.Condition {
	if src == "" {
		return nil
	}
	out, err := expr.CompileCondition(src)
	if err != nil {
		c.failed(err, path)
		return nil
	}
	c.reads = c.reads || out.Reads(runRoot)
	return out
}

func (c *compiler) template(v any, path string) *expr.Template {
	out, err := expr.CompileTemplate(v)
	if err != nil {
		c.failed(err, path)
		return nil
	}
	c.reads = c.reads || out.Reads(runRoot)
	return out
}

// failed takes over the problems of an expression, whose paths begin where the expression's value does.
func (c *compiler) failed(err error, path string) {
	inner := fault.ProblemsOf(err)
	for _, p := range inner {
		c.problem(path+p.Path, "%s", p.Message)
	}
	if len(inner) == 0 {
		c.problem(path, "%s", fault.MessageOf(err))
	}
}

func (c *compiler) duration(s, path string) time.Duration {
	if s == "" {
		return 0
	}
	d, err := scenario.ParseDuration(s)
	if err != nil {
		c.problem(path, "%s", fault.MessageOf(err))
	}
	return d
}
