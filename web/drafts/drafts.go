// Package drafts saves what people write and publishes it, for the API and the screens alike: one meaning of "saved" and
// of "published". How a document is checked and kept is told to it.
package drafts

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tidwall/sjson"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// Store keeps scenarios.
type Store interface {
	Scenario(ctx context.Context, a run.Actor, ref string) (scenario.Stored, error)
	CreateScenario(ctx context.Context, a run.Actor, s scenario.Stored) (scenario.Stored, error)
	Scenarios(ctx context.Context, a run.Actor) ([]scenario.Stored, error)
	NoteProblems(ctx context.Context, a run.Actor, id string, revision int64, problems []fault.Problem) error
	SaveDraft(ctx context.Context, a run.Actor, s scenario.Stored, ifRevision int64) (scenario.Stored, error)
	Publish(ctx context.Context, a run.Actor, id string, r scenario.Release) (scenario.Stored, error)
	SetPaused(ctx context.Context, a run.Actor, id string, paused bool) (scenario.Stored, error)
	DeleteScenario(ctx context.Context, a run.Actor, id string) error
	Version(ctx context.Context, a run.Actor, id string, n int) (scenario.Version, error)
	// Heirs says which triggers take over the URLs of which live ones, both by id, if a scenario is published with these.
	Heirs(ctx context.Context, a run.Actor, id string, next []scenario.StoredTrigger) (map[string]string, error)
}

// Service saves and publishes.
type Service struct {
	Store Store
	// Check finds every problem in order, those that decoding said among them, and the facts of the actions used.
	// The slug is that of the scenario; "": not known yet.
	Check func(ctx context.Context, a run.Actor, slug string, doc *scenario.Document, said []fault.Problem) ([]fault.Problem, run.Facts, error)
	// Changed is told that a scenario was published, switched or deleted.
	Changed func(ctx context.Context, scenarioID string)
	// Address says where a trigger's events come in: a URL, or a mail address; both empty: nowhere. Nil: no trigger has any.
	Address func(t *scenario.Trigger, key string) (url, mail string)
}

// Examine decodes a document and finds every problem. The error is for what is no document of this format.
func (s *Service) Examine(ctx context.Context, a run.Actor, slug string, definition []byte) (*scenario.Document, []fault.Problem, run.Facts, error) {
	doc, problems, err := scenario.Decode(definition)
	if err != nil {
		return nil, nil, nil, err
	}
	problems, facts, err := s.Check(ctx, a, slug, doc, problems)
	return doc, problems, facts, err
}

// Problems finds what is wrong with a definition of a scenario, by its slug or id; "": it is none's yet. Of one that is no document,
// that.
func (s *Service) Problems(ctx context.Context, a run.Actor, ref string, definition []byte) ([]fault.Problem, error) {
	var have scenario.Stored
	if ref != "" {
		var err error
		if have, err = s.Store.Scenario(ctx, a, ref); err != nil {
			return nil, err
		}
	}
	return s.problems(ctx, a, have, definition)
}

func (s *Service) problems(ctx context.Context, a run.Actor, have scenario.Stored, definition []byte) ([]fault.Problem, error) {
	_, problems, err := s.examine(ctx, a, have, definition)
	if own := fault.ProblemsOf(err); own != nil {
		return own, nil
	}
	return problems, err
}

// examine is Examine for the draft of a scenario, with what publishing it means for the URLs that it has.
func (s *Service) examine(ctx context.Context, a run.Actor, have scenario.Stored, definition []byte) (*scenario.Document, []fault.Problem, error) {
	doc, problems, _, err := s.Examine(ctx, a, have.Slug, definition)
	if err != nil {
		return nil, nil, err
	}
	lost, err := s.lost(ctx, a, have, doc)
	if warnings := append(lost, s.off(doc)...); len(warnings) > 0 {
		problems = fault.InOrder(append(problems, warnings...))
	}
	return doc, problems, err
}

// draft is what is kept of a definition.
func (s *Service) draft(ctx context.Context, a run.Actor, have scenario.Stored, definition []byte) (scenario.Stored, error) {
	doc, problems, err := s.examine(ctx, a, have, definition)
	if err != nil {
		return scenario.Stored{}, err
	}
	out := scenario.Stored{Name: fault.Clip(doc.Name, scenario.MaxName), Draft: definition, Problems: problems} // a longer one is a problem
	if out.Name == "" {
		out.Name = "Untitled"
	}
	out.Triggers = rows(doc)
	return out, nil
}

