package core

import (
	"encoding/xml"
	"io"
	"regexp"
	"slices"
	"strings"
)

// markupAsText makes a text of the markup that stands as elements of its own in an entry of Atom (type="xhtml", RFC 4287 3.1.1.3), as the
// other types have it. XML that cannot be read stays, and is refused by who reads it.
func markupAsText(text string) string {
	if !strings.Contains(text, "xhtml") {
		return text
	}
	dec := xml.NewDecoder(strings.NewReader(text))
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is a text already
	var b strings.Builder
	taken, from, depth := 0, 0, 0 // depth: of elements within the markup; 0: there is none
	for {
		before := int(dec.InputOffset())
		token, err := dec.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return text
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch {
			case depth > 0:
				depth++
			case slices.ContainsFunc(token.Attr, func(a xml.Attr) bool { return a.Name.Space == "" && a.Name.Local == "type" && a.Value == "xhtml" }):
				depth, from = 1, int(dec.InputOffset())
			}
		case xml.EndElement:
			if depth--; depth == 0 {
				b.WriteString(text[taken:from])
				if xml.EscapeText(&b, []byte(withoutDiv(text[from:before]))) != nil {
					return text
				}
				taken = before
			}
			depth = max(depth, 0)
		}
	}
	return b.String() + text[taken:]
}

var outerDiv = regexp.MustCompile(`(?s)^<(?:\w+:)?div(?:\s[^>]*)?(?:/>$|>(.*)</(?:\w+:)?div\s*>$)`)

// withoutDiv is markup without the div around all of it, which Atom wants there and which is no part of it.
func withoutDiv(markup string) string {
	markup = strings.TrimSpace(markup)
	if m := outerDiv.FindStringSubmatch(markup); m != nil {
		return strings.TrimSpace(m[1])
	}
	return markup
}
