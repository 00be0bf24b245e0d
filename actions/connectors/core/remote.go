package core

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	slash "path"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// The kinds of what lies at a path of a file server.
const (
	kindFile   = "file"
	kindFolder = "folder"
	kindLink   = "link"
	kindOther  = "other"
	kindNone   = "" // there is nothing
)

// remote is what lies on a file server, in whatever protocol it is reached by. Its errors are for people.
type remote interface {
	list(at string) ([]listed, error)
	// kind says what lies at a path; a link is one itself.
	kind(at string) (string, error)
	// folder says that a path leads to a folder, over links too.
	folder(at string) bool
	// get writes a whole file, or fails.
	get(at string, into io.Writer) error
	// put writes all that it reads, over what is there.
	put(at string, from *source) error
	makeFolders(at string) error
	// move gives a file another name. over: also one that another has.
	move(from, to string, over bool) error
	remove(at, kind string) error
	// close ends what is under way; who asked for the line closes that.
	close()
}

// listed is what a folder holds.
type listed struct {
	name, kind string
	size       int64 // bytes
	modified   time.Time
}

// remoteAction is the one action of a protocol for files. open signs in on a line.
func remoteAction(id, name, description string, open func(ctx context.Context, line *actions.Line) (remote, error)) actions.Action {
	example := map[string]any{"file": strings.Repeat("0", 64), "name": "report.csv", "type": "text/csv", "size": 12}
	operation := choice("operation", "Operation", "What is done.", "list", "list", "List a folder", "download", "Download a file", "upload", "Upload a file", "rename", "Rename or move", "delete", "Delete")
	operation.Reads = []string{"list", "download"}
	input := []actions.Field{
		operation,
		{ID: "path", Label: "Path", Help: "Of the file or folder, as /outgoing/report.csv, or from the account's own folder on, as outgoing.", Type: actions.Text, Required: true, In: actions.InNone, Example: "/outgoing/report.csv"},
		field("to", "New path", actions.Text, "To rename: what it is called then.", "/done/report.csv"),
		field("file", "File", actions.Object, "To upload: a file of an earlier step.", example),
		flag("folders", "Make folders", "To upload: makes the folders on the way where they are missing.", false),
		flag("direct", "Under its name at once", "To upload, where the account may rename nothing: writes under the file's own name from the first byte on, so that somebody may find half of it meanwhile.", false),
		inOne(field("only", "Only", actions.Texts, "To list: the names that are wanted, as *.csv. None: all.", []any{"*.csv"})),
	}
	return actions.Action{
		ID: id, Name: name, Description: description, Effect: actions.Idempotent, Protocol: id, Timeout: fileTime,
		Guarantee: "Each operation may be done again: an upload appears whole under its name or not at all, but where it is written there at once; a rename whose source is gone and whose target is there was done, and so was the deletion of what is not there.",
		Input:     input,
		Output:    value.Shape{Kind: "object", Fields: map[string]value.Shape{"path": {Kind: "text"}, "entries": {Kind: "list"}, "file": {}, "size": {Kind: "number"}, "deleted": {Kind: "boolean"}}},
		Sample:    remoteSample(),
		Check: func(with map[string]any, written func(string) bool) []actions.InputIssue {
			return checkPlan(input, with, written, planRemote, []string{"operation", "to", "only"})
		},
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			return doRemote(ctx, in, do, open)
		},
	}
}

func remoteSample() any {
	return map[string]any{"path": "/outgoing", "entries": []any{map[string]any{"name": "report.csv", "path": "/outgoing/report.csv", "type": kindFile, "size": 12, "modified": "2026-01-31T09:30:00Z"}}}
}

// sampledRemote is what an operation gives in a sandbox.
func sampledRemote(operation, at, to string, f value.File) any {
	switch operation {
	case "download":
		name := value.FileName(at)
		return map[string]any{"path": at, "file": actions.FileSample(name, value.TypeByName(name), 0), "size": 0}
	case "upload":
		return map[string]any{"path": at, "size": f.Size}
	case "rename":
		return map[string]any{"path": to}
	case "delete":
		return map[string]any{"path": at, "deleted": true}
	}
	return remoteSample()
}

