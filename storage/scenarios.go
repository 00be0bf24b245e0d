package storage

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

const scenarioColumns = `s.id, s.workspace, s.slug, s.name, s.status, s.version, s.revision, s.dirty, s.draft, s.problems, s.created_at, s.updated_at`

func scanScenario(scan func(...any) error) (scenario.Stored, error) {
	var s scenario.Stored
	var status, draft, problems string
	var dirty int
	var created, updated int64
	err := scan(&s.ID, &s.Workspace, &s.Slug, &s.Name, &status, &s.Version, &s.Revision, &dirty, &draft, &problems, &created, &updated)
	if err != nil {
		return s, err
	}
	s.Status, s.Dirty, s.Draft = scenario.Status(status), dirty != 0, []byte(draft)
	s.CreatedAt, s.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return s, json.Unmarshal([]byte(problems), &s.Problems)
}

// Scenarios lists the workspace's scenarios by name.
func (s *Store) Scenarios(ctx context.Context, actor run.Actor) ([]scenario.Stored, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT `+scenarioColumns+` FROM scenarios s WHERE s.workspace = $1 AND s.deleted_at IS NULL ORDER BY s.name, s.id`, actor.Workspace)
	list, err := all(rows, err, func(rows *sql.Rows) (scenario.Stored, error) { return scanScenario(rows.Scan) })
	if err != nil {
		return nil, s.failed(err)
	}
	triggers, err := s.triggers(ctx, s.cfg.Read, ` WHERE t.workspace = $1`, actor.Workspace)
	of := map[string][]keptTrigger{}
	for _, t := range triggers {
		of[t.ScenarioID] = append(of[t.ScenarioID], t)
	}
	for i := range list {
		list[i].Triggers = shown(of[list[i].ID])
	}
	return list, s.failed(err)
}

// querier is what both a database and a transaction can do.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Scenario gives one scenario by its slug or id.
func (s *Store) Scenario(ctx context.Context, actor run.Actor, ref string) (scenario.Stored, error) {
	out, err := s.scenario(ctx, s.cfg.Read, actor, ref)
	return out, s.failed(err)
}

func (s *Store) scenario(ctx context.Context, q querier, actor run.Actor, ref string) (scenario.Stored, error) {
	out, err := scanScenario(q.QueryRowContext(ctx, `SELECT `+scenarioColumns+` FROM scenarios s WHERE s.workspace = $1 AND (s.slug = $2 OR s.id = $2) AND s.deleted_at IS NULL`, actor.Workspace, ref).Scan)
	if err == sql.ErrNoRows {
		return out, fault.New(fault.NotFound, "There is no scenario %q.", fault.Clip(ref, 60))
	}
	if err != nil {
		return out, err
	}
	rows, err := s.triggers(ctx, q, ` WHERE t.workspace = $1 AND t.scenario_id = $2 AND t.stands <> 0`, actor.Workspace, out.ID)
	out.Triggers = shown(rows)
	return out, err
}

const triggerSelect = `SELECT t.workspace, t.scenario_id, s.slug, t.id, t.uses, t.key, s.status, s.version, s.resumed_at, t.stands, t.cap IS NOT NULL
	FROM triggers t JOIN scenarios s ON s.workspace = t.workspace AND s.id = t.scenario_id AND s.deleted_at IS NULL`

func (s *Store) triggers(ctx context.Context, q querier, where string, args ...any) ([]keptTrigger, error) {
	rows, err := q.QueryContext(ctx, triggerSelect+where+` ORDER BY t.scenario_id, t.id`, args...)
	return all(rows, err, func(rows *sql.Rows) (keptTrigger, error) { return scanTrigger(rows.Scan) })
}

func scanTrigger(scan func(...any) error) (keptTrigger, error) {
	var t keptTrigger
	var status string
	var resumed sql.NullInt64
	err := scan(&t.Workspace, &t.ScenarioID, &t.Scenario, &t.ID, &t.Uses, &t.Key, &status, &t.Version, &resumed, &t.stands, &t.once)
	t.Status, t.ResumedAt = scenario.Status(status), moment(resumed)
	return t, err
}

// LiveTriggers gives the triggers of every published scenario of every workspace, paused ones too: their events are kept.
// With a scenario's id it gives only that one's. Their keys are secrets that no actor is shown; only the triggers of the
// process ask.
func (s *Store) LiveTriggers(ctx context.Context, scenarioID string) ([]scenario.StoredTrigger, error) {
	where, args := ` WHERE s.version > 0 AND t.stands >= 2`, []any(nil)
	if scenarioID != "" {
		where, args = ` WHERE s.id = $1 AND s.version > 0 AND t.stands >= 2`, []any{scenarioID}
	}
	rows, err := s.triggers(ctx, s.cfg.Read, where, args...)
	list := make([]scenario.StoredTrigger, len(rows))
	for i, t := range rows {
		list[i] = t.StoredTrigger
	}
	return list, s.failed(err)
}

// CreateScenario keeps a new draft and makes its triggers' keys. A slug that is taken is a Conflict.
func (s *Store) CreateScenario(ctx context.Context, actor run.Actor, in scenario.Stored) (scenario.Stored, error) {
	in.ID = newID()
	err := s.write(ctx, func(tx *sql.Tx) error {
		problems, err := problemText(in.Problems)
		if err != nil {
			return err
		}
		var taken int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM scenarios WHERE workspace = $1 AND slug = $2 AND deleted_at IS NULL`, actor.Workspace, in.Slug).Scan(&taken); err != nil {
			return err
		}
		if taken > 0 {
			return fault.New(fault.Conflict, "There is already a scenario %q; choose another slug.", in.Slug)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO scenarios (id, workspace, slug, name, status, version, revision, dirty, draft, problems, created_at, updated_at)
			VALUES ($1, $2, $3, $4, 'draft', 0, 1, 1, $5, $6, $7, $7)`, in.ID, actor.Workspace, in.Slug, in.Name, string(in.Draft), problems, s.now()); err != nil {
			return err
		}
		return s.keepTriggers(ctx, tx, actor, in, inDraft)
	})
	if err != nil {
		return scenario.Stored{}, err
	}
	return s.Scenario(ctx, actor, in.ID)
}

// SaveDraft replaces the draft. Where ifRevision is not zero and another revision is there, it is a Conflict.
func (s *Store) SaveDraft(ctx context.Context, actor run.Actor, in scenario.Stored, ifRevision int64) (scenario.Stored, error) {
	err := s.write(ctx, func(tx *sql.Tx) error {
		have, err := s.scenario(ctx, tx, actor, in.ID)
		if err != nil {
			return err
		}
		if ifRevision != 0 && have.Revision != ifRevision {
			return fault.New(fault.Conflict, "The draft was changed meanwhile: it has revision %d, yours was made from %d. Load it again.", have.Revision, ifRevision)
		}
		dirty := 1
		if live, err := s.version(ctx, tx, actor, have.ID, have.Version); err == nil && bytes.Equal(live.Definition, in.Draft) {
			dirty = 0
		}
		problems, err := problemText(in.Problems)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE scenarios SET name = $1, draft = $2, problems = $3, revision = revision + 1, dirty = $4, updated_at = $5 WHERE workspace = $6 AND id = $7`,
			in.Name, string(in.Draft), problems, dirty, s.now(), actor.Workspace, have.ID); err != nil {
			return err
		}
		return s.keepTriggers(ctx, tx, actor, in, inDraft)
	})
	if err != nil {
		return scenario.Stored{}, err
	}
	return s.Scenario(ctx, actor, in.ID)
}

