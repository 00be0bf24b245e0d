package drafts

import (
	"context"
	"fmt"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// rows are the triggers of a document as they are kept, each id once.
func rows(doc *scenario.Document) (out []scenario.StoredTrigger) {
	seen := map[string]bool{}
	for _, t := range doc.AllTriggers() {
		if t == nil || seen[t.Key()] {
			continue
		}
		seen[t.Key()] = true
		out = append(out, scenario.StoredTrigger{ID: t.Key(), Uses: t.Uses})
	}
	return out
}

// at says where a trigger's events come in, and what that is called; "": nowhere.
func (s *Service) at(t *scenario.Trigger, key string) (address, name string) {
	if s.Address == nil || t == nil {
		return "", ""
	}
	url, mail := s.Address(t, key)
	if mail != "" {
		return mail, "address"
	}
	return url, "URL"
}

// lost warns of the live triggers whose URLs nobody answers any more once a draft is published.
func (s *Service) lost(ctx context.Context, a run.Actor, have scenario.Stored, doc *scenario.Document) (out []fault.Problem, err error) {
	if have.Version == 0 || s.Address == nil {
		return nil, nil
	}
	v, err := s.Store.Version(ctx, a, have.ID, have.Version)
	if err != nil {
		return nil, err
	}
	live, _, err := scenario.Decode(v.Definition)
	if err != nil {
		return nil, err
	}
	heirs, err := s.Store.Heirs(ctx, a, have.ID, rows(doc))
	if err != nil {
		return nil, err
	}
	next, path := map[string]*scenario.Trigger{}, map[string]string{} // by the id that each has in the live version
	for i, t := range doc.AllTriggers() {
		if t == nil {
			continue
		}
		id := t.Key()
		if old, ok := heirs[id]; ok {
			id = old
		}
		next[id], path[id] = t, doc.TriggerPath(i)
	}
	for _, t := range live.AllTriggers() {
		const key = "KEY" // which one it is does not matter: it stays
		was, name := s.at(t, key)
		is, _ := s.at(next[t.Key()], key)
		if was == "" || was == is {
			continue
		}
		p := fault.Problem{Path: "/triggers", Severity: fault.Warning, Message: fmt.Sprintf("The trigger %q is live, and not in this draft: once this is published, %s. Put it back, or give its sender another trigger's %s first.",
			t.Key(), answered("its "+name), name)}
		if doc.Trigger != nil {
			p.Path = "/trigger"
		}
		switch now := next[t.Key()]; {
		case now == nil:
		case now.Uses == t.Uses:
			p.Path, p.Message = path[t.Key()], fmt.Sprintf("The trigger %q has another %s here than it has live: once this is published, %s. Give its sender the new one.", t.Key(), name, answered("its old "+name))
		default:
			p.Path, p.Message = path[t.Key()], fmt.Sprintf("The trigger %q is live as %q, and %q here: once this is published, %s. Keep what it uses and add another trigger, or give its sender another %s first.",
				t.Key(), t.Uses, now.Uses, answered("its "+name), name)
		}
		out = append(out, p)
	}
	doc.Place(out)
	return out, nil
}

func answered(name string) string {
	if strings.HasSuffix(name, "address") {
		return "mail to " + name + " is refused"
	}
	return name + " is answered 404"
}

// off warns of triggers that take in events and start nothing.
func (s *Service) off(doc *scenario.Document) (out []fault.Problem) {
	for i, t := range doc.AllTriggers() {
		at, name := s.at(t, "KEY")
		if at == "" || !t.Disabled {
			continue
		}
		means := "what comes to its " + name + " stands in the inbox as filtered and starts nothing, until somebody replays it"
		if t.Uses == "form" {
			means = "its page says so and takes nothing"
		}
		out = append(out, fault.Problem{Path: doc.TriggerPath(i) + "/disabled", Severity: fault.Warning,
			Message: fmt.Sprintf("The trigger %q is switched off: %s. Take out \"disabled\" to switch it on.", t.Key(), means)})
	}
	doc.Place(out)
	return out
}
