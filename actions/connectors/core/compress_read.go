package core

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	slash "path"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// unpacking goes through the members of an archive.
type unpacking struct {
	ctx  context.Context
	do   actions.Doer
	of   value.File
	only []string
	keep bool // makes files of the members, beside naming them
	room *unpackRoom
	seen int
	out  []any
}

// run lists or unpacks, and says what kind of archive it is.
func (u *unpacking) run() (format string, err error) {
	in, err := reading(u.ctx, u.do, u.of)
	if err != nil {
		return "", err
	}
	defer in.Close()
	u.out = []any{}
	head := bufio.NewReaderSize(in, 4096)
	begin, err := head.Peek(4)
	if err != nil && err != io.EOF {
		return "", err
	}
	switch {
	case bytes.HasPrefix(begin, []byte("PK\x03\x04")) || bytes.HasPrefix(begin, []byte("PK\x05\x06")):
		return "zip", u.zip()
	case bytes.HasPrefix(begin, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(head)
		if err != nil {
			return "", broken(err, u.of, "archive")
		}
		return "tar.gz", u.tar(&bounded{in: z, room: u.room, of: u.of}, "gzip file that holds a tar archive (one that holds a single file is unpacked with the mode gunzip)")
	}
	return "tar", u.tar(head, "archive of a kind that is known: zip, tar or tar.gz")
}

func (u *unpacking) zip() error {
	s, err := spool(u.ctx, u.do, u.of, maxUnpacked)
	if err != nil {
		return err
	}
	defer s.Close()
	from := &directory{s, maxDirectory}
	z, err := zip.NewReader(from, s.size)
	if errors.Is(err, errDirectory) {
		return u.tooMany()
	}
	if err != nil {
		return broken(err, u.of, "zip archive")
	}
	if len(z.File) > maxMembers { // said before any is unpacked
		return u.tooMany()
	}
	from.left = math.MaxInt
	for _, f := range z.File {
		name := f.Name
		if !utf8.ValidString(name) { // of old programs
			if text, err := charmap.CodePage437.NewDecoder().String(name); err == nil {
				name = text
			}
		}
		name = strings.ReplaceAll(name, `\`, "/")
		if wanted, err := u.next(name, f.Mode()); err != nil || !wanted {
			if err != nil {
				return err
			}
			continue
		}
		if f.Flags&1 != 0 && u.keep {
			return fault.New(fault.InvalidInput, "The member %s of %s is encrypted, which cannot be read here; ask for an archive without a password.", shown(name), shownName(u.of))
		}
		err := u.member(name, f.Mode(), int64(f.UncompressedSize64), f.Modified, func() (io.ReadCloser, error) {
			in, err := f.Open()
			if errors.Is(err, zip.ErrAlgorithm) {
				return nil, fault.New(fault.InvalidInput, "The member %s of %s is compressed in a way that cannot be read here (method %d); ask for one that is compressed with deflate.", shown(name), shownName(u.of), f.Method)
			}
			if err != nil {
				return nil, err
			}
			return struct {
				io.Reader
				io.Closer
			}{&bounded{in: in, room: u.room, of: u.of}, in}, nil
		})
		if err != nil {
			return broken(err, u.of, "zip archive")
		}
	}
	return nil
}

// directory reads an archive's directory, whose length is bounded: what it says of itself need not be so.
type directory struct {
	io.ReaderAt
	left int
}

func (d *directory) ReadAt(b []byte, at int64) (int, error) {
	n, err := d.ReaderAt.ReadAt(b, at)
	if d.left -= n; d.left < 0 {
		return 0, errDirectory
	}
	return n, err
}

var errDirectory = errors.New("the directory is too long")

func (u *unpacking) tar(in io.Reader, as string) error {
	t := tar.NewReader(in)
	for {
		h, err := t.Next()
		if err == io.EOF {
			if u.seen == 0 && len(u.out) == 0 && u.of.Size == 0 {
				return broken(io.ErrUnexpectedEOF, u.of, as)
			}
			return nil
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return broken(err, u.of, as)
		}
		mode := h.FileInfo().Mode()
		if h.Typeflag == tar.TypeLink {
			mode |= fs.ModeSymlink
		}
		wanted, err := u.next(h.Name, mode)
		if err != nil {
			return err
		}
		if !wanted {
			continue
		}
		room := u.room
		if as[0] == 'g' { // its bytes were counted where they were unpacked
			room = roomFor(maxUnpacked)
		}
		err = u.member(h.Name, mode, h.Size, h.ModTime, func() (io.ReadCloser, error) {
			return io.NopCloser(&bounded{in: t, room: room, of: u.of}), nil
		})
		if err != nil {
			return broken(err, u.of, as)
		}
	}
}

// next says whether a member is wanted. One that is no file and no folder is listed, and never unpacked.
func (u *unpacking) next(name string, mode fs.FileMode) (bool, error) {
	if err := u.ctx.Err(); err != nil {
		return false, err
	}
	if u.seen++; u.seen > maxMembers {
		return false, u.tooMany()
	}
	if mode.IsDir() || strings.HasSuffix(name, "/") || !u.picked(safePath(name)) {
		return false, nil
	}
	if !mode.IsRegular() && u.keep {
		return false, fault.New(fault.InvalidInput, "The member %s of %s is a link or a device and no file, which archives can harm with; name the members that are wanted in the input only.", shown(name), shownName(u.of))
	}
	return true, nil
}

func (u *unpacking) tooMany() error {
	return fault.New(fault.TooLarge, "The archive %s has more than %d members; ask for it in parts.", shownName(u.of), maxMembers)
}

// picked says that a member is one of those that are asked for: by its path, by its name, or in a folder.
func (u *unpacking) picked(at string) bool {
	if len(u.only) == 0 {
		return true
	}
	for _, pattern := range u.only {
		pattern = strings.TrimPrefix(pattern, "/")
		folder, all := strings.CutSuffix(pattern, "/*")
		whole, _ := slash.Match(pattern, at)
		named, _ := slash.Match(pattern, slash.Base(at))
		if whole || named || all && strings.HasPrefix(at, folder+"/") {
			return true
		}
	}
	return false
}

// member notes a member, and keeps it where it is to be unpacked.
func (u *unpacking) member(name string, mode fs.FileMode, size int64, at time.Time, open func() (io.ReadCloser, error)) error {
	place := safePath(name)
	entry := map[string]any{"path": place, "name": slash.Base(place), "type": value.TypeByName(place), "size": int(size)}
	switch {
	case mode&fs.ModeSymlink != 0:
		entry["kind"] = "link"
	case !mode.IsRegular():
		entry["kind"] = "device"
	default:
		entry["kind"] = "file"
	}
	if u.keep {
		in, err := open()
		if err != nil {
			return err
		}
		defer in.Close()
		f, err := u.do.Keep(u.ctx, slash.Base(place), value.TypeByName(place), in)
		if err != nil {
			return err
		}
		entry = f.Value()
		entry["path"] = place
	}
	entry["modified"] = nil
	if at.Year() >= 1980 && at.Year() < 10000 {
		entry["modified"] = at.UTC().Format(time.RFC3339)
	}
	u.out = append(u.out, entry)
	return nil
}

// safePath is a path within a folder, whatever a name says: it begins at no root, climbs nowhere, and holds nothing that cannot be
// seen. What is left of nothing is called file.
func safePath(name string) string {
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "\uFFFD"), `\`, "/")
	var parts []string
	for part := range strings.SplitSeq(name, "/") {
		part = strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return -1
			}
			return r
		}, part)
		if len(parts) == 0 && len(part) == 2 && part[1] == ':' { // a drive
			continue
		}
		if part != "" && part != "." && part != ".." {
			parts = append(parts, fault.Clip(part, 200))
		}
	}
	out := strings.Join(parts, "/")
	if len(out) > maxMemberPath {
		out = parts[len(parts)-1]
	}
	if out == "" {
		return "file"
	}
	return out
}
