package core

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"io"
	slash "path"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Bounds of archives.
const (
	maxMembers    = 10_000
	maxUnpacked   = 5 << 30 // bytes of all members together
	bombFrom      = 100 << 20
	bombRatio     = 200 // from bombFrom on, nothing but a bomb unpacks to so many times its size
	maxMemberPath = 1000
	maxDirectory  = 4 << 20 // bytes of the list of members that a zip archive has
)

func compressAction() actions.Action {
	example := map[string]any{"file": strings.Repeat("0", 64), "name": "report.csv", "type": "text/csv", "size": 12}
	return fileStep(actions.Action{
		ID: "compress", Name: "Archive", Local: true, Description: "Makes zip and tar archives of files, lists and unpacks them, and compresses single files with gzip.",
		Input: []actions.Field{
			choice("mode", "Mode", "What is done.", "create", "create", "Make an archive of files", "list", "List an archive, each member with its kind: file, link or device", "extract", "Unpack an archive", "gzip", "Compress one file", "gunzip", "Unpack one compressed file"),
			field("files", "Files", actions.List, "To make an archive: files of earlier steps. One that has a path, as reports/june.csv, lies there in the archive; others lie at its top.", []any{example}),
			field("file", "File", actions.Object, "In every other mode: a file of an earlier step. What kind of archive it is is seen from what it holds.", example),
			choice("format", "Format", "To make an archive: its kind.", "zip", "zip", "zip", "tar", "tar", "tar.gz", "tar, compressed"),
			field("name", "Name", actions.Text, "To make an archive, or to compress: what the new file is called.", "reports.zip"),
			inOne(field("only", "Only", actions.Texts, "To list and to unpack: the members that are wanted, as reports/june.csv, *.csv or reports/*. None: all.", []any{"*.csv"})),
		},
		Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"file": {}, "files": {Kind: "list"}, "members": {Kind: "list"}, "format": {Kind: "text"}}},
		Sample: map[string]any{"file": example},
	}, compress, planCompress, "mode", "only")
}

func planCompress(v map[string]any) error {
	for i, pattern := range textsOf(v, "only") {
		if _, err := slash.Match(pattern, "x"); err != nil {
			return wrong(itemName("only", i), "%s is no pattern; write it as *.csv.", shown(pattern))
		}
	}
	return nil
}

func compress(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	mode, name := textOf(in.Values, "mode"), strings.TrimSpace(textOf(in.Values, "name"))
	if mode == "create" {
		return createArchive(ctx, in, do, name)
	}
	f, err := fileIn(in.Values["file"], "file")
	if err != nil {
		return nil, err
	}
	switch mode {
	case "gzip":
		return gzipFile(ctx, do, f, name, in.Now)
	case "gunzip":
		return gunzipFile(ctx, do, f, name)
	}
	u := &unpacking{ctx: ctx, do: do, of: f, only: textsOf(in.Values, "only"), keep: mode == "extract", room: roomFor(int64(f.Size))}
	format, err := u.run()
	if err != nil {
		return nil, err
	}
	return map[string]any{map[bool]string{true: "files", false: "members"}[u.keep]: u.out, "format": format}, nil
}

// member is a file that goes into an archive.
type member struct {
	file value.File
	path string
}

// membersOf are the files to pack, each at a path of its own.
func membersOf(v map[string]any) ([]member, error) {
	files, err := filesIn(v, "files", maxMembers)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, wrong("files", "there is none; give the files that the archive is to hold.")
	}
	seen := map[string]bool{}
	out := make([]member, len(files))
	for i, f := range files {
		object, _ := items(v, "files")[i].(map[string]any)
		at, given := object["path"].(string)
		if !given || at == "" {
			at = f.Name
		}
		at = safePath(at)
		end := slash.Ext(at)
		for n, stem := 2, strings.TrimSuffix(at, end); seen[at]; n++ { // a second one of a name is told from the first
			at = stem + " (" + value.Text(n) + ")" + end
		}
		seen[at] = true
		out[i] = member{f, at}
	}
	return out, nil
}

func createArchive(ctx context.Context, in actions.Input, do actions.Doer, name string) (any, error) {
	members, err := membersOf(in.Values)
	if err != nil {
		return nil, err
	}
	format := textOf(in.Values, "format")
	if name == "" {
		name = "archive"
	}
	kind := map[string]string{"zip": "application/zip", "tar": "application/x-tar", "tar.gz": "application/gzip"}[format]
	write := func(w io.Writer) error { return writeZip(ctx, do, w, members, in.Now) }
	if format != "zip" {
		write = func(w io.Writer) error { return writeTar(ctx, do, w, members, in.Now, format == "tar.gz") }
	}
	f, err := made(ctx, do, withEnd(name, "."+format), kind, write)
	if err != nil {
		return nil, err
	}
	return map[string]any{"file": f.Value(), "format": format}, nil
}

