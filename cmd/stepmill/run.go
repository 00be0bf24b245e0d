package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/actions/outbound"
	"github.com/stepmill/stepmill/engine"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/machine"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers"
	"github.com/stepmill/stepmill/triggers/webhook"
)

// egress are the flags of everything that calls out.
type egress struct {
	EgressAllow []string `placeholder:"RANGE" help:"Private address ranges that outgoing requests may reach, as 127.0.0.0/8. None by default."`
	EgressPorts []string `placeholder:"PORT" help:"The ports that outgoing requests may go to, as 80,443. Every one by default."`
	EgressProxy string   `placeholder:"URL" help:"A proxy for outgoing requests."`
	CAFile      string   `name:"ca-file" placeholder:"FILE" help:"Certificates (PEM) to trust beside the system's."`
}

// client makes the one client for outgoing requests.
func (e egress) client(cfg outbound.Config) (*outbound.Client, error) {
	var err error
	if cfg.Allow, err = ranges("--egress-allow", e.EgressAllow); err != nil {
		return nil, err
	}
	for _, text := range e.EgressPorts {
		if n, err := strconv.ParseUint(text, 10, 16); err != nil || n == 0 || text != strconv.FormatUint(n, 10) {
			return nil, usageError{fmt.Sprintf("--egress-ports: %q is not a port; write them as 80,443", text)}
		}
	}
	cfg.Ports = e.EgressPorts
	if e.EgressProxy != "" {
		u, err := url.Parse(e.EgressProxy)
		if err != nil || u.Host == "" {
			return nil, usageError{fmt.Sprintf("--egress-proxy: %q is not a URL", e.EgressProxy)}
		}
		cfg.Proxy = u
	}
	if e.CAFile != "" {
		pem, err := os.ReadFile(e.CAFile)
		if err != nil {
			return nil, fault.Wrap(err, fault.NotFound, "The file of --ca-file cannot be read.")
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, usageError{"--ca-file: the file holds no certificate in PEM form"}
		}
		cfg.RootCAs = pool
	}
	cfg.Connectors, cfg.Version, cfg.Now = connectors.Catalogue, version, time.Now
	return outbound.New(cfg), nil
}

type runCmd struct {
	egress
	File        string            `arg:"" help:"The scenario file."`
	Event       string            `placeholder:"FILE" help:"The event, a JSON file; - is standard input."`
	Var         map[string]string `placeholder:"K=V" help:"A shared variable."`
	Connections string            `placeholder:"FILE" help:"A JSON list of connections, as POST /api/v1/connections takes them; one that signs in over a browser has an access_token among its values."`
	Sandbox     bool              `help:"No call leaves: each one is recorded and printed."`
	SkipWaits   bool              `help:"Waits end at once."`
	Signal      string            `placeholder:"FILE" help:"What answers event and approval waits, a JSON value or a list of them in order: an object with decision (approved or rejected) decides, anything else is an event. - is standard input."`
	JSON        bool              `help:"Print one JSON object a line."`
}

// Run carries a scenario file out in this process.
func (c *runCmd) Run(ctx context.Context, std streams) error {
	text, err := readFile(c.File, scenario.MaxBytes, nil)
	if err != nil {
		return unreadable(err, "file", c.File)
	}
	doc, problems, err := scenario.Decode(text)
	if err != nil {
		return c.tell(std, fault.ProblemsOf(err))
	}
	problems, facts := examine(doc, problems, nil)
	if len(fault.Faults(problems)) > 0 {
		return c.tell(std, fault.Faults(problems))
	}
	trigger, err := c.event(std, doc)
	if err != nil {
		return err
	}
	replies, err := c.replies(std)
	if err != nil {
		return err
	}
	show := newShow(std.out, c.JSON)
	now := time.Now().UTC()
	if wanted, err := c.wanted(doc, facts, trigger, now, show); err != nil || !wanted {
		return err
	}
	book, err := readConnections(c.Connections)
	if err != nil {
		return err
	}
	book.any = c.Sandbox
	files := &runFiles{}
	defer files.Close()
	out, err := c.client(outbound.Config{Connections: book, Tokens: book, Outbox: show, Sandbox: c.Sandbox, Files: files, Data: files})
	if err != nil {
		return err
	}
	defer out.Close()
	if err := book.check(c.Connections, out.CheckValues); err != nil {
		return err
	}
	program, problems := machine.Compile(doc.Scenario, facts)
	if len(problems) > 0 {
		return c.tell(std, problems)
	}
	id, slug := engine.NewID(), scenario.Slug(doc.Name)
	here := &engine.Here{
		Machine: machine.New(program, machine.Input{Run: id, Number: 1, Scenario: slug, Version: 0, Trigger: triggerID(doc), Value: trigger}),
		Invoker: out, Workspace: run.DefaultWorkspace, Now: time.Now, SkipWaits: c.SkipWaits, Show: show.of(id, slug, doc, false), Vars: vars(c.Var),
		Replies: replies, Load: c.load,
		ShowOf: func(child *run.Child) func(run.Entry) {
			doc, err := c.decode(child.Scenario)
			if err != nil {
				doc = &scenario.Document{}
			}
			return show.of(child.ID, child.Scenario, doc, true)
		},
	}
	switch here.Run(ctx) {
	case run.Succeeded:
		return nil
	case run.Waiting:
		return fault.New(fault.NotFound, "Nothing here answers what the run waits for. Give it an answer with --signal FILE, one for each wait in order; one that has a timeout ends by it with --skip-waits.")
	}
	return quiet{}
}

