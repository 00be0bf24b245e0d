package core

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	slash "path"
	"slices"
	"strings"
	"time"

	"github.com/pkg/sftp"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func sftpAction() actions.Action {
	example := map[string]any{"file": strings.Repeat("0", 64), "name": "report.csv", "type": "text/csv", "size": 12}
	operation := choice("operation", "Operation", "What is done.", "list", "list", "List a folder", "download", "Download a file", "upload", "Upload a file", "rename", "Rename or move", "delete", "Delete")
	operation.Reads = []string{"list", "download"}
	return actions.Action{
		ID: "sftp", Name: "Files by SFTP", Description: "Lists, downloads, uploads, renames and deletes files on a server with SSH.", Effect: actions.Idempotent, Protocol: "sftp", Timeout: fileTime,
		Guarantee: "Each operation may be done again: an upload appears whole under its name or not at all, a rename whose source is gone and whose target is there was done, and so was the deletion of what is not there.",
		Input: []actions.Field{
			operation,
			{ID: "path", Label: "Path", Help: "Of the file or folder, as /outgoing/report.csv, or from the account's own folder on, as outgoing.", Type: actions.Text, Required: true, In: actions.InNone, Example: "/outgoing/report.csv"},
			field("to", "New path", actions.Text, "To rename: what it is called then.", "/done/report.csv"),
			field("file", "File", actions.Object, "To upload: a file of an earlier step.", example),
			flag("folders", "Make folders", "To upload: makes the folders on the way where they are missing.", false),
			field("only", "Only", actions.Texts, "To list: the names that are wanted, as *.csv. None: all.", []any{"*.csv"}),
		},
		Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"path": {Kind: "text"}, "entries": {Kind: "list"}, "file": {}, "size": {Kind: "number"}, "deleted": {Kind: "boolean"}}},
		Sample: sftpSample(),
		Check: func(with map[string]any, written func(string) bool) []actions.InputIssue {
			return checkPlan(sftpAction().Input, with, written, planSFTP, []string{"operation", "to", "only"})
		},
		Run: doSFTP,
	}
}

func sftpSample() any {
	return map[string]any{"path": "/outgoing", "entries": []any{map[string]any{"name": "report.csv", "path": "/outgoing/report.csv", "type": "file", "size": 12, "modified": "2026-01-31T09:30:00Z"}}}
}

func planSFTP(v map[string]any) error {
	if textOf(v, "operation") == "rename" && textOf(v, "to") == "" {
		return wrong("to", "it is empty; give the new path.")
	}
	return planCompress(v) // the patterns
}

func doSFTP(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	v := in.Values
	if err := planSFTP(v); err != nil {
		return nil, err
	}
	operation, at := textOf(v, "operation"), textOf(v, "path")
	if strings.ContainsRune(at+textOf(v, "to"), 0) {
		return nil, wrong("path", "it holds a zero byte, which no path can.")
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
		shown.Body = textOf(v, "to")
	}
	line, err := do.Dial(ctx, shown)
	if err != nil {
		return nil, err
	}
	if line == nil {
		return sftpSample(), nil
	}
	defer line.Close()
	c, err := sftpClient(ctx, line)
	if err != nil {
		return nil, err
	}
	defer func() { // in this order, since a server may never answer that its side is closed too
		_ = line.Close()
		_ = c.Close()
	}()
	s := &store{Client: c, ctx: ctx, do: do, line: line}
	switch operation {
	case "download":
		return s.download(at)
	case "upload":
		return s.upload(at, f, in.Key, isTrue(v, "folders"))
	case "rename":
		return s.rename(at, textOf(v, "to"))
	case "delete":
		return s.delete(at)
	}
	return s.list(at, textsOf(v, "only"))
}

// store is the files of a server.
type store struct {
	*sftp.Client
	ctx  context.Context
	do   actions.Doer
	line *actions.Line
}

func (s *store) list(at string, only []string) (any, error) {
	found, err := s.ReadDirContext(s.ctx, at)
	if err != nil {
		return nil, s.failure("be listed", at, err)
	}
	slices.SortFunc(found, func(a, b fs.FileInfo) int { return strings.Compare(a.Name(), b.Name()) })
	entries := []any{}
	for _, f := range found {
		u := &unpacking{only: only}
		if !u.picked(f.Name()) {
			continue
		}
		if len(entries) == maxMembers {
			return nil, fault.New(fault.TooLarge, "The folder %s on %s has more than %d entries; name those that are wanted in the input only.", shownPath(at), s.line.Host, maxMembers)
		}
		kind := "other"
		switch {
		case f.IsDir():
			kind = "folder"
		case f.Mode().IsRegular():
			kind = "file"
		case f.Mode()&fs.ModeSymlink != 0:
			kind = "link"
		}
		name := strings.ToValidUTF8(f.Name(), "\uFFFD")
		entries = append(entries, map[string]any{"name": name, "path": slash.Join(at, name), "type": kind, "size": int(f.Size()), "modified": f.ModTime().UTC().Format(time.RFC3339)})
	}
	out := map[string]any{"path": at, "entries": entries}
	return out, within("The output of core.sftp", "name those that are wanted in the input only.", out)
}

