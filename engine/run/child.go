package run

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// Child is a run that another one starts.
type Child struct {
	ID       string // of the new run
	Parent   string // id of the run that starts it
	Path     string // of the step that calls it
	Attempt  int
	Scenario string // slug
	Value    any    // what `trigger` is
	Depth    int    // how many calls it is inside of
	Waited   bool   // the step goes on when it has ended
}

// Callers are the runs that led to a run by their calls, and itself.
type Callers struct {
	First     string   // id of the one that none called
	Scenarios []string // their ids, the run's own first
	Again     int      // how many runs calls began below First whose scenario stood among their callers
}

// ChildID is the id of a run that a step's attempt starts: a UUIDv7 that follows from what it is given, so that the same
// attempt never starts two.
func ChildID(at time.Time, parent, path string, attempt int) string {
	sum := sha256.Sum256([]byte(parent + "\x00" + path + "\x00" + strconv.Itoa(attempt)))
	var id uuid.UUID
	copy(id[:], sum[:])
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(id[:6], ms[2:])
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id.String()
}
