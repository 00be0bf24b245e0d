package storage

import (
	"context"
	"database/sql"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// keptTrigger is a trigger's row.
type keptTrigger struct {
	scenario.StoredTrigger
	stands int  // where, as inDraft and inLive say
	once   bool // it was live, so its URL is its own
}

// Heirs says which triggers, by id, would take over the URLs of which others that are live, if a scenario were published with these: a
// trigger that was given another id is one that is gone and one of the same kind that is new.
func (s *Store) Heirs(ctx context.Context, actor run.Actor, scenarioID string, next []scenario.StoredTrigger) (map[string]string, error) {
	rows, err := s.triggers(ctx, s.cfg.Read, ` WHERE t.workspace = $1 AND t.scenario_id = $2`, actor.Workspace, scenarioID)
	return heirs(rows, inLive, next), s.failed(err)
}

// heirs is which of the next triggers of a place takes over which one's row that is gone from it, both by id: where one of a kind is
// gone and one is new. One whose URL was known as its own before keeps that.
func heirs(rows []keptTrigger, where int, next []scenario.StoredTrigger) map[string]string {
	had, stays := map[string]keptTrigger{}, map[string]bool{}
	for _, t := range rows {
		had[t.ID] = t
	}
	gone, come := map[string][]string{}, map[string][]string{} // by kind
	for _, t := range next {
		stays[t.ID] = true
		switch row, has := had[t.ID]; {
		case row.stands&where != 0 || row.once || has && where == inDraft:
		default:
			come[t.Uses] = append(come[t.Uses], t.ID)
		}
	}
	for _, t := range rows {
		if !stays[t.ID] && (where == inLive && t.stands&inLive != 0 || t.stands == where && !t.once) {
			gone[t.Uses] = append(gone[t.Uses], t.ID)
		}
	}
	out := map[string]string{}
	for uses, list := range come {
		if len(list) == 1 && len(gone[uses]) == 1 {
			out[list[0]] = gone[uses][0]
		}
	}
	return out
}

// shown are the triggers that a draft or a live version has, those of the draft with the URLs that they will have once it is published.
func shown(rows []keptTrigger) []scenario.StoredTrigger {
	var draft, out []scenario.StoredTrigger
	keys := map[string]string{}
	for _, t := range rows {
		if keys[t.ID] = t.Key; t.stands&inDraft != 0 {
			draft = append(draft, t.StoredTrigger)
		}
		out = append(out, t.StoredTrigger)
	}
	if len(rows) == 0 || rows[0].Version == 0 {
		return out
	}
	of := heirs(rows, inLive, draft)
	for i, t := range out {
		if old, ok := of[t.ID]; ok {
			out[i].Key = keys[old]
		}
	}
	return out
}

// inherit gives the rows of triggers that were given another id that id, and with a row what belongs to it: events that wait, those
// that are known, how far it has come, and what its vendor was asked for.
func (s *Store) inherit(ctx context.Context, tx *sql.Tx, actor run.Actor, in scenario.Stored, where int) error {
	rows, err := s.triggers(ctx, tx, ` WHERE t.workspace = $1 AND t.scenario_id = $2`, actor.Workspace, in.ID)
	if err != nil {
		return err
	}
	had := map[string]keptTrigger{}
	for _, t := range rows {
		had[t.ID] = t
	}
	for id, old := range heirs(rows, where, in.Triggers) {
		if _, err := tx.ExecContext(ctx, `DELETE FROM triggers WHERE workspace = $1 AND scenario_id = $2 AND id = $3`, actor.Workspace, in.ID, id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE triggers SET id = $1, stands = $2 WHERE workspace = $3 AND scenario_id = $4 AND id = $5`, id, had[id].stands|where, actor.Workspace, in.ID, old); err != nil {
			return err
		}
		if where != inLive {
			continue
		}
		for _, text := range []string{
			`UPDATE events SET trigger_id = $1 WHERE workspace = $2 AND scenario_id = $3 AND trigger_id = $4 AND outcome = 'queued'`,
			`UPDATE runs SET trigger_id = $1 WHERE workspace = $2 AND scenario_id = $3 AND trigger_id = $4 AND ended_at IS NULL`,
			`UPDATE dedupe SET trigger_id = $1 WHERE workspace = $2 AND scenario_id = $3 AND trigger_id = $4
				AND NOT EXISTS (SELECT 1 FROM dedupe d WHERE d.workspace = $2 AND d.scenario_id = $3 AND d.trigger_id = $1 AND d.key = dedupe.key)`,
			`DELETE FROM cursors WHERE trigger_id = $1 AND workspace = $2 AND scenario_id = $3 AND trigger_id <> $4`,
			`UPDATE cursors SET trigger_id = $1 WHERE workspace = $2 AND scenario_id = $3 AND trigger_id = $4`,
			`UPDATE subscriptions SET trigger_id = $1 WHERE workspace = $2 AND scenario_id = $3 AND trigger_id = $4`,
		} {
			if _, err := tx.ExecContext(ctx, text, id, actor.Workspace, in.ID, old); err != nil {
				return err
			}
		}
	}
	return nil
}
