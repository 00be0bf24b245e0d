package outbound

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// readBody takes the whole answer in, decompressed, within its bound. It is read to its end, so that the connection is
// used again; the rest of a body that is too large is not. With an error comes what was read.
func readBody(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return nil, fault.New(fault.Unavailable, "The answer switches to another protocol, which was not asked for.")
	}
	var in io.Reader = resp.Body
	if strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		z, err := gzip.NewReader(in)
		if err == io.EOF { // as of a HEAD
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		defer z.Close()
		in = z
	}
	var b bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= 64<<10 {
		b.Grow(int(n) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(in, maxAnswer+1))
	if err == nil && n > maxAnswer {
		err = fault.New(fault.TooLarge, "The answer is larger than %d MB.", maxAnswer>>20)
		b.Truncate(4 << 10)
	}
	return b.Bytes(), err
}

// parse gives the value of a body: of JSON what it says, else its text.
func parse(contentType string, body []byte) any {
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) == 0 {
		return nil
	}
	if strings.Contains(contentType, "json") || trimmed[0] == '{' || trimmed[0] == '[' {
		if v, err := value.Decode(body, value.Limits{}); err == nil {
			return v
		}
	}
	return strings.ToValidUTF8(string(body), "\uFFFD")
}
