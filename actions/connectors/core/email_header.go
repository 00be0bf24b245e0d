package core

import (
	"fmt"
	"net/url"
	slash "path"
	"strings"
	"unicode"

	"github.com/emersion/go-message/mail"
	"golang.org/x/text/unicode/norm"
)

const (
	maxHeaderLine  = 76 // characters, as the library folds lines
	maxEncodedWord = 75 // characters (RFC 2047)
)

// headerWords is a text as a header has it: of other letters than ASCII's in encoded words (RFC 2047), of which also the first has room
// on the line of the header's name.
func headerWords(name, text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r > '~' }) && !strings.Contains(text, "=?") {
		return text
	}
	most := max(min(maxHeaderLine-len(name)-len(": "), maxEncodedWord), 30)
	const begins, ends = "=?utf-8?q?", "?="
	var b, word strings.Builder
	for _, r := range text {
		letter := encodedLetter(r)
		if len(begins)+word.Len()+len(letter)+len(ends) > most {
			b.WriteString(begins + word.String() + ends + " ")
			word.Reset()
		}
		word.WriteString(letter)
	}
	return b.String() + begins + word.String() + ends
}

// encodedLetter is a letter within an encoded word, also in one of a name beside an address.
func encodedLetter(r rune) string {
	switch {
	case r == ' ':
		return "_"
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("!*+-/", r):
		return string(r)
	}
	var b strings.Builder
	for _, c := range []byte(string(r)) {
		fmt.Fprintf(&b, "=%02X", c)
	}
	return b.String()
}

// addressList is a header of addresses.
func addressList(name string, list []*mail.Address) string {
	texts := make([]string, len(list))
	for i, a := range list {
		if words := headerWords(name, a.Name); words != a.Name {
			texts[i] = words + " <" + a.Address + ">"
		} else {
			texts[i] = a.String()
		}
	}
	return strings.Join(texts, ", ")
}

// disposition is the header of an attachment: its name in ASCII, and where that is not all of it whole by RFC 2231, in parts where it
// is long.
func disposition(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	if name == "" {
		return "attachment"
	}
	plain := plainName(name)
	out := `attachment; filename="` + plain + `"`
	if plain == name {
		return out
	}
	const part = 50 // characters
	var parts []string
	var b strings.Builder
	for _, r := range name {
		letter := strings.NewReplacer("+", "%20", "*", "%2A", "'", "%27", "(", "%28", ")", "%29").Replace(url.QueryEscape(string(r)))
		if b.Len()+len(letter) > part {
			parts = append(parts, b.String())
			b.Reset()
		}
		b.WriteString(letter)
	}
	if len(parts) == 0 {
		return out + "; filename*=utf-8''" + b.String()
	}
	for i, text := range append(parts, b.String()) {
		if i == 0 {
			text = "utf-8''" + text
		}
		out += fmt.Sprintf("; filename*%d*=%s", i, text)
	}
	return out
}

// plainName is a short name in ASCII for programs that read no other.
func plainName(name string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r > '~' || r == '"' || r == '\\':
			return '_'
		}
		return r
	}, norm.NFD.String(name))
	if end := slash.Ext(plain); len(plain) > 50 && len(end) <= 10 {
		plain = plain[:50-len(end)] + end
	}
	return plain[:min(len(plain), 50)]
}