// NoteProblems replaces what is known to be wrong with a draft, which stays as it is. Where it was changed meanwhile that knows
// better.
func (s *Store) NoteProblems(ctx context.Context, actor run.Actor, id string, revision int64, problems []fault.Problem) error {
	text, err := problemText(problems)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE scenarios SET problems = $1 WHERE workspace = $2 AND id = $3 AND revision = $4`, text, actor.Workspace, id, revision)
		return err
	})
}

func problemText(problems []fault.Problem) (string, error) {
	if problems == nil {
		problems = []fault.Problem{}
	}
	b, err := json.Marshal(problems)
	return string(b), err
}

// Where a trigger stands; zero: nowhere any more, and it is only kept.
const (
	inDraft = 1
	inLive  = 2
)

// keepTriggers gives each trigger of a draft or a version its key, which it keeps for good: one that is taken out and put back has
// its old URL, and so has one that is given another id. where says which of the two they stand in now, and no other does.
func (s *Store) keepTriggers(ctx context.Context, tx *sql.Tx, actor run.Actor, in scenario.Stored, where int) error {
	if err := s.inherit(ctx, tx, actor, in, where); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE triggers SET stands = stands - $1 WHERE workspace = $2 AND scenario_id = $3 AND stands IN ($1, 3)`, where, actor.Workspace, in.ID); err != nil {
		return err
	}
	for _, t := range in.Triggers {
		key, err := newKey()
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO triggers (workspace, scenario_id, id, uses, key, stands) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (workspace, scenario_id, id) DO UPDATE SET uses = excluded.uses, stands = triggers.stands + excluded.stands`, actor.Workspace, in.ID, t.ID, t.Uses, base64.RawURLEncoding.EncodeToString(key), where); err != nil {
			return err
		}
	}
	return nil
}

// newKey makes 256 random bits.
func newKey() ([]byte, error) {
	key := make([]byte, 32)
	_, err := rand.Read(key)
	return key, err
}

// Publish freezes a version and makes it live, in one transaction.
func (s *Store) Publish(ctx context.Context, actor run.Actor, scenarioID string, r scenario.Release) (scenario.Stored, error) {
	err := s.write(ctx, func(tx *sql.Tx) error {
		have, err := s.scenario(ctx, tx, actor, scenarioID)
		if err != nil {
			return err
		}
		if r.Revision != 0 && have.Revision != r.Revision {
			return fault.New(fault.Conflict, "The draft was changed while it was being published: it has revision %d, not %d. Publish again.", have.Revision, r.Revision)
		}
		var last sql.NullInt64
		if err := tx.QueryRowContext(ctx, `SELECT MAX(number) FROM versions WHERE workspace = $1 AND scenario_id = $2`, actor.Workspace, have.ID).Scan(&last); err != nil {
			return err
		}
		number := last.Int64 + 1
		if _, err := tx.ExecContext(ctx, `INSERT INTO versions (workspace, scenario_id, number, definition, facts, note, published_by, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			actor.Workspace, have.ID, number, string(r.Definition), string(r.Facts), r.Note, actor.Name, s.now()); err != nil {
			return err
		}
		status := scenario.Live
		if have.Status == scenario.Paused {
			status = scenario.Paused // publishing does not switch on what somebody switched off
		}
		if _, err = tx.ExecContext(ctx, `UPDATE scenarios SET version = $1, status = $2, dirty = 0, updated_at = $3 WHERE workspace = $4 AND id = $5`, number, string(status), s.now(), actor.Workspace, have.ID); err != nil {
			return err
		}
		if r.Problems != nil {
			problems, err := problemText(r.Problems)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `UPDATE scenarios SET problems = $1 WHERE workspace = $2 AND id = $3`, problems, actor.Workspace, have.ID); err != nil {
				return err
			}
		}
		in := scenario.Stored{ID: have.ID}
		for _, t := range r.Triggers {
			in.Triggers = append(in.Triggers, scenario.StoredTrigger{ID: t.Key(), Uses: t.Uses})
		}
		if err := s.keepTriggers(ctx, tx, actor, in, inLive); err != nil {
			return err
		}
		for _, t := range r.Triggers {
			if err := s.reckon(ctx, tx, actor, have.ID, t); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return scenario.Stored{}, err
	}
	return s.Scenario(ctx, actor, scenarioID)
}