// Create keeps a new draft. An empty slug is made from the name; a given one that is taken is a Conflict.
func (s *Service) Create(ctx context.Context, a run.Actor, slug string, definition []byte) (scenario.Stored, error) {
	in, err := s.draft(ctx, a, scenario.Stored{Slug: slug}, definition)
	if err != nil {
		return in, err
	}
	if slug != "" {
		if !value.IsSlug(slug) {
			return in, fault.Invalid("The slug is not right.", []fault.Problem{{Path: "/slug", Message: fmt.Sprintf("%q is no slug: at most 63 lower-case letters, digits, - and _.", fault.Clip(slug, 80))}})
		}
		if slug == value.NewPage {
			return in, fault.Invalid("The slug is not right.", []fault.Problem{{Path: "/slug", Message: `"new" is taken by the page that makes a scenario; choose another slug.`}})
		}
		in.Slug = slug
		return s.Store.CreateScenario(ctx, a, in)
	}
	made := scenario.Slug(in.Name)
	if made == value.NewPage {
		made = "new-scenario"
	}
	for n := 1; ; n++ {
		in.Slug = made
		if n > 1 {
			in.Slug = fmt.Sprintf("%s-%d", made, n)
		}
		out, err := s.Store.CreateScenario(ctx, a, in)
		if fault.CodeOf(err) != fault.Conflict || n == 1000 {
			return out, err
		}
	}
}

// Save replaces a draft. Where ifRevision is not zero and the draft has another, it is a Conflict. One that says what the draft says
// already changes nothing, so that it is no conflict for whoever has the page open elsewhere.
func (s *Service) Save(ctx context.Context, a run.Actor, ref string, definition []byte, ifRevision int64) (scenario.Stored, error) {
	have, err := s.Store.Scenario(ctx, a, ref)
	if err != nil {
		return have, err
	}
	in, err := s.draft(ctx, a, have, definition)
	if err != nil {
		return in, err
	}
	in.ID = have.ID
	if bytes.Equal(in.Draft, have.Draft) && (ifRevision == 0 || ifRevision == have.Revision) {
		have.Problems = in.Problems
		return have, nil
	}
	return s.Store.SaveDraft(ctx, a, in, ifRevision)
}

// maxSample is the largest event, in bytes, that may stand as a sample in a scenario.
const maxSample = 64 << 10

// UseSample puts an event into a draft as the sample of one of its triggers, and leaves the rest of its text as it is.
func (s *Service) UseSample(ctx context.Context, a run.Actor, ref, trigger string, sample json.RawMessage) (scenario.Stored, error) {
	have, err := s.Store.Scenario(ctx, a, ref)
	if err != nil {
		return have, err
	}
	if len(sample) > maxSample {
		return have, fault.New(fault.TooLarge, "The event has %d KB; at most %d KB may stand as a sample.", len(sample)>>10, maxSample>>10)
	}
	doc, problems, err := scenario.Decode(have.Draft)
	if err == nil && len(fault.Faults(problems)) > 0 {
		err = fault.New(fault.Conflict, "The draft has problems; mend these first.")
	}
	if err != nil {
		return have, err
	}
	for i, t := range doc.AllTriggers() {
		if t.Key() != trigger {
			continue
		}
		path := strings.ReplaceAll(strings.TrimPrefix(doc.TriggerPath(i), "/"), "/", ".") + ".sample"
		text, err := sjson.SetRawBytes(have.Draft, path, sample)
		if err != nil {
			return have, err
		}
		return s.Save(ctx, a, ref, text, have.Revision)
	}
	return have, fault.New(fault.NotFound, "The draft has no trigger %q.", fault.Clip(trigger, 60))
}

