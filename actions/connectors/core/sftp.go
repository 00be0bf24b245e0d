package core

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"

	"github.com/pkg/sftp"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
)

func sftpAction() actions.Action {
	return remoteAction("sftp", "Files by SFTP", "Lists, downloads, uploads, renames and deletes files on a server with SSH.", openSFTP)
}

func openSFTP(ctx context.Context, line *actions.Line) (remote, error) {
	c, err := sftpClient(ctx, line)
	if err != nil {
		return nil, err
	}
	return &sftpFiles{Client: c, ctx: ctx, line: line}, nil
}

// sftpFiles are the files of a server with SSH.
type sftpFiles struct {
	*sftp.Client
	ctx  context.Context
	line *actions.Line
}

func (s *sftpFiles) list(at string) ([]listed, error) {
	found, err := s.ReadDirContext(s.ctx, at)
	if err != nil {
		return nil, s.failure("be listed", at, err)
	}
	out := make([]listed, len(found))
	for i, f := range found {
		out[i] = listed{name: f.Name(), kind: sftpKind(f), size: f.Size(), modified: f.ModTime()}
	}
	return out, nil
}

func sftpKind(f fs.FileInfo) string {
	switch {
	case f.IsDir():
		return kindFolder
	case f.Mode().IsRegular():
		return kindFile
	case f.Mode()&fs.ModeSymlink != 0:
		return kindLink
	}
	return kindOther
}

func (s *sftpFiles) kind(at string) (string, error) {
	about, err := s.Lstat(at)
	switch {
	case err == nil:
		return sftpKind(about), nil
	case errors.Is(err, fs.ErrNotExist):
		return kindNone, nil
	}
	return kindNone, s.failure("be looked at", at, err)
}

func (s *sftpFiles) folder(at string) bool {
	about, err := s.Stat(at)
	return err == nil && about.IsDir()
}

func (s *sftpFiles) get(at string, into io.Writer) error {
	from, err := s.Open(at)
	if err != nil {
		return s.failure("be read", at, err)
	}
	defer from.Close()
	about, err := from.Stat()
	if err != nil {
		return s.failure("be read", at, err)
	}
	out := &sink{Writer: into}
	if _, err := from.WriteTo(out); out.err != nil {
		return out.err
	} else if err != nil {
		return s.failure("be read", at, err)
	}
	return short(at, s.line.Host, out.n, about.Size())
}

// sftpParallel is how many pieces of a file are on their way at once.
const sftpParallel = 32

func (s *sftpFiles) put(at string, from *source) error {
	into, err := s.Create(at)
	if err != nil {
		return s.failure("be written", at, err)
	}
	_, err = into.ReadFromWithConcurrency(from, sftpParallel)
	if closed := into.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return s.failure("be written", at, err)
	}
	return nil
}

func (s *sftpFiles) makeFolders(at string) error {
	if err := s.MkdirAll(at); err != nil {
		return s.failure("be made", at, err)
	}
	return nil
}

func (s *sftpFiles) move(from, to string, over bool) error {
	_, can := s.HasExtension("posix-rename@openssh.com")
	switch {
	case !over:
		if err := s.Rename(from, to); err != nil {
			return s.failure("be renamed", from, err)
		}
		return nil
	case can:
		if err := s.PosixRename(from, to); err != nil {
			return s.failure("be written", to, err)
		}
		return nil
	}
	if err := s.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s.failure("be written", to, err)
	}
	if err := s.Rename(from, to); err != nil {
		return s.failure("be written", to, err)
	}
	return nil
}

func (s *sftpFiles) remove(at, kind string) error {
	remove := s.Remove
	if kind == kindFolder {
		remove = s.RemoveDirectory
	}
	if err := remove(at); err != nil {
		return s.failure("be deleted", at, err)
	}
	return nil
}

func (s *sftpFiles) close() { _ = s.Close() }

// failure makes the error of what the server answered, or did not.
func (s *sftpFiles) failure(what, at string, err error) error {
	var said *sftp.StatusError
	switch {
	case own(err) != nil:
		return own(err)
	case s.ctx.Err() != nil:
		return s.line.Failure(err)
	case errors.Is(err, fs.ErrNotExist):
		return noFile(at, s.line.Host, err)
	case errors.Is(err, fs.ErrPermission):
		return fault.Wrap(err, fault.InvalidInput, "%s on %s cannot %s: the account %s may not do that.", shownPath(at), s.line.Host, what, fault.Clip(s.line.Values["user"], 60))
	case errors.As(err, &said) && said.FxCode() != sftp.ErrSSHFxConnectionLost && said.FxCode() != sftp.ErrSSHFxNoConnection:
		return fault.Wrap(err, fault.InvalidInput, "%s on %s cannot %s: the server says %s. Folders that are not empty and full disks are refused so.", shownPath(at), s.line.Host, what, shown(strings.ToValidUTF8(said.Error(), "\uFFFD")))
	}
	return s.line.Failure(err)
}