// SetPaused switches a published scenario off or on. Paused, its events are kept and start runs when it is resumed.
func (s *Store) SetPaused(ctx context.Context, actor run.Actor, scenarioID string, paused bool) (scenario.Stored, error) {
	err := s.write(ctx, func(tx *sql.Tx) error {
		have, err := s.scenario(ctx, tx, actor, scenarioID)
		if err != nil {
			return err
		}
		if have.Version == 0 {
			return fault.New(fault.Conflict, "The scenario %q was never published; publish it first.", have.Slug)
		}
		if paused {
			_, err = tx.ExecContext(ctx, `UPDATE scenarios SET status = 'paused', updated_at = $1 WHERE workspace = $2 AND id = $3`, s.now(), actor.Workspace, have.ID)
			return err
		}
		if have.Status == scenario.Paused {
			_, err = tx.ExecContext(ctx, `UPDATE scenarios SET status = 'live', updated_at = $1, resumed_at = $1 WHERE workspace = $2 AND id = $3`, s.now(), actor.Workspace, have.ID)
		}
		return err
	})
	if err != nil {
		return scenario.Stored{}, err
	}
	return s.Scenario(ctx, actor, scenarioID)
}

// DeleteScenario takes a scenario and its URLs away. Its runs stay, and those under way go on to their end.
func (s *Store) DeleteScenario(ctx context.Context, actor run.Actor, scenarioID string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		have, err := s.scenario(ctx, tx, actor, scenarioID)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM triggers WHERE workspace = $1 AND scenario_id = $2`, actor.Workspace, have.ID); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE scenarios SET deleted_at = $1 WHERE workspace = $2 AND id = $3`, s.now(), actor.Workspace, have.ID)
		return err
	})
}