func planRemote(v map[string]any) error {
	if textOf(v, "operation") == "rename" && textOf(v, "to") == "" {
		return wrong("to", "it is empty; give the new path.")
	}
	return planCompress(v) // the patterns
}

func doRemote(ctx context.Context, in actions.Input, do actions.Doer, open func(context.Context, *actions.Line) (remote, error)) (any, error) {
	v := in.Values
	if err := planRemote(v); err != nil {
		return nil, err
	}
	operation, at, to := textOf(v, "operation"), textOf(v, "path"), textOf(v, "to")
	for name, path := range map[string]string{"path": at, "to": to} {
		if strings.ContainsAny(path, "\x00\r\n") {
			return nil, wrong(name, "it holds a zero byte or the end of a line, which no path can.")
		}
	}
	shown := actions.Shown{Method: strings.ToUpper(operation), Path: at}
	var f value.File
	switch operation {
	case "upload":
		var err error
		if f, err = fileIn(v["file"], "file"); err != nil {
			return nil, err
		}
		shown.Body = "(the file " + fault.Clip(f.Name, 200) + " of " + value.Text(f.Size) + " bytes)"
	case "rename":
		shown.Body = to
	}
	line, err := do.Dial(ctx, shown)
	if err != nil {
		return nil, err
	}
	if line == nil {
		return sampledRemote(operation, at, to, f), nil
	}
	defer line.Close()
	r, err := open(ctx, line)
	if err != nil {
		return nil, err
	}
	defer func() { // in this order, since a server may never answer that its side is closed too
		_ = line.Close()
		r.close()
	}()
	s := &session{remote: r, ctx: ctx, do: do, host: line.Host}
	switch operation {
	case "download":
		return s.download(at)
	case "upload":
		return s.upload(at, f, in.Key, isTrue(v, "folders"), isTrue(v, "direct"))
	case "rename":
		return s.rename(at, to)
	case "delete":
		return s.delete(at)
	}
	return s.entries(at, textsOf(v, "only"))
}

// session is one operation on a file server.
type session struct {
	remote
	ctx  context.Context
	do   actions.Doer
	host string
}

func (s *session) entries(at string, only []string) (any, error) {
	found, err := s.list(at)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b listed) int { return strings.Compare(a.name, b.name) })
	entries := []any{}
	for _, f := range found {
		u := &unpacking{only: only}
		if !u.picked(f.name) {
			continue
		}
		if len(entries) == maxMembers {
			return nil, fault.New(fault.TooLarge, "The folder %s on %s has more than %d entries; name those that are wanted in the input only.", shownPath(at), s.host, maxMembers)
		}
		name := strings.ToValidUTF8(f.name, "\uFFFD")
		entry := map[string]any{"name": name, "path": slash.Join(at, name), "type": f.kind, "size": int(f.size), "modified": nil}
		if !f.modified.IsZero() {
			entry["modified"] = f.modified.UTC().Format(time.RFC3339)
		}
		entries = append(entries, entry)
	}
	out := map[string]any{"path": at, "entries": entries}
	return out, within("The list of the folder", "name those that are wanted in the input only.", out)
}

func (s *session) download(at string) (any, error) {
	if s.folder(at) {
		return nil, wrong("path", "%s is a folder; list it, and download its files.", shownPath(at))
	}
	name := slash.Base(at)
	f, err := made(s.ctx, s.do, name, value.TypeByName(name), func(w io.Writer) error { return s.get(at, w) })
	if err != nil {
		return nil, err
	}
	return map[string]any{"path": at, "file": f.Value(), "size": f.Size}, nil
}

