package core

import (
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// pdfFont is what is needed of a font: what its codes mean, and how wide they are.
type pdfFont struct {
	wide    bool              // its codes have two bytes
	means   map[string]string // by codes; of those that it lacks what follows says it
	sizes   [5]bool           // how many bytes the codes of means have
	names   map[byte]string   // of codes of one byte
	base    *charmap.Charmap
	utf16   bool
	widths  map[int]float64
	missing float64 // the width of codes that have none
}

const maxCodes = 200_000 // that a font names

func (d *pdf) fontOf(v any) *pdfFont {
	if ref, is := v.(pdfRef); is {
		if f := d.fonts[ref]; f != nil {
			return f
		}
	}
	about, _ := d.get(v).(pdfDict)
	f := d.newFont(about)
	if ref, is := v.(pdfRef); is {
		d.fonts[ref] = f
	}
	return f
}

func (d *pdf) newFont(about pdfDict) *pdfFont {
	f := &pdfFont{means: map[string]string{}, names: map[byte]string{}, widths: map[int]float64{}, missing: 500, base: charmap.Windows1252}
	if s, is := d.get(about["ToUnicode"]).(pdfStream); is {
		if b, err := d.bytesOf(s); err == nil { // without it the text is read by the font's own encoding
			f.toUnicode(b)
		}
	}
	encoding := d.get(about["Encoding"])
	if d.get(about["Subtype"]) == any(pdfName("Type0")) {
		f.wide, f.missing = true, 1000
		name, _ := encoding.(pdfName)
		f.utf16 = strings.Contains(string(name), "UCS2") || strings.Contains(string(name), "UTF16")
		if list := d.list(about["DescendantFonts"]); len(list) > 0 {
			below, _ := d.get(list[0]).(pdfDict)
			if w := d.whole(below["DW"]); w > 0 {
				f.missing = float64(w)
			}
			f.wideWidths(d, d.list(below["W"]))
		}
		return f
	}
	if table, is := encoding.(pdfDict); is {
		encoding = d.get(table["BaseEncoding"])
		code := 0
		for _, v := range d.list(table["Differences"]) {
			switch v := d.get(v).(type) {
			case float64:
				code = int(v)
			case pdfName:
				if code >= 0 && code < 256 {
					f.names[byte(code)] = glyph(string(v))
				}
				code++
			}
		}
	}
	if encoding == any(pdfName("MacRomanEncoding")) {
		f.base = charmap.Macintosh
	}
	first := d.whole(about["FirstChar"])
	for i, v := range d.list(about["Widths"]) {
		if w, is := d.get(v).(float64); is && i < 256 {
			f.widths[first+i] = w
		}
	}
	return f
}

// wideWidths reads the widths of a font with codes of two bytes (ISO 32000-1, 9.7.4.3).
func (f *pdfFont) wideWidths(d *pdf, list []any) {
	for i := 0; i+1 < len(list) && len(f.widths) < maxCodes; {
		from := d.whole(list[i])
		if each, is := d.get(list[i+1]).([]any); is {
			for j, v := range each {
				f.widths[from+j], _ = d.get(v).(float64)
			}
			i += 2
			continue
		}
		if i+2 >= len(list) {
			return
		}
		w, _ := d.get(list[i+2]).(float64)
		for code := from; code <= min(d.whole(list[i+1]), 0xffff); code++ {
			f.widths[code] = w
		}
		i += 3
	}
}

// toUnicode reads what a font says that its codes mean (ISO 32000-1, 9.10.3).
func (f *pdfFont) toUnicode(b []byte) {
	l := &pdfLexer{b: b}
	var args []any
	for {
		v := l.object()
		op, is := v.(pdfOp)
		switch {
		case v == io.EOF:
			return
		case !is:
			if len(args) < maxCodes {
				args = append(args, v)
			}
			continue
		case op == "endbfchar":
			for i := 0; i+1 < len(args); i += 2 {
				f.mean(args[i], 0, args[i+1])
			}
		case op == "endbfrange":
			for i := 0; i+2 < len(args); i += 3 {
				f.meanRange(args[i], args[i+1], args[i+2])
			}
		}
		args = args[:0]
	}
}

func (f *pdfFont) meanRange(from, to, v any) {
	a, _ := from.(pdfString)
	b, _ := to.(pdfString)
	if len(a) == 0 || len(a) != len(b) || len(a) > 4 {
		return
	}
	begin, end := codeOf(string(a)), codeOf(string(b))
	list, isList := v.([]any)
	for i := 0; begin+i <= end && len(f.means) < maxCodes; i++ {
		code := make([]byte, len(a))
		for j, n := len(code)-1, begin+i; j >= 0; j, n = j-1, n>>8 {
			code[j] = byte(n)
		}
		switch {
		case !isList:
			f.mean(pdfString(code), i, v)
		case i < len(list):
			f.mean(pdfString(code), 0, list[i])
		default:
			return
		}
	}
}

// mean notes what a code means: a text in UTF-16, the last of whose units counts on.
func (f *pdfFont) mean(code any, on int, v any) {
	c, _ := code.(pdfString)
	text, is := v.(pdfString)
	if !is || len(c) == 0 || len(c) > 4 || len(f.means) >= maxCodes || len(text) > 100 {
		return
	}
	units := utf16Of(string(text))
	if len(units) > 0 {
		units[len(units)-1] += uint16(on)
	}
	f.means[string(c)], f.sizes[len(c)] = string(utf16.Decode(units)), true
}

func utf16Of(b string) []uint16 {
	if len(b) == 1 {
		return []uint16{uint16(b[0])}
	}
	out := make([]uint16, len(b)/2)
	for i := range out {
		out[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
	}
	return out
}

func codeOf(b string) int {
	n := 0
	for i := range len(b) {
		n = n<<8 | int(b[i])
	}
	return n
}

// decode gives a string's text, its width in thousandths, how many spaces of one byte it has, and how many codes.
func (f *pdfFont) decode(raw string) (text string, width float64, spaces, count int) {
	var out strings.Builder
	for len(raw) > 0 {
		n := 1
		if f.wide {
			n = min(2, len(raw))
		}
		for size := 1; size <= min(4, len(raw)); size++ {
			if _, ok := f.means[raw[:size]]; ok && f.sizes[size] && (!f.wide || size >= 2) {
				n = size
				break
			}
		}
		code := raw[:n]
		raw = raw[n:]
		if count++; code == " " {
			spaces++
		}
		w, ok := f.widths[codeOf(code)]
		if !ok {
			w = f.missing
		}
		width += w
		out.WriteString(f.meaning(code))
	}
	return out.String(), width, spaces, count
}

func (f *pdfFont) meaning(code string) string {
	text, ok := f.means[code]
	switch {
	case ok:
		return text
	case f.utf16:
		return string(utf16.Decode(utf16Of(code)))
	case f.wide:
		return "\uFFFD" // the font alone knows
	case f.names[code[0]] != "":
		return f.names[code[0]]
	case code[0] < ' ':
		return ""
	}
	return string(f.base.DecodeByte(code[0]))
}

// accents are the ends of the names of letters that have one.
var accents = map[string]string{"acute": "\u0301", "grave": "\u0300", "circumflex": "\u0302", "dieresis": "\u0308", "tilde": "\u0303", "cedilla": "\u0327", "caron": "\u030c", "ring": "\u030a",
	"ogonek": "\u0328", "macron": "\u0304", "breve": "\u0306", "dotaccent": "\u0307", "hungarumlaut": "\u030b"}

// glyphs are the names of signs that are neither letters nor made of one.
var glyphs = map[string]string{"space": " ", "exclam": "!", "quotedbl": "\"", "numbersign": "#", "dollar": "$", "percent": "%", "ampersand": "&", "quotesingle": "'", "quoteright": "’", "quoteleft": "‘",
	"parenleft": "(", "parenright": ")", "asterisk": "*", "plus": "+", "comma": ",", "hyphen": "-", "minus": "−", "period": ".", "slash": "/", "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4",
	"five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "colon": ":", "semicolon": ";", "less": "<", "equal": "=", "greater": ">", "question": "?", "at": "@", "bracketleft": "[",
	"backslash": "\\", "bracketright": "]", "asciicircum": "^", "underscore": "_", "grave": "`", "braceleft": "{", "bar": "|", "braceright": "}", "asciitilde": "~", "exclamdown": "¡", "cent": "¢",
	"sterling": "£", "yen": "¥", "Euro": "€", "section": "§", "copyright": "©", "registered": "®", "trademark": "™", "degree": "°", "plusminus": "±", "mu": "µ", "paragraph": "¶", "periodcentered": "·",
	"guillemotleft": "«", "guillemotright": "»", "guilsinglleft": "‹", "guilsinglright": "›", "questiondown": "¿", "quotedblleft": "“", "quotedblright": "”", "quotedblbase": "„", "quotesinglbase": "‚",
	"endash": "–", "emdash": "—", "bullet": "•", "ellipsis": "…", "fi": "fi", "fl": "fl", "ff": "ff", "ffi": "ffi", "ffl": "ffl", "germandbls": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ",
	"oslash": "ø", "Oslash": "Ø", "lslash": "ł", "Lslash": "Ł", "dotlessi": "ı", "eth": "ð", "thorn": "þ", "multiply": "×", "divide": "÷", "onehalf": "½", "onequarter": "¼", "threequarters": "¾",
	"nbspace": "\u00a0", "sfthyphen": "\u00ad", "dagger": "†", "daggerdbl": "‡", "perthousand": "‰"}

// glyph is the text that a glyph's name stands for; empty: nobody knows.
func glyph(name string) string {
	name, _, _ = strings.Cut(name, ".")
	if text, ok := glyphs[name]; ok {
		return text
	}
	if utf8.RuneCountInString(name) == 1 {
		return name
	}
	for _, form := range []string{"uni", "u"} {
		if digits, is := strings.CutPrefix(name, form); is && len(digits) >= 4 {
			if n, err := strconv.ParseUint(digits[:min(len(digits), 6)], 16, 32); err == nil && utf8.ValidRune(rune(n)) {
				return string(rune(n))
			}
		}
	}
	if len(name) > 1 {
		if accent := accents[name[1:]]; accent != "" {
			return norm.NFC.String(name[:1] + accent)
		}
	}
	return ""
}
