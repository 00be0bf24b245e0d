package outbound

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// readBody takes the whole answer in, decompressed, within its bound and, where it is large, within the room for such. It is
// read to its end, so that the connection is used again; the rest of a body that is too large is not. With an error comes
// the beginning of what was read.
func (d *doing) readBody(ctx context.Context, target *url.URL, resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return nil, fault.New(fault.Unavailable, "The answer switches to another protocol, which was not asked for.")
	}
	in, packed, err := unpacked(resp)
	if err != nil {
		return nil, err
	}
	size := resp.ContentLength
	if packed {
		size = -1
	}
	var b bytes.Buffer
	if size > 0 && size <= smallAnswer {
		b.Grow(int(size) + bytes.MinRead)
	}
	if n, err := b.ReadFrom(io.LimitReader(in, smallAnswer+1)); err != nil || n <= smallAnswer {
		return b.Bytes(), err
	}
	if size > maxAnswer {
		return b.Bytes()[:errorPart], tooLarge()
	}
	if size < 0 {
		size = maxAnswer
	}
	return d.readLarge(ctx, target, in, b.Bytes(), size)
}

// unpacked is the body of an answer as it was before it was packed for the way, and whether it was. What does not begin as gzip
// does is plain all the same, or nothing, as of a HEAD.
func unpacked(resp *http.Response) (io.Reader, bool, error) {
	if encoding := resp.Header.Get("Content-Encoding"); !strings.EqualFold(encoding, "gzip") && !strings.EqualFold(encoding, "x-gzip") {
		return resp.Body, false, nil
	}
	begins := bufio.NewReader(resp.Body)
	if magic, _ := begins.Peek(2); string(magic) != "\x1f\x8b" { // an error comes again where the body is read
		return begins, false, nil
	}
	z, err := gzip.NewReader(begins)
	return z, true, err
}

// isDamaged says that what was packed cannot be unpacked.
func isDamaged(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.As(err, &corrupt)
}

// tooLong says that an answer was given up because of its headers, which the transport says in words alone, and of HTTP/2 not at all.
func tooLong(err error) bool {
	return strings.Contains(err.Error(), "server response headers exceeded")
}

// readLarge reads the rest of a large body, of at most so many bytes, in pieces: they are put together once there is room to
// parse them.
func (d *doing) readLarge(ctx context.Context, target *url.URL, in io.Reader, begun []byte, size int64) ([]byte, error) {
	if err := d.held.read(ctx, d.client.rooms, size); err != nil {
		return begun, tooCrowded(ctx, target, err)
	}
	pieces, n := [][]byte{begun}, int64(len(begun))
	for {
		piece := make([]byte, min(pieceSize, size+1-n))
		m, err := readFull(in, piece)
		pieces, n = append(pieces, piece[:m]), n+int64(m)
		if n > size {
			return begun[:errorPart], tooLarge()
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return begun, err
		}
	}
	d.held.fewer(d.client.rooms, size-n)
	if err := d.held.parse(ctx, d.client.rooms, n); err != nil {
		return begun, tooCrowded(ctx, target, err)
	}
	body := make([]byte, 0, n)
	for _, piece := range pieces {
		body = append(body, piece...)
	}
	return body, nil
}

const (
	pieceSize = 256 << 10
	errorPart = 4 << 10 // what is shown of a body that is too large
)

func tooLarge() error {
	return fault.New(fault.TooLarge, "The answer is larger than %d MB.", maxAnswer>>20)
}

// readFull reads until b is full, or an error: io.EOF at the end, however much was read.
func readFull(in io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = in.Read(b[n:])
		n += m
	}
	return n, err
}

// read makes of the bytes of an answer its text and its value, and says in the log what of it is not as it says it is.
func (d *doing) read(ctx context.Context, target *url.URL, out *actions.Response) error {
	kind, size := out.Header.Get("Content-Type"), len(out.Body)
	out.Body, out.Unread = readable(kind, out.Body)
	if more := len(out.Body) - size; more > 0 && len(out.Body) > smallAnswer {
		if len(out.Body) > maxAnswer {
			out.Body = out.Body[:errorPart]
			return tooLarge()
		}
		if err := d.held.parse(ctx, d.client.rooms, int64(more)); err != nil {
			return tooCrowded(ctx, target, err)
		}
	}
	d.maskAnswer(out)
	var err error
	switch out.Value, err = parse(kind, out.Body); {
	case out.Unread != "":
		d.Log(fmt.Sprintf("The answer of %s is not taken in whole as text: %s.", fault.Clip(target.Host, 100), out.Unread))
	case err != nil:
		d.Log(fmt.Sprintf("The answer of %s says that it is JSON, and is none; it is taken as text. %s", fault.Clip(target.Host, 100), fault.MessageOf(err)))
	}
	return nil
}

// parse gives the value of a body in UTF-8: of JSON what it says, else its text; with an error where it says that it is JSON.
func parse(contentType string, body []byte) (any, error) {
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) == 0 {
		return nil, nil
	}
	var broken error
	if says := strings.Contains(contentType, "json"); says || trimmed[0] == '{' || trimmed[0] == '[' {
		v, err := value.Decode(body, value.Limits{})
		if err == nil {
			return v, nil
		}
		if says {
			broken = err
		}
	}
	return strings.ToValidUTF8(string(body), "\uFFFD"), broken
}