func (s *store) download(at string) (any, error) {
	from, err := s.Open(at)
	if err != nil {
		return nil, s.failure("be read", at, err)
	}
	defer from.Close()
	about, err := from.Stat()
	if err != nil {
		return nil, s.failure("be read", at, err)
	}
	if about.IsDir() {
		return nil, wrong("path", "%s is a folder; list it, and download its files.", shownPath(at))
	}
	name := slash.Base(at)
	f, err := made(s.ctx, s.do, name, typeByName(name), func(w io.Writer) error {
		n, err := from.WriteTo(w)
		switch {
		case errors.Is(err, io.ErrClosedPipe):
			return err
		case err != nil:
			return s.failure("be read", at, err)
		case n < about.Size():
			return fault.New(fault.Unavailable, "The file %s on %s ended early: it was cut while it was read.", shownPath(at), s.line.Host)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"path": at, "file": f.Value(), "size": f.Size}, nil
}

// sftpParallel is how many pieces of a file are on their way at once.
const sftpParallel = 32

// upload writes a file beside its place and then puts it there, so that nobody finds a half one.
func (s *store) upload(at string, f value.File, key string, folders bool) (any, error) {
	if folders {
		if err := s.MkdirAll(slash.Dir(at)); err != nil {
			return nil, s.failure("be made", slash.Dir(at), err)
		}
	}
	if about, err := s.Stat(at); err == nil && about.IsDir() {
		return nil, wrong("path", "%s is a folder; write the file's name behind it.", shownPath(at))
	}
	sum := sha256.Sum256([]byte(key))
	beside := slash.Join(slash.Dir(at), "."+slash.Base(at)+"."+hex.EncodeToString(sum[:6])+".part")
	n, err := s.write(beside, f)
	if err == nil && n != int64(f.Size) {
		err = wrong("file", "the file %s has another size than it says; take it as the earlier step gave it.", shownName(f))
	}
	if err == nil {
		if err = s.replace(beside, at); err != nil {
			err = s.failure("be written", at, err)
		}
	}
	if err != nil {
		_ = s.Remove(beside) // another attempt writes it anew
		return nil, err
	}
	return map[string]any{"path": at, "size": f.Size}, nil
}

func (s *store) write(at string, f value.File) (int64, error) {
	in, err := reading(s.ctx, s.do, f)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	into, err := s.Create(at)
	if err != nil {
		return 0, s.failure("be written", at, err)
	}
	from := &source{in: in}
	n, err := into.ReadFromWithConcurrency(from, sftpParallel)
	if closed := into.Close(); err == nil {
		err = closed
	}
	if from.err != nil {
		return n, from.err
	}
	if err != nil {
		return n, s.failure("be written", at, err)
	}
	return n, nil
}

// replace gives a file its name, also where another has it.
func (s *store) replace(from, to string) error {
	if _, can := s.HasExtension("posix-rename@openssh.com"); can {
		return s.PosixRename(from, to)
	}
	if err := s.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return s.Rename(from, to)
}

func (s *store) rename(from, to string) (any, error) {
	_, gone := s.Lstat(from)
	_, missing := s.Lstat(to)
	switch {
	case gone == nil && missing == nil:
		return nil, fault.New(fault.Conflict, "There is a file %s on %s already; delete it first, or take another name.", shownPath(to), s.line.Host)
	case errors.Is(gone, fs.ErrNotExist) && missing == nil: // an attempt before did it
		return map[string]any{"path": to}, nil
	case gone != nil:
		return nil, s.failure("be renamed", from, gone)
	}
	if err := s.Rename(from, to); err != nil {
		return nil, s.failure("be renamed", from, err)
	}
	return map[string]any{"path": to}, nil
}

func (s *store) delete(at string) (any, error) {
	about, err := s.Lstat(at)
	if err == nil {
		if about.IsDir() {
			err = s.RemoveDirectory(at)
		} else {
			err = s.Remove(at)
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, s.failure("be deleted", at, err)
	}
	return map[string]any{"path": at, "deleted": err == nil}, nil
}

func shownPath(at string) string { return shown(strings.ToValidUTF8(at, "\uFFFD")) }

// failure makes the error of what the server answered, or did not.
func (s *store) failure(what, at string, err error) error {
	var own *fault.Error
	var said *sftp.StatusError
	switch {
	case errors.As(err, &own):
		return own
	case s.ctx.Err() != nil:
		return s.line.Failure(err)
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(err, fault.NotFound, "There is no %s on %s; look at the path, and at whether its folder is there.", shownPath(at), s.line.Host)
	case errors.Is(err, fs.ErrPermission):
		return fault.Wrap(err, fault.InvalidInput, "%s on %s cannot %s: the account %s may not do that.", shownPath(at), s.line.Host, what, fault.Clip(s.line.Values["user"], 60))
	case errors.As(err, &said) && said.FxCode() != sftp.ErrSSHFxConnectionLost && said.FxCode() != sftp.ErrSSHFxNoConnection:
		return fault.Wrap(err, fault.InvalidInput, "%s on %s cannot %s: the server says %s. Folders that are not empty and full disks are refused so.", shownPath(at), s.line.Host, what, shown(strings.ToValidUTF8(said.Error(), "\uFFFD")))
	}
	return s.line.Failure(err)
}
