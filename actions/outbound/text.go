package outbound

import (
	"bytes"
	"fmt"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/stepmill/stepmill/engine/fault"
)

// marks are the byte order marks, which say more than what a header says. Source: https://encoding.spec.whatwg.org/#bom-sniff
var marks = []struct{ mark, charset string }{{"\xef\xbb\xbf", "utf-8"}, {"\xfe\xff", "utf-16be"}, {"\xff\xfe", "utf-16le"}}

// named is what an XML or HTML document says of its own charset.
var named = regexp.MustCompile(`(?i)<(?:\?xml|meta)[^>]*(?:encoding|charset)\s*=\s*["']?\s*([a-z0-9_:.-]+)`)

const noText = "it is no text"

// readable gives the text of an answer in UTF-8, by the charset that its bytes, its header or the document itself names. why says what
// keeps the text from being whole, as "it is …"; empty: nothing does.
func readable(contentType string, body []byte) (text []byte, why string) {
	kind, params, _ := mime.ParseMediaType(contentType) // a header that cannot be read names none
	charset, marked := strings.ToLower(strings.TrimSpace(params["charset"])), false
	for _, m := range marks {
		if rest, found := bytes.CutPrefix(body, []byte(m.mark)); found {
			body, charset, marked = rest, m.charset, true
			break
		}
	}
	if charset == "" && !utf8.Valid(body) {
		if found := named.FindSubmatch(body[:min(len(body), 1024)]); found != nil {
			charset = strings.ToLower(string(found[1]))
		} else if isWritten(kind) && bytes.IndexFunc(body, isControl) < 0 { // as browsers read it
			charset = "windows-1252"
		}
	}
	encoding, err := htmlindex.Get(charset)
	name, _ := htmlindex.Name(encoding)
	switch {
	case (err != nil || name == "utf-8") && utf8.Valid(body): // of an unknown charset too: hardly anything else looks like UTF-8
		return body, ""
	case charset == "" && kind == "":
		return body, noText
	case charset == "":
		return body, noText + " (" + fault.Clip(kind, 60) + ")"
	case err != nil:
		return body, fmt.Sprintf("its charset %q is not known", fault.Clip(charset, 40))
	case name == "utf-8":
		return body, "it has bytes that are no " + strings.ToUpper(charset)
	}
	text, err = encoding.NewDecoder().Bytes(body)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		why = "it has bytes that are no " + strings.ToUpper(charset)
		if marked {
			why = "it begins as " + strings.ToUpper(charset) + " and goes on otherwise"
		}
	}
	return text, why
}

// isWritten says that a kind of answer is text by its name.
func isWritten(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "json") || strings.HasSuffix(kind, "xml") || kind == "application/x-www-form-urlencoded"
}

// isControl finds what stands in no text.
func isControl(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' }
