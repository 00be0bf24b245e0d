package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// Blobs keep bytes by their content, outside of the database.
type Blobs interface {
	Put(holder string, r io.Reader) (hash string, size int64, err error)
	Has(holder, hash string) (bool, error)
	Open(hash string) (io.ReadCloser, error)
	Hold(holder, hash string) error
	Held(holder, hash string) bool
	Release(holder string)
	Loosen(hashes ...string)
	Sweep(unused func(hashes []string) ([]string, error)) (n int, bytes int64, err error)
	SweepLoose(unused func(hashes []string) ([]string, error)) (n int, bytes int64, err error)
	Close() error
}

// Keep keeps a value apart. It stays until the holder releases it, and from then on as long as something stored refers to it.
func (s *Store) Keep(_ context.Context, holder string, data []byte) (value.Large, error) {
	if s.cfg.Blobs == nil {
		return value.Large{}, fault.New(fault.Internal, "There is no place for large values.")
	}
	sum := sha256.Sum256(data) // what steps hand on is often there already, and then nothing is written
	hash := hex.EncodeToString(sum[:])
	if there, err := s.cfg.Blobs.Has(holder, hash); there || err != nil {
		return value.Large{Hash: hash, Bytes: len(data)}, err
	}
	hash, size, err := s.cfg.Blobs.Put(holder, bytes.NewReader(data))
	return value.Large{Hash: hash, Bytes: int(size)}, err
}

// Hold keeps a value that was kept apart before from being let go of until the holder releases it. One that is let go of is
// NotFound.
func (s *Store) Hold(_ context.Context, holder string, l value.Large) error {
	if s.cfg.Blobs == nil {
		return fault.New(fault.Internal, "There is no place for large values.")
	}
	return s.cfg.Blobs.Hold(holder, l.Hash)
}

// Release says that what a holder has kept apart is referred to by what is stored, or never will be.
func (s *Store) Release(holder string) {
	if s.cfg.Blobs != nil {
		s.cfg.Blobs.Release(holder)
	}
}

// loosen says what deleted rows referred to.
func (s *Store) loosen(hashes []string) {
	if s.cfg.Blobs != nil && len(hashes) > 0 {
		s.cfg.Blobs.Loosen(hashes...)
	}
}

// unrefer deletes references to what is kept apart, and gives what they referred to.
func unrefer(ctx context.Context, tx *sql.Tx, query string, args ...any) ([]string, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	return all(rows, err, func(rows *sql.Rows) (hash string, err error) { return hash, rows.Scan(&hash) })
}

// Kept gives a value that was kept apart. One that is damaged is Internal.
func (s *Store) Kept(_ context.Context, l value.Large) ([]byte, error) {
	if s.cfg.Blobs == nil {
		return nil, fault.New(fault.Internal, "There is no place for large values.")
	}
	f, err := s.cfg.Blobs.Open(l.Hash)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data := make([]byte, 0, l.Bytes+1)
	out := bytes.NewBuffer(data)
	_, err = out.ReadFrom(f)
	return out.Bytes(), err
}

// Value gives a value of a run, or of the event that it is of, that is kept apart or stands in its journal.
func (s *Store) Value(ctx context.Context, actor run.Actor, runID string, l value.Large) ([]byte, error) {
	hash, size := l.Hash, 0
	err := s.cfg.Read.QueryRowContext(ctx, `SELECT b.bytes FROM runs r JOIN blobs b ON b.owner = r.id OR b.owner = r.event_id
		WHERE r.id = $1 AND r.workspace = $2 AND b.hash = $3 LIMIT 1`, runID, actor.Workspace, hash).Scan(&size)
	if err == sql.ErrNoRows {
		return s.standing(ctx, actor, runID, l)
	}
	if err != nil {
		return nil, s.failed(err)
	}
	return s.Kept(ctx, value.Large{Hash: hash, Bytes: size})
}