// upload writes a file beside its place and then puts it there, so that nobody finds a half one.
func (s *session) upload(at string, f value.File, key string, folders, direct bool) (any, error) {
	if folders {
		if err := s.makeFolders(slash.Dir(at)); err != nil {
			return nil, err
		}
	}
	if s.folder(at) {
		return nil, wrong("path", "%s is a folder; write the file's name behind it.", shownPath(at))
	}
	if direct {
		if err := s.write(at, f); err != nil {
			return nil, s.missing(at, err)
		}
		return map[string]any{"path": at, "size": f.Size}, nil
	}
	sum := sha256.Sum256([]byte(key))
	beside := slash.Join(slash.Dir(at), "."+slash.Base(at)+"."+hex.EncodeToString(sum[:6])+".part")
	err := s.write(beside, f)
	if err != nil {
		err = s.missing(at, err)
	} else {
		err = s.move(beside, at, true)
	}
	if err != nil {
		_ = s.remove(beside, kindFile) // another attempt writes it anew
		return nil, err
	}
	return map[string]any{"path": at, "size": f.Size}, nil
}

// missing makes the error of an upload that failed one of its folder, where that is not there or may not be: what lies beside the
// file's place nobody knows.
func (s *session) missing(at string, err error) error {
	code, dir := fault.CodeOf(err), slash.Dir(at)
	if code != fault.NotFound && code != fault.InvalidInput || dir == "/" || dir == "." || s.ctx.Err() != nil || s.folder(dir) {
		return err
	}
	const remedy = "switch on Make folders (the input folders), which makes it with the file."
	if code == fault.NotFound {
		return fault.Wrap(err, code, "There is no %s on %s, the folder that the file is to go into. Make it, or %s", shownPath(dir), s.host, remedy)
	}
	return fault.Wrap(err, code, "%s Where the folder %s is not there: make it, or %s", fault.MessageOf(err), shownPath(dir), remedy)
}

func (s *session) write(at string, f value.File) error {
	in, err := reading(s.ctx, s.do, f)
	if err != nil {
		return err
	}
	defer in.Close()
	from := &source{in: in}
	err = s.put(at, from)
	switch {
	case from.err != nil:
		return from.err
	case err != nil:
		return err
	case from.bytes != int64(f.Size):
		return wrong("file", "the file %s has another size than it says; take it as the earlier step gave it.", shownName(f))
	}
	return nil
}

func (s *session) rename(from, to string) (any, error) {
	source, err := s.kind(from)
	if err != nil {
		return nil, err
	}
	target, err := s.kind(to)
	switch {
	case err != nil:
		return nil, err
	case source != kindNone && target != kindNone:
		return nil, fault.New(fault.Conflict, "There is a file %s on %s already; delete it first, or take another name.", shownPath(to), s.host)
	case target != kindNone: // an attempt before did it
	case source == kindNone:
		return nil, noFile(from, s.host, nil)
	default:
		if err := s.move(from, to, false); err != nil {
			return nil, err
		}
	}
	return map[string]any{"path": to}, nil
}

func (s *session) delete(at string) (any, error) {
	kind, err := s.kind(at)
	if err != nil {
		return nil, err
	}
	if kind != kindNone {
		if err = s.remove(at, kind); fault.CodeOf(err) == fault.NotFound { // somebody else did it meanwhile
			kind, err = kindNone, nil
		}
	}
	return map[string]any{"path": at, "deleted": kind != kindNone}, err
}

func shownPath(at string) string { return shown(strings.ToValidUTF8(at, "\uFFFD")) }

func noFile(at, host string, err error) error {
	return fault.Wrap(err, fault.NotFound, "There is no %s on %s; look at the path, and at whether its folder is there.", shownPath(at), host)
}

// short is the error of a file that ended before its size; nil: it did not.
func short(at, host string, n, size int64) error {
	if n >= size {
		return nil
	}
	return fault.New(fault.Unavailable, "The file %s on %s ended early: it was cut while it was read.", shownPath(at), host)
}

// sink is a writer that tells its own errors from those of what is read.
type sink struct {
	io.Writer
	n   int64
	err error
}

func (s *sink) Write(b []byte) (int, error) {
	n, err := s.Writer.Write(b)
	s.n += int64(n)
	if err != nil {
		s.err = err
	}
	return n, err
}

// own is an error that is for people already; nil: it is another.
func own(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return nil
}