func writeZip(ctx context.Context, do actions.Doer, w io.Writer, members []member, now time.Time) error {
	z := zip.NewWriter(w)
	for _, m := range members {
		into, err := z.CreateHeader(&zip.FileHeader{Name: m.path, Method: zip.Deflate, Modified: now.UTC().Truncate(2 * time.Second)})
		if err != nil {
			return err
		}
		if _, err := pour(ctx, do, into, m.file); err != nil {
			return err
		}
	}
	return z.Close()
}

func writeTar(ctx context.Context, do actions.Doer, w io.Writer, members []member, now time.Time, compressed bool) error {
	out := w
	var z *gzip.Writer
	if compressed {
		z = gzip.NewWriter(w)
		out = z
	}
	t := tar.NewWriter(out)
	for i, m := range members {
		if err := t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: m.path, Mode: 0o644, Size: int64(m.file.Size), ModTime: now.Truncate(time.Second)}); err != nil {
			return wrong(itemName("files", i), "its path or its size cannot stand in a tar archive.")
		}
		n, err := pour(ctx, do, t, m.file)
		if err == tar.ErrWriteTooLong || err == nil && n != int64(m.file.Size) {
			return wrong(itemName("files", i), "the file %s has another size than it says; take it as the earlier step gave it.", shownName(m.file))
		}
		if err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil || z == nil {
		return err
	}
	return z.Close()
}

// pour writes a file's bytes.
func pour(ctx context.Context, do actions.Doer, w io.Writer, f value.File) (int64, error) {
	in, err := reading(ctx, do, f)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	return io.Copy(w, in)
}

func gzipFile(ctx context.Context, do actions.Doer, f value.File, name string, now time.Time) (any, error) {
	if name == "" {
		name = f.Name
	}
	out, err := made(ctx, do, withEnd(name, ".gz"), "application/gzip", func(w io.Writer) error {
		z := gzip.NewWriter(w)
		z.ModTime = now
		if latin(f.Name) {
			z.Name = f.Name
		}
		if _, err := pour(ctx, do, z, f); err != nil {
			return err
		}
		return z.Close()
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"file": out.Value(), "format": "gzip"}, nil
}

// latin says that a name can stand in the header of gzip, which knows Latin-1 only.
func latin(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > 0xff })
}

func gunzipFile(ctx context.Context, do actions.Doer, f value.File, name string) (any, error) {
	in, err := reading(ctx, do, f)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, broken(err, f, "gzip file")
	}
	if name == "" {
		name = slash.Base(safePath(z.Name))
	}
	if z.Name == "" && name == "file" {
		lower := strings.ToLower(f.Name)
		if name = strings.TrimSuffix(f.Name, f.Name[len(strings.TrimSuffix(lower, ".gz")):]); strings.HasSuffix(lower, ".tgz") {
			name = f.Name[:len(f.Name)-4] + ".tar"
		}
	}
	out, err := do.Keep(ctx, name, value.TypeByName(name), &bounded{in: z, room: roomFor(int64(f.Size)), of: f})
	if err != nil {
		return nil, broken(err, f, "gzip file")
	}
	return map[string]any{"file": out.Value(), "format": "gzip"}, nil
}

// unpackRoom is how much may come out of a file.
type unpackRoom struct{ left, bomb int64 }

func roomFor(packed int64) *unpackRoom {
	return &unpackRoom{left: maxUnpacked, bomb: max(bombFrom, packed*bombRatio)}
}

// bounded reads what is unpacked, and no more than there is room for.
type bounded struct {
	in   io.Reader
	room *unpackRoom
	of   value.File
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	b.room.left -= int64(n)
	b.room.bomb -= int64(n)
	switch {
	case b.room.bomb < 0:
		return n, fault.New(fault.TooLarge, "The file %s unpacks to more than %d times its size, as archives do that are made to fill disks; it is not unpacked.", shownName(b.of), bombRatio)
	case b.room.left < 0:
		return n, fault.New(fault.TooLarge, "The file %s unpacks to more than %d GB; take parts of it with the input only.", shownName(b.of), maxUnpacked>>30)
	}
	return n, err
}