// SweepBlobs takes away what is kept apart and belongs to nothing that is stored, nor is about to: of everything that is
// there, or else of what has come loose since it was last called.
func (s *Store) SweepBlobs(ctx context.Context, everything bool) (n int, freed int64, err error) {
	if s.cfg.Blobs == nil {
		return 0, 0, nil
	}
	sweep := s.cfg.Blobs.SweepLoose
	if everything {
		sweep = s.cfg.Blobs.Sweep
	}
	return sweep(func(hashes []string) ([]string, error) {
		var unused []string
		for _, hash := range hashes {
			var n int
			if err := s.cfg.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM blobs WHERE hash = $1 LIMIT 1) AS b`, hash).Scan(&n); err != nil {
				return nil, s.failed(err)
			}
			if n == 0 {
				unused = append(unused, hash)
			}
		}
		return unused, nil
	})
}

// refers notes what of entries that are about to be stored, and of the run's output, is kept apart. It gives the bytes of what the
// run had not before.
func (b *batch) refers(ctx context.Context, r *run.Run, entries []run.Entry) (bytes int, err error) {
	for i := range entries {
		n, err := b.refer(ctx, r.Workspace, r.ID, b.pos+1+int64(i), run.Larges(entries[i:i+1])...)
		if err != nil {
			return 0, err
		}
		bytes += n
	}
	n, err := b.refer(ctx, r.Workspace, r.ID, 0, r.LargeOutput)
	return bytes + n, err
}

// refer notes that something stored has values that are kept apart: the entry of a journal at pos or, of 0, something else. It
// gives the bytes of those that the owner had not before.
func (b *batch) refer(ctx context.Context, workspace, owner string, pos int64, list ...value.Large) (bytes int, err error) {
	for _, l := range list {
		if l.Hash == "" {
			continue
		}
		result, err := b.tx.ExecContext(ctx, `INSERT INTO blobs (workspace, hash, owner, bytes, first, last) VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (hash, owner) DO NOTHING`, workspace, l.Hash, owner, l.Bytes, pos)
		if err != nil {
			return 0, err
		}
		n, err := result.RowsAffected()
		switch {
		case err != nil:
			return 0, err
		case n > 0:
			bytes += l.Bytes
			continue
		}
		if pos > 0 {
			_, err = b.tx.ExecContext(ctx, `UPDATE blobs SET first = CASE WHEN first = 0 THEN $1 ELSE first END, last = $1 WHERE hash = $2 AND owner = $3`, pos, l.Hash, owner)
		} else {
			_, err = b.tx.ExecContext(ctx, `UPDATE blobs SET first = 0 WHERE hash = $1 AND owner = $2`, l.Hash, owner)
		}
		if err != nil {
			return 0, err
		}
	}
	return bytes, nil
}

// referAs notes that something stored has the files of events, too.
func (b *batch) referAs(ctx context.Context, workspace, owner string, events []string) error {
	for _, id := range events {
		if _, err := b.tx.ExecContext(ctx, `INSERT INTO blobs (workspace, hash, owner, bytes) SELECT workspace, hash, $1, bytes FROM blobs WHERE owner = $2 AND workspace = $3 ON CONFLICT (hash, owner) DO UPDATE SET first = 0`, owner, id, workspace); err != nil {
			return err
		}
	}
	return nil
}

// fileHeld is how long a file stays to which no event refers yet: whoever sends it is still sending the rest.
const fileHeld = time.Hour

// KeepFile keeps a file apart, without having it in memory whole. It stays until the holder releases it, or for an hour, and
// from then on as long as an event refers to it.
func (s *Store) KeepFile(_ context.Context, holder string, r io.Reader) (value.Large, error) {
	if s.cfg.Blobs == nil {
		return value.Large{}, fault.New(fault.Internal, "There is no place for files.")
	}
	hash, size, err := s.cfg.Blobs.Put(holder, r)
	time.AfterFunc(fileHeld, func() { s.Release(holder) })
	return value.Large{Hash: hash, Bytes: int(size)}, err
}

// File opens a file that an event or a run refers to. Its last Read says where it is damaged.
func (s *Store) File(ctx context.Context, actor run.Actor, owner, hash string) (io.ReadCloser, error) {
	var n int
	err := s.cfg.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM blobs WHERE hash = $1 AND owner = $2 AND workspace = $3`, hash, owner, actor.Workspace).Scan(&n)
	if err != nil {
		return nil, s.failed(err)
	}
	if n == 0 || s.cfg.Blobs == nil {
		return nil, fault.New(fault.NotFound, "%q has no file %q.", fault.Clip(owner, 60), fault.Clip(hash, 80))
	}
	return s.cfg.Blobs.Open(hash)
}

// RunFile opens a file for a step: one that its run has, or the event that started that, or one that the run has just made.
func (s *Store) RunFile(ctx context.Context, workspace, runID, hash string) (io.ReadCloser, error) {
	if s.cfg.Blobs != nil && s.cfg.Blobs.Held(runID, hash) {
		return s.cfg.Blobs.Open(hash)
	}
	var owner string
	err := s.cfg.Read.QueryRowContext(ctx, `SELECT owner FROM blobs WHERE hash = $1 AND workspace = $2 AND (owner = $3 OR owner = (SELECT event_id FROM runs WHERE id = $3)) LIMIT 1`, hash, workspace, runID).Scan(&owner)
	switch {
	case errors.Is(err, sql.ErrNoRows) || s.cfg.Blobs == nil:
		return nil, fault.New(fault.NotFound, "The run has no file %q: a step can read files that came with its event, and those that its run made or was given.", fault.Clip(hash, 80))
	case err != nil:
		return nil, s.failed(err)
	}
	return s.cfg.Blobs.Open(hash)
}

// FileOfRun opens a file that somebody asks for: one that a run's steps can read too.
func (s *Store) FileOfRun(ctx context.Context, actor run.Actor, runID, hash string) (io.ReadCloser, error) {
	if _, err := s.LightRun(ctx, actor, runID); err != nil {
		return nil, err
	}
	return s.RunFile(ctx, actor.Workspace, runID, hash)
}

// largestNaming is the largest value that is kept apart and read for the name of a file in it.
const largestNaming = 4 << 20

// FileNamed gives what is known of a file that a run or an event refers to, as the value has it that does so. Where that is not found
// or cannot be read, it is the hash alone.
func (s *Store) FileNamed(ctx context.Context, actor run.Actor, owner, hash string) value.File {
	var last int64
	err := s.cfg.Read.QueryRowContext(ctx, `SELECT last FROM blobs WHERE hash = $1 AND owner = $2 AND workspace = $3`, hash, owner, actor.Workspace).Scan(&last)
	if err == nil && last > 0 {
		if f, found := s.namedIn(ctx, actor, owner, last, hash); found {
			return f
		}
	}
	r, err := s.LightRun(ctx, actor, owner)
	if err == nil {
		owner = r.EventID
		if f, found := s.named(ctx, hash, r.Output, r.LargeOutput); found {
			return f
		}
	}
	e, err := s.LightEvent(ctx, actor, owner)
	if err == nil {
		if f, found := s.named(ctx, hash, e.Value, e.Large); found {
			return f
		}
	}
	return value.File{Hash: hash}
}

// namedIn looks for a file in the entry of a run's journal at pos.
func (s *Store) namedIn(ctx context.Context, actor run.Actor, runID string, pos int64, hash string) (value.File, bool) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT pos, data FROM journal WHERE workspace = $1 AND run_id = $2 AND pos <= $3 ORDER BY pos DESC LIMIT 1`, actor.Workspace, runID, pos)
	if err != nil {
		return value.File{}, false
	}
	defer rows.Close()
	for rows.Next() {
		chunk, err := scanChunk(rows, run.DecodeEntries)
		if err != nil {
			return value.File{}, false
		}
		for _, e := range chunk {
			for _, v := range []any{e.Output, e.Input} {
				if e.Pos != pos {
					continue
				}
				large, apart := v.(value.Large)
				f, found := value.FileIn(v, hash)
				if apart {
					f, found = s.named(ctx, hash, nil, large)
				}
				if found {
					return f, true
				}
			}
		}
	}
	return value.File{}, false
}

// named looks for a file in JSON, or in what is kept apart in its place.
func (s *Store) named(ctx context.Context, hash string, data []byte, l value.Large) (value.File, bool) {
	if l.Hash != "" && l.Bytes <= largestNaming {
		data, _ = s.Kept(ctx, l)
	}
	if len(data) == 0 || len(data) > largestNaming {
		return value.File{}, false
	}
	v, err := value.Decode(data, value.Limits{})
	if err != nil {
		return value.File{}, false
	}
	return value.FileIn(v, hash)
}

// KeepRunFile keeps a file that a step makes, without having it in memory whole. It stays until the run leaves memory, and from
// then on as long as something stored refers to it.
func (s *Store) KeepRunFile(_ context.Context, runID string, r io.Reader) (value.Large, error) {
	if s.cfg.Blobs == nil {
		return value.Large{}, fault.New(fault.Internal, "There is no place for files.")
	}
	hash, size, err := s.cfg.Blobs.Put(runID, r)
	return value.Large{Hash: hash, Bytes: int(size)}, err
}

// largeMark begins the text of a column whose value is kept apart; JSON begins otherwise.
const largeMark = "large:"

func largeText(l value.Large) string {
	return largeMark + l.Hash + ":" + strconv.Itoa(l.Bytes)
}

// readLarge reads what largeText wrote; false: the text is the value itself.
func readLarge(text string) (value.Large, bool) {
	rest, ok := strings.CutPrefix(text, largeMark)
	if !ok {
		return value.Large{}, false
	}
	hash, size, _ := strings.Cut(rest, ":")
	n, err := strconv.Atoi(size)
	return value.Large{Hash: hash, Bytes: n}, err == nil
}

// whole puts into an event what of it is kept apart.
func (s *Store) whole(ctx context.Context, e *run.Event) (err error) {
	if e.Large.Hash != "" {
		if e.Value, err = s.Kept(ctx, e.Large); err != nil {
			e.Value = nil
			return err
		}
		e.Unfold()
	}
	e.Large = value.Large{}
	if e.LargeRaw.Hash != "" {
		if e.Raw, err = s.Kept(ctx, e.LargeRaw); err != nil {
			e.Raw = nil
			return err
		}
	}
	e.LargeRaw = value.Large{}
	return nil
}

func eventValue(e *run.Event) string {
	if e.Large.Hash != "" {
		return largeText(e.Large)
	}
	if e.Value == nil {
		return ""
	}
	return summed(e.Value)
}

func rawLarge(e *run.Event) any {
	if e.LargeRaw.Hash == "" {
		return nil
	}
	return largeText(e.LargeRaw)
}
