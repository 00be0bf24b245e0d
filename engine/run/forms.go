package run

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/stepmill/stepmill/engine/value"
)

const (
	// fewestLetters of a text have to be there for its upper and lower case to be looked for: shorter ones are words.
	fewestLetters = 6
	// longestDerived is the length in bytes up to which a text is looked for in its derived forms.
	longestDerived = 4 << 10
	// fewestEncoded characters of base64 are enough to know a text by, in the middle of something longer.
	fewestEncoded = 8
)

// forms are the ways in which a hidden text may stand in another: as it is, as it is written in JSON, in an address and in
// messages, in capitals or small letters, in hexadecimal and in base64, there also as a part of something longer.
func forms(text string) []string {
	list := spelled(text)
	if len(text) > longestDerived {
		return distinct(list)
	}
	if letters(text) >= fewestLetters {
		list = append(list, spelled(strings.ToUpper(text))...)
		list = append(list, spelled(strings.ToLower(text))...)
	}
	digits := hex.EncodeToString([]byte(text))
	list = append(list, digits, strings.ToUpper(digits))
	for _, coding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		whole := coding.EncodeToString([]byte(text))
		list = append(list, whole, strings.TrimRight(whole, "="), url.QueryEscape(whole))
		for before := range 3 { // bytes that stand before it in what is encoded
			if inside := within64(coding, text, before); len(inside) >= fewestEncoded {
				list = append(list, inside)
			}
		}
	}
	return distinct(list)
}

// spelled are the forms that a text has in JSON, in addresses and in messages.
func spelled(text string) []string {
	list := []string{text, quoted(text), strings.Trim(strconv.Quote(text), `"`), strings.Trim(strconv.QuoteToASCII(text), `"`), url.QueryEscape(text), url.PathEscape(text)}
	if b, err := json.Marshal(text); err == nil {
		list = append(list, string(b[1:len(b)-1]))
	}
	return list
}

// within64 is what of a text's base64 does not hang on what is encoded before and after it.
func within64(coding *base64.Encoding, text string, before int) string {
	encoded := strings.TrimRight(coding.EncodeToString([]byte(strings.Repeat("x", before)+text)), "=")
	from := (8*before + 5) / 6         // the first character that is the text's alone
	to := 8 * (before + len(text)) / 6 // and the one behind the last
	if to <= from {
		return ""
	}
	return encoded[from:to]
}

func letters(text string) (n int) {
	for _, r := range text {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// distinct are the texts, each once, without those that would be found anywhere.
func distinct(list []string) []string {
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(s string) bool { return len(s) < shortestHidden })
}

// quoted is a text as JSON writes it, without the quotes.
func quoted(s string) string {
	b, err := value.Encode(s)
	if err != nil || len(b) < 2 {
		return s
	}
	return string(b[1 : len(b)-1])
}