// load gives a scenario that is called: the file of its name beside this one.
func (c *runCmd) load(slug string) (*machine.Program, error) {
	doc, err := c.decode(slug)
	if err != nil {
		return nil, err
	}
	problems, facts := examine(doc, nil, nil)
	if len(fault.Faults(problems)) == 0 {
		var program *machine.Program
		if program, problems = machine.Compile(doc.Scenario, facts); len(problems) == 0 {
			return program, nil
		}
	}
	return nil, c.broken(slug, problems)
}

func (c *runCmd) decode(slug string) (*scenario.Document, error) {
	file := filepath.Join(filepath.Dir(c.File), slug+".json")
	text, err := readFile(file, scenario.MaxBytes, nil)
	if err != nil {
		return nil, fault.Wrap(err, fault.NotFound, "The called scenario is looked for in %s, which cannot be read.", file)
	}
	doc, problems, err := scenario.Decode(text)
	if err == nil && len(fault.Faults(problems)) > 0 {
		err = c.broken(slug, problems)
	}
	return doc, err
}

func (c *runCmd) broken(slug string, problems []fault.Problem) error {
	first := fault.Faults(problems)[0]
	return fault.New(fault.InvalidInput, "The called scenario %s.json cannot be run: line %d: %s", slug, first.Line, first.Message)
}

// replies reads what answers waits.
func (c *runCmd) replies(std streams) (*engine.Replies, error) {
	if c.Signal == "" {
		return nil, nil
	}
	v, err := readValue(std, c.Signal, "signal")
	if err != nil {
		return nil, err
	}
	list, many := v.([]any)
	if !many {
		list = []any{v}
	}
	out := make([]engine.Reply, len(list))
	for i, one := range list {
		object, _ := one.(map[string]any)
		if decision, ok := object["decision"]; ok {
			if out[i], err = decided(object, decision); err != nil {
				return nil, err
			}
			continue
		}
		event := triggers.AsEvent("webhook", one).(map[string]any)
		delete(event, "path")
		if event["at"] == nil {
			event["at"] = time.Now().UTC().Format(run.TimeFormat)
		}
		out[i].Event = event
	}
	return engine.NewReplies(out), nil
}

func decided(object map[string]any, decision any) (engine.Reply, error) {
	if decision != "approved" && decision != "rejected" {
		return engine.Reply{}, fault.New(fault.InvalidInput, "The signal's decision is %s; it must be \"approved\" or \"rejected\".", fault.Clip(value.Text(decision), 60))
	}
	r := engine.Reply{Verdict: &machine.Verdict{Approved: decision == "approved"}}
	r.Path, _ = object["path"].(string)
	r.Verdict.By, _ = object["by"].(string)
	r.Verdict.Comment, _ = object["comment"].(string)
	r.Verdict.Form, _ = object["form"].(map[string]any)
	return r, nil
}

// readValue reads a JSON file, or standard input where it is called -.
func readValue(std streams, file, what string) (any, error) {
	text, err := readFile(file, webhook.MaxBody, std.in)
	if err != nil {
		return nil, unreadable(err, what, file)
	}
	if !utf8.Valid(text) {
		return nil, fault.New(fault.InvalidInput, "The %s %s is not UTF-8, which JSON is; a trigger URL would refuse it.", what, file)
	}
	v, err := value.Decode(text, value.Limits{})
	if err != nil {
		return nil, fault.New(fault.InvalidInput, "The %s %s: %s", what, file, fault.MessageOf(err))
	}
	return v, nil
}

func (c *runCmd) tell(std streams, problems []fault.Problem) error {
	for _, p := range problems {
		fmt.Fprintf(std.err, "%s:%d:%d: %s\n", c.File, p.Line, p.Column, p.Message)
	}
	return quiet{}
}

func vars(in map[string]string) map[string]any {
	out := make(map[string]any, len(in))
	for name, text := range in {
		out[name] = text
	}
	return out
}

func triggerID(doc *scenario.Document) string {
	if all := doc.AllTriggers(); len(all) > 0 {
		return all[0].Key()
	}
	return "trigger"
}

// event reads the event. For a webhook an object without a body is the body.
func (c *runCmd) event(std streams, doc *scenario.Document) (any, error) {
	uses := ""
	if all := doc.AllTriggers(); len(all) > 0 {
		uses = all[0].Uses
	}
	var v any
	switch c.Event {
	case "":
		if all := doc.AllTriggers(); len(all) > 0 && all[0].Sample.Given {
			v = all[0].Sample.V
		} else {
			v = map[string]any{}
		}
	default:
		var err error
		if v, err = readValue(std, c.Event, "event"); err != nil {
			return nil, err
		}
	}
	return triggers.AsEvent(uses, v), nil
}

// wanted asks the first trigger's topics and if.
func (c *runCmd) wanted(doc *scenario.Document, facts run.Facts, event any, now time.Time, show *show) (bool, error) {
	if len(doc.AllTriggers()) == 0 {
		return true, nil
	}
	data, err := json.Marshal(facts)
	if err != nil {
		return false, err
	}
	t, err := triggers.Compile(scenario.StoredTrigger{ID: triggerID(doc), Scenario: scenario.Slug(doc.Name)},
		scenario.Version{Definition: doc.Text, Facts: data}, connectors.Catalogue)
	if err != nil {
		return false, err
	}
	ok, why, err := t.Wants(event, now)
	if err != nil {
		return false, err
	}
	if !ok {
		show.filtered(now, why)
	}
	return ok, nil
}

// ranges reads the address ranges of a flag, of which a single address is one.
func ranges(flag string, texts []string) (out []netip.Prefix, err error) {
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if one, failed := netip.ParseAddr(text); failed == nil {
			prefix, err = netip.PrefixFrom(one, one.BitLen()), nil
		}
		if err != nil {
			return nil, usageError{fmt.Sprintf("%s: %q is not an address range; write it as 10.1.0.0/16", flag, text)}
		}
		out = append(out, prefix)
	}
	return out, nil
}
