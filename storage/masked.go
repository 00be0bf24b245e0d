package storage

import (
	"context"
	"database/sql"
	"encoding/base64"
	"iter"
	"strconv"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// What steps mask is kept sealed beside what is shown in its place. It is opened for the engine, which goes on with it,
// and for what starts a run with it again; no list, page or feed has it.

func eventPlace(id string) string { return "events|" + id + "|sealed|" }

func entryPlace(runID string, seq int64) string {
	return "journal|" + runID + "|" + strconv.FormatInt(seq, 10) + "|"
}

func signalPlace(g *run.Signal) string { return "signals|" + g.Run + "|" + g.Key + "|" }

// sealParts closes parts of a value by their places in it; nil: there are none.
func (s *Store) sealParts(parts map[string]any, place string) ([]byte, error) {
	if len(parts) == 0 {
		return nil, nil
	}
	plain, err := value.Encode(parts)
	if err != nil {
		return nil, err
	}
	return s.cfg.Sealer.Seal(plain, place)
}

func (s *Store) openParts(sealed []byte, place string) (map[string]any, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	plain, err := s.cfg.Sealer.Open(sealed, place)
	if err != nil {
		return nil, err
	}
	v, err := value.Decode(plain, value.Stored())
	parts, _ := v.(map[string]any)
	return parts, err
}

// seal closes what is masked in entries.
func (s *Store) seal(runID string, list []run.Entry) error {
	for i := range list {
		sealed, err := s.sealParts(list[i].Veiled, entryPlace(runID, list[i].Seq))
		if err != nil {
			return err
		}
		if sealed != nil {
			list[i].Sealed = base64.StdEncoding.EncodeToString(sealed)
		}
	}
	return nil
}

// WholeJournal gives the entries of a run with what is masked in them in Veiled. What is kept apart stays so.
func (s *Store) WholeJournal(ctx context.Context, actor run.Actor, runID string) ([]run.Entry, error) {
	var list []run.Entry
	for e, err := range s.WholeEntries(ctx, actor, runID) {
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// WholeEntries reads the journal of a run as it is gone through, with what is masked in its entries in Veiled.
func (s *Store) WholeEntries(ctx context.Context, actor run.Actor, runID string) iter.Seq2[run.Entry, error] {
	return func(yield func(run.Entry, error) bool) {
		for e, err := range s.Entries(ctx, actor, runID, 0) {
			if err == nil {
				err = s.failed(s.open(&e, runID))
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// open puts what is masked in an entry into its Veiled.
func (s *Store) open(e *run.Entry, runID string) error {
	if e.Sealed == "" {
		return nil
	}
	sealed, err := base64.StdEncoding.DecodeString(e.Sealed)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "What is masked in entry %d of run %s is damaged.", e.Seq, runID)
	}
	e.Veiled, err = s.openParts(sealed, entryPlace(runID, e.Seq))
	return err
}

// WholeEvent gives an event with what is masked in its value in Veiled.
func (s *Store) WholeEvent(ctx context.Context, actor run.Actor, id string) (run.Event, error) {
	e, err := s.Event(ctx, actor, id)
	if err != nil {
		return e, err
	}
	if e.Damaged != "" {
		return e, fault.New(fault.Internal, "The event cannot be used: %s", e.Damaged)
	}
	var sealed []byte
	err = s.cfg.Read.QueryRowContext(ctx, `SELECT sealed FROM events WHERE workspace = $1 AND id = $2`, actor.Workspace, id).Scan(&sealed)
	if err != nil && err != sql.ErrNoRows { // it may have been let go of in between
		return e, s.failed(err)
	}
	e.Veiled, err = s.openParts(sealed, eventPlace(id))
	return e, err
}

// sealedData begins the data of a signal that is sealed; JSON begins otherwise.
const sealedData = "sealed:"

func (s *Store) signalData(g *run.Signal) (string, error) {
	if !g.Private {
		return string(g.Data), nil
	}
	sealed, err := s.cfg.Sealer.Seal(g.Data, signalPlace(g))
	return sealedData + base64.StdEncoding.EncodeToString(sealed), err
}

func (s *Store) openSignal(g *run.Signal, data string) ([]byte, error) {
	if len(data) < len(sealedData) || data[:len(sealedData)] != sealedData {
		return []byte(data), nil
	}
	sealed, err := base64.StdEncoding.DecodeString(data[len(sealedData):])
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "What the run %s was told is damaged.", g.Run)
	}
	return s.cfg.Sealer.Open(sealed, signalPlace(g))
}
