package rigs

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/stepmill/stepmill/storage/sqlite"
)

// The kinds of record in a write log. All but the last are the shim's.
const (
	opWrite = iota + 1
	opSync
	opTruncate
	opUnlink
	opFailedWrite
	opFailedSync
	opAck // an event that was answered 2xx
)

// The files that the shim knows.
const (
	fileDatabase = iota + 1
	fileLog
)

// record is one entry of a write log.
type record struct {
	op, file byte
	at       int64 // where a write goes, how long a truncated file is
	data     []byte
}

const headSize = 16

// mark stands in the head of every record.
var mark = []byte{0xA5, 0x5A}

// writeLog is the file that the shim appends to.
type writeLog struct {
	path string
	mu   sync.Mutex
	file *os.File
}

func openLog(path string) (*writeLog, error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	return &writeLog{path: path, file: f}, err
}

// ack notes that an event was answered 2xx, behind all that the program had done by then.
func (w *writeLog) ack(event string) {
	w.append(record{op: opAck, data: []byte(event)})
}

// settled notes that the program, which is about to start, writes its log once more and syncs it. It does so with files of
// Go, which the shim does not see; that it does is storage/sqlite's test.
func (w *writeLog) settled(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, names()[fileLog]))
	if os.IsNotExist(err) {
		return nil
	}
	w.append(record{op: opWrite, file: fileLog, data: text})
	w.append(record{op: opSync, file: fileLog})
	return err
}

func (w *writeLog) append(r record) {
	text := make([]byte, headSize, headSize+len(r.data))
	text[0], text[1], text[2], text[3] = r.op, r.file, mark[0], mark[1]
	binary.LittleEndian.PutUint32(text[4:], uint32(len(r.data)))
	binary.LittleEndian.PutUint64(text[8:], uint64(r.at))
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.file.Write(append(text, r.data...)); err != nil {
		panic(err) // a ledger that loses an entry proves nothing
	}
}

// read gives the records. The last one of a process that was killed may be torn; what follows it are events that were
// answered before.
func (w *writeLog) read() ([]record, error) {
	text, err := os.ReadFile(w.path)
	if err != nil {
		return nil, err
	}
	var out []record
	for len(text) > 0 {
		end := headSize
		if len(text) >= headSize {
			end += int(binary.LittleEndian.Uint32(text[4:]))
		}
		if len(text) < end || len(text) > end && !bytes.HasPrefix(text[min(end+2, len(text)):], mark) {
			next := bytes.Index(text[1:], []byte{opAck, 0, mark[0], mark[1]})
			if next < 0 {
				break
			}
			text = text[1+next:]
			continue
		}
		out = append(out, record{op: text[0], file: text[1], at: int64(binary.LittleEndian.Uint64(text[8:])), data: text[headSize:end]})
		text = text[end:]
	}
	return out, nil
}

// failures counts the calls that failed. It reads heads only, so it is cheap.
func (w *writeLog) failures() (n int) {
	f, err := os.Open(w.path)
	if err != nil {
		return 0
	}
	defer f.Close()
	head := make([]byte, headSize)
	for {
		if _, err := io.ReadFull(f, head); err != nil {
			return n
		}
		if head[0] == opFailedSync || head[0] == opFailedWrite {
			n++
		}
		if _, err := f.Seek(int64(binary.LittleEndian.Uint32(head[4:])), io.SeekCurrent); err != nil {
			return n
		}
	}
}

// disk is what a disk holds of the two files: what is safe, and what was written since and may be lost.
type disk struct {
	safe    [3][]byte
	pending [3][]record
}

// loadDisk begins with the files of a directory, all of which is safe.
func loadDisk(dir string) (d disk, err error) {
	for file, name := range names() {
		if d.safe[file], err = os.ReadFile(filepath.Join(dir, name)); err != nil && !os.IsNotExist(err) {
			return d, err
		}
	}
	return d, nil
}

func names() map[byte]string {
	return map[byte]string{fileDatabase: sqlite.File, fileLog: sqlite.File + "-wal"}
}

// apply does what a record says. A sync that failed leaves it open what became of what it was for; later ones say nothing
// about it, for the system takes it to be written.
func (d *disk) apply(r record, rng *rand.Rand) error {
	switch r.op {
	case opWrite, opTruncate:
		d.pending[r.file] = append(d.pending[r.file], r)
	case opSync, opFailedSync:
		for _, p := range d.pending[r.file] {
			if r.op == opSync || rng.IntN(2) == 0 {
				d.safe[r.file] = put(d.safe[r.file], p)
			}
		}
		d.pending[r.file] = nil
	case opAck, opFailedWrite:
	default:
		return fmt.Errorf("a record of kind %d: the workload was not to do this", r.op)
	}
	return nil
}

// fate is what becomes of what was not synced.
type fate string

const (
	fateNone   fate = "none of it is on the disk"
	fateSome   fate = "some writes are"
	fateTorn   fate = "some sectors of 512 bytes are"
	sectorSize      = 512
)

// cut gives the files as they are when the power goes.
func (d *disk) cut(f fate, rng *rand.Rand) (out [3][]byte) {
	for file := range d.safe {
		out[file] = slices.Clone(d.safe[file])
		for _, p := range d.pending[file] {
			switch {
			case f == fateNone:
			case f == fateTorn && p.op == opWrite:
				for from := 0; from < len(p.data); {
					to := min(from+sectorSize-int(p.at+int64(from))%sectorSize, len(p.data))
					if rng.IntN(2) == 0 {
						out[file] = put(out[file], record{op: opWrite, at: p.at + int64(from), data: p.data[from:to]})
					}
					from = to
				}
			case rng.IntN(2) == 0:
				out[file] = put(out[file], p)
			}
		}
	}
	return out
}

// put does one change to a file's content.
func put(text []byte, r record) []byte {
	end := r.at + int64(len(r.data))
	if grown := end - int64(len(text)); grown > 0 {
		text = append(text, make([]byte, grown)...)
	}
	if r.op == opTruncate {
		return text[:r.at]
	}
	copy(text[r.at:], r.data)
	return text
}