// Recheck finds the problems anew of the drafts that name a slug: a connection or a secret of that name came or went.
func (s *Service) Recheck(ctx context.Context, a run.Actor, slug string) error {
	list, err := s.Store.Scenarios(ctx, a)
	if err != nil {
		return err
	}
	for _, have := range list {
		if !bytes.Contains(have.Draft, []byte(`"`+slug+`"`)) {
			continue
		}
		problems, err := s.problems(ctx, a, have, have.Draft)
		if err == nil {
			err = s.Store.NoteProblems(ctx, a, have.ID, have.Revision, problems)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Publish makes the draft a version and that version live. With faults in it the error carries them all. Where revision
// is not zero and the draft has another, it is a Conflict. A draft that is live already stays the version that it is.
func (s *Service) Publish(ctx context.Context, a run.Actor, ref, note string, revision int64) (scenario.Stored, error) {
	have, err := s.Store.Scenario(ctx, a, ref)
	if err != nil {
		return have, err
	}
	if revision != 0 && revision != have.Revision {
		return have, fault.New(fault.Conflict, "The draft was changed meanwhile: it has revision %d, not %d. Load it again.", have.Revision, revision)
	}
	doc, problems, facts, err := s.Examine(ctx, a, have.Slug, have.Draft)
	if err != nil {
		return have, err
	}
	if faults := fault.Faults(problems); len(faults) > 0 {
		return have, fault.Invalid(fmt.Sprintf("The scenario cannot be published: it has %d %s.", len(faults), plural(len(faults))), faults)
	}
	data, err := json.Marshal(facts)
	if err != nil {
		return have, err
	}
	if live, err := s.live(ctx, a, have); err != nil {
		return have, err
	} else if bytes.Equal(live.Definition, have.Draft) && bytes.Equal(live.Facts, data) {
		have.Unchanged = true
		return have, nil
	}
	lost, err := s.lost(ctx, a, have, doc)
	if err != nil {
		return have, err
	}
	r := scenario.Release{Definition: have.Draft, Facts: data, Triggers: doc.AllTriggers(), Note: fault.Clip(note, 500), Revision: have.Revision}
	if len(lost) > 0 { // once it is live they are warned of no more
		r.Problems = append([]fault.Problem{}, fault.InOrder(append(problems, s.off(doc)...))...)
	}
	out, err := s.Store.Publish(ctx, a, have.ID, r)
	if err != nil {
		return out, err
	}
	s.Changed(ctx, have.ID)
	if len(lost) > 0 { // but who published is told
		out.Problems = fault.InOrder(append(out.Problems, lost...))
	}
	return out, nil
}

// live gives the live version; zero: there is none.
func (s *Service) live(ctx context.Context, a run.Actor, have scenario.Stored) (scenario.Version, error) {
	if have.Version == 0 {
		return scenario.Version{}, nil
	}
	return s.Store.Version(ctx, a, have.ID, have.Version)
}

func plural(n int) string {
	if n == 1 {
		return "fault"
	}
	return "faults"
}

// SetPaused switches a published scenario off or on.
func (s *Service) SetPaused(ctx context.Context, a run.Actor, ref string, paused bool) (scenario.Stored, error) {
	have, err := s.Store.Scenario(ctx, a, ref)
	if err != nil {
		return have, err
	}
	out, err := s.Store.SetPaused(ctx, a, have.ID, paused)
	if err != nil {
		return out, err
	}
	s.Changed(ctx, have.ID)
	return out, nil
}

// Delete takes a scenario away; its runs stay.
// Where revision is not zero and the draft has another, it is a Conflict.
func (s *Service) Delete(ctx context.Context, a run.Actor, ref string, revision int64) error {
	have, err := s.Store.Scenario(ctx, a, ref)
	if err != nil {
		return err
	}
	if revision != 0 && revision != have.Revision {
		return fault.New(fault.Conflict, "The draft was changed meanwhile: it has revision %d, not %d. Look at it again.", have.Revision, revision)
	}
	if err := s.Store.DeleteScenario(ctx, a, have.ID); err != nil {
		return err
	}
	s.Changed(ctx, have.ID)
	return nil
}

// Restore makes an old version the draft again.
func (s *Service) Restore(ctx context.Context, a run.Actor, ref string, number int) (scenario.Stored, error) {
	have, err := s.Store.Scenario(ctx, a, ref)
	if err != nil {
		return have, err
	}
	v, err := s.Store.Version(ctx, a, have.ID, number)
	if err != nil {
		return have, err
	}
	return s.Save(ctx, a, have.ID, v.Definition, 0)
}