const versionSelect = `SELECT v.scenario_id, s.slug, v.workspace, v.number, v.definition, v.facts, v.note, v.published_by, v.at
	FROM versions v JOIN scenarios s ON s.workspace = v.workspace AND s.id = v.scenario_id`

func scanVersion(scan func(...any) error) (scenario.Version, error) {
	var v scenario.Version
	var definition, facts string
	var at int64
	err := scan(&v.ScenarioID, &v.Scenario, &v.Workspace, &v.Number, &definition, &facts, &v.Note, &v.By, &at)
	v.Definition, v.Facts, v.At = []byte(definition), []byte(facts), time.UnixMilli(at).UTC()
	return v, err
}

// Versions lists a scenario's versions, newest first.
func (s *Store) Versions(ctx context.Context, actor run.Actor, scenarioID string) ([]scenario.Version, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, versionSelect+` WHERE v.workspace = $1 AND v.scenario_id = $2 ORDER BY v.number`, actor.Workspace, scenarioID)
	list, err := all(rows, err, func(rows *sql.Rows) (scenario.Version, error) { return scanVersion(rows.Scan) })
	slices.Reverse(list)
	return list, s.failed(err)
}

// Version gives one version, also of a scenario that was deleted: its runs still need it.
func (s *Store) Version(ctx context.Context, actor run.Actor, scenarioID string, number int) (scenario.Version, error) {
	v, err := s.version(ctx, s.cfg.Read, actor, scenarioID, number)
	return v, s.failed(err)
}

func (s *Store) version(ctx context.Context, q querier, actor run.Actor, scenarioID string, number int) (scenario.Version, error) {
	v, err := scanVersion(q.QueryRowContext(ctx, versionSelect+` WHERE v.workspace = $1 AND v.scenario_id = $2 AND v.number = $3`, actor.Workspace, scenarioID, number).Scan)
	if err == sql.ErrNoRows {
		return v, fault.New(fault.NotFound, "The scenario has no version %d.", number)
	}
	return v, err
}
