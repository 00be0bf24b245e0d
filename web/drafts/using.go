package drafts

import (
	"context"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// UsesConnection says that a document's triggers or steps name a connection.
func UsesConnection(doc *scenario.Document, slug string) bool {
	return slices.Contains(doc.Connections(), slug)
}

// UsesSecret says that an option of a document's triggers names a secret.
func UsesSecret(doc *scenario.Document, slug string) bool {
	for _, t := range doc.AllTriggers() {
		if t != nil && holds(t.With, slug) {
			return true
		}
	}
	return false
}

func holds(v any, text string) bool {
	switch v := v.(type) {
	case string:
		return v == text
	case []any:
		for _, item := range v {
			if holds(item, text) {
				return true
			}
		}
	case map[string]any:
		for _, item := range v {
			if holds(item, text) {
				return true
			}
		}
	}
	return false
}

// Free is a Conflict that names the published scenarios whose version uses what is going to be deleted: their events could not be
// verified any more, and their steps would fail.
func (s *Service) Free(ctx context.Context, a run.Actor, slug string, uses func(*scenario.Document, string) bool) error {
	list, err := s.Store.Scenarios(ctx, a)
	if err != nil {
		return err
	}
	var by []string
	for _, have := range list {
		if have.Version == 0 {
			continue
		}
		definition := have.Draft
		if have.Dirty { // what runs is not what is being edited
			v, err := s.Store.Version(ctx, a, have.ID, have.Version)
			if err != nil {
				return err
			}
			definition = v.Definition
		}
		doc, _, err := scenario.Decode(definition)
		if err == nil && uses(doc, slug) {
			by = append(by, have.Slug)
		}
	}
	if len(by) == 0 {
		return nil
	}
	const most = 10
	names := strings.Join(by[:min(len(by), most)], ", ")
	if len(by) > most {
		names += ", …"
	}
	return fault.New(fault.Conflict, "%q is used by %d published %s: %s. Let them name another first, or delete it all the same with ?force=true.",
		slug, len(by), map[bool]string{true: "scenario", false: "scenarios"}[len(by) == 1], names)
}
