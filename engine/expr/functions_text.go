package expr

import (
	"errors"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"
)

// escapeSlack writes the three signs that Slack reads as the beginning or end of a mention, a link or an entity.
var escapeSlack = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func textFunctions() []entry {
	f := func(name, signature, summary string, least, most int, call func(*args) (any, error), examples ...Example) entry {
		return entry{Function: Function{name, "text", signature, summary, examples}, min: least, max: most, call: call}
	}
	one := func(name, summary string, change func(string) string, example, result string) entry {
		return f(name, name+"(text) → text", summary, 1, 1, func(a *args) (any, error) { return a.made(change(a.text(0))) }, Example{example, result})
	}
	patterned := func(e entry) entry { e.pattern = 1; return e }
	return []entry{
		one("upper", "In capitals.", strings.ToUpper, `upper("abc")`, `"ABC"`),
		one("lower", "In small letters.", strings.ToLower, `lower("ABC")`, `"abc"`),
		one("title", "Each word with a capital.", title, `title("ada lovelace")`, `"Ada Lovelace"`),
		f("slugify", "slugify(text) → text", "As part of a URL: letters and digits with hyphens.", 1, 1, func(a *args) (any, error) {
			text := a.text(0)
			if !a.pay(a.s.charge(len(text) / 8)) { // taking letters apart is slow
				return nil, a.err
			}
			return a.made(slugify(text))
		}, Example{`slugify("Crème brûlée, bitte!")`, `"creme-brulee-bitte"`}),
		f("strip_html", "strip_html(text) → text", "The text of HTML, without its marks.", 1, 1, func(a *args) (any, error) {
			source := a.text(0)
			if !a.pay(a.s.charge(len(source) / 16)) {
				return nil, a.err
			}
			text, ok := stripHTML(source)
			if !ok {
				return nil, tooLong()
			}
			return a.made(text)
		}, Example{`strip_html("<p>Hello <b>you</b></p>")`, `"Hello you"`}),
		f("markdown_to_html", "markdown_to_html(text) → text", "Markdown as HTML; HTML inside it is left out.", 1, 1, func(a *args) (any, error) {
			return a.markdown(markdownHTML)
		}, Example{`markdown_to_html("**hi**")`, `"<p><strong>hi</strong></p>"`}),
		f("markdown_to_slack", "markdown_to_slack(text) → text", "Markdown as Slack writes it.", 1, 1, func(a *args) (any, error) {
			return a.markdown(markdownSlack)
		}, Example{`markdown_to_slack("**hi** [there](https://x.org)")`, `"*hi* <https://x.org|there>"`}),
		one("escape_html", "As it is written in HTML, so that nothing in it is a mark.", html.EscapeString, `escape_html("a < b & c")`, `"a &lt; b &amp; c"`),
		one("escape_slack", "As it is written in a Slack message, so that nothing in it is a mention or a link.", escapeSlack.Replace, `escape_slack("<!channel> & co")`, `"&lt;!channel&gt; &amp; co"`),
		one("capitalize", "The first letter as a capital.", capitalize, `capitalize("hello there")`, `"Hello there"`),
		f("trim", "trim(text, [characters]) → text", "Without white space, or those characters, at both ends.", 1, 2, func(a *args) (any, error) {
			if len(a.list) == 2 {
				return a.made(strings.Trim(a.text(0), a.short(1, maxTrimmed)))
			}
			return a.made(strings.TrimSpace(a.text(0)))
		}, Example{`trim("  a ")`, `"a"`}, Example{`trim("--a-", "-")`, `"a"`}),
		f("trimPrefix", "trimPrefix(text, prefix) → text", "Without that beginning.", 2, 2, func(a *args) (any, error) { return a.made(strings.TrimPrefix(a.text(0), a.text(1))) }, Example{`trimPrefix("re: hi", "re: ")`, `"hi"`}),
		f("trimSuffix", "trimSuffix(text, suffix) → text", "Without that end.", 2, 2, func(a *args) (any, error) { return a.made(strings.TrimSuffix(a.text(0), a.text(1))) }, Example{`trimSuffix("a.txt", ".txt")`, `"a"`}),
		f("hasPrefix", "hasPrefix(text, prefix) → boolean", "Whether it begins so.", 2, 2, func(a *args) (any, error) { return a.gives(strings.HasPrefix(a.text(0), a.text(1))) }, Example{`hasPrefix("hello", "he")`, `true`}),
		f("hasSuffix", "hasSuffix(text, suffix) → boolean", "Whether it ends so.", 2, 2, func(a *args) (any, error) { return a.gives(strings.HasSuffix(a.text(0), a.text(1))) }, Example{`hasSuffix("hello", "lo")`, `true`}),
		f("indexOf", "indexOf(text, part) → number", "Where the part first stands, in characters from 0; -1 where it does not.", 2, 2, func(a *args) (any, error) {
			text := a.text(0)
			i := strings.Index(text, a.text(1))
			if i > 0 {
				i = utf8.RuneCountInString(text[:i])
			}
			return a.gives(i)
		}, Example{`indexOf("hello", "l")`, `2`}),
		f("lastIndexOf", "lastIndexOf(text, part) → number", "Where the part last stands, in characters from 0; -1 where it does not.", 2, 2, func(a *args) (any, error) {
			text := a.text(0)
			i := strings.LastIndex(text, a.text(1))
			if i > 0 {
				i = utf8.RuneCountInString(text[:i])
			}
			return a.gives(i)
		}, Example{`lastIndexOf("hello", "l")`, `3`}),
		f("truncate", "truncate(text, length, [end]) → text", "At most that many characters, ending in … or another end where it was cut.", 2, 3, func(a *args) (any, error) {
			n := a.whole(1, 0)
			if n < 0 {
				return a.fails("the length must not be negative.")
			}
			return a.made(truncate(a.text(0), n, a.textOr(2, "…")))
		}, Example{`truncate("Hello world", 6)`, `"Hello…"`}, Example{`truncate("Hi", 6)`, `"Hi"`}, Example{`truncate("Hello", 2, "...")`, `".."`}),
		f("pad_left", "pad_left(text, length, [with]) → text", "At least that many characters, filled at the left.", 2, 3, func(a *args) (any, error) { return pad(a, true) }, Example{`pad_left("7", 3, "0")`, `"007"`}),
		f("pad_right", "pad_right(text, length, [with]) → text", "At least that many characters, filled at the right.", 2, 3, func(a *args) (any, error) { return pad(a, false) }, Example{`pad_right("ab", 4, ".")`, `"ab.."`}),
		f("repeat", "repeat(text, times) → text", "The text that many times in a row.", 2, 2, func(a *args) (any, error) {
			text, times := a.text(0), a.whole(1, 0)
			if times < 0 || len(text) > 0 && times > maxText/len(text) {
				return a.fails("the text would be larger than 1 MB.")
			}
			return a.made(strings.Repeat(text, times))
		}, Example{`repeat("ab", 2)`, `"abab"`}),
		f("replace", "replace(text, old, new) → text", "With every old part replaced.", 3, 3, func(a *args) (any, error) {
			text, before, after := a.text(0), a.text(1), a.text(2)
			if n := strings.Count(text, before); len(text)+n*(len(after)-len(before)) > maxText {
				return a.fails("the text would be larger than 1 MB.")
			}
			return a.made(strings.ReplaceAll(text, before, after))
		}, Example{`replace("a-b-c", "-", "+")`, `"a+b+c"`}),
		f("split", "split(text, separator) → list", "The parts between the separators.", 2, 2, func(a *args) (any, error) { return cut(a, strings.Split) }, Example{`split("a,b", ",")`, `["a","b"]`}),
		f("splitAfter", "splitAfter(text, separator) → list", "The parts, each with its separator.", 2, 2, func(a *args) (any, error) { return cut(a, strings.SplitAfter) }, Example{`splitAfter("a,b", ",")`, `["a,","b"]`}),
		f("join", "join(list, [separator]) → text", "The items as one text.", 1, 2, func(a *args) (any, error) {
			var b strings.Builder
			by := a.text(1)
			for i, item := range a.items(0) {
				text, err := a.s.text(item)
				if err != nil {
					return nil, err
				}
				if i > 0 {
					b.WriteString(by)
				}
				b.WriteString(text)
				if b.Len() > maxText {
					return nil, tooLong()
				}
			}
			return a.made(b.String())
		}, Example{`join(["a", "b"], ", ")`, `"a, b"`}),
		patterned(f("replace_regex", "replace_regex(text, pattern, new) → text", "With every match replaced; $1 is the first group.", 3, 3, func(a *args) (any, error) {
			text, p, err := a.pattern()
			if err != nil {
				return nil, err
			}
			return a.made(replaceRegex(a, p.re, text, a.text(2)))
		}, Example{`replace_regex("a1b22", "[0-9]+", "#")`, `"a#b#"`})),
		patterned(f("match_regex", "match_regex(text, pattern) → value", "The first match: its groups, or the whole where there are none; null where nothing fits.", 2, 2, func(a *args) (any, error) {
			text, p, err := a.pattern()
			if err != nil {
				return nil, err
			}
			m := p.re.FindStringSubmatch(text)
			switch {
			case m == nil:
				return nil, nil
			case len(m) == 1:
				return m[0], nil
			}
			out := []any{}
			for _, group := range m[1:] {
				out = append(out, group)
			}
			return out, nil
		}, Example{`match_regex("order 42", "order ([0-9]+)")`, `["42"]`}, Example{`match_regex("x", "y")`, `null`})),
		patterned(f("match_all", "match_all(text, pattern) → list", "Every match: its first group, or the whole where there are none.", 2, 2, func(a *args) (any, error) {
			text, p, err := a.pattern()
			if err != nil {
				return nil, err
			}
			out := []any{}
			for _, m := range p.re.FindAllStringSubmatch(text, -1) {
				out = append(out, m[min(1, len(m)-1)])
			}
			return out, a.s.charge(len(out))
		}, Example{`match_all("#a and #b", "#([a-z]+)")`, `["a","b"]`}, Example{`match_all("a1b22", "[0-9]+")`, `["1","22"]`})),
	}
}

func cut(a *args, how func(string, string) []string) (any, error) {
	text, by := a.text(0), a.text(1)
	if strings.Count(text, by) > 100_000 {
		return a.fails("the text has more than 100,000 parts.")
	}
	parts := how(text, by)
	out := make([]any, len(parts))
	for i, p := range parts {
		out[i] = p
	}
	if err := a.s.charge(len(out)); err != nil {
		return nil, err
	}
	return a.gives(out)
}

// replaceRegex is re.ReplaceAllString that gives up as soon as the text becomes too long: a group may stand in the new
// text any number of times.
func replaceRegex(a *args, re *regexp.Regexp, text, with string) string {
	var out []byte
	last, groups := 0, strings.Count(with, "$")
	for _, m := range re.FindAllStringSubmatchIndex(text, -1) {
		out = append(out, text[last:m[0]]...)
		if len(out)+len(with)+groups*(m[1]-m[0]) > maxText {
			a.err = tooLong()
			return ""
		}
		out = re.ExpandString(out, with, text, m)
		last = m[1]
		if a.err = a.s.charge(1); a.err != nil {
			return ""
		}
	}
	return string(append(out, text[last:]...))
}

func title(s string) string {
	before := ' '
	return strings.Map(func(r rune) rune {
		defer func() { before = r }()
		if !unicode.IsLetter(before) && before != '\'' && !unicode.IsDigit(before) {
			return unicode.ToTitle(r)
		}
		return r
	}, s)
}

func capitalize(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToTitle(r)) + s[n:]
}

func slugify(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'ß':
			b.WriteString("ss")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
				b.WriteByte('-')
			}
		}
		if b.Len() > 4096 {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}

// stripHTML gives the text of a fragment of HTML; blocks are set apart by a space, scripts and styles left out. It fails
// on a mark or a text that is too long.
func stripHTML(s string) (string, bool) {
	if !strings.ContainsAny(s, "<&") {
		return s, true
	}
	var b strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(s))
	tokens.SetMaxBuf(maxText)
	skip := 0
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(b.String()), " "), errors.Is(tokens.Err(), io.EOF)
		case html.TextToken:
			if skip == 0 {
				b.Write(tokens.Text())
			}
		case html.StartTagToken:
			name, _ := tokens.TagName()
			switch string(name) {
			case "script", "style":
				skip++
			case "b", "i", "em", "strong", "a", "span", "u", "code", "small", "sub", "sup", "mark":
			default:
				b.WriteByte(' ')
			}
		case html.EndTagToken:
			name, _ := tokens.TagName()
			switch string(name) {
			case "script", "style":
				skip = max(skip-1, 0)
			case "p", "div", "li", "td", "th", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre":
				b.WriteByte(' ')
			}
		case html.SelfClosingTagToken:
			b.WriteByte(' ')
		}
	}
}

// truncate cuts a text that is longer than n characters, its end among them.
func truncate(s string, n int, end string) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	room := n - utf8.RuneCountInString(end)
	if room <= 0 {
		return first(end, n)
	}
	return strings.TrimRightFunc(first(s, room), unicode.IsSpace) + end
}

// first gives the first n characters of a text.
func first(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func pad(a *args, left bool) (any, error) {
	text, n, with := a.text(0), a.whole(1, 0), a.textOr(2, " ")
	missing := n - utf8.RuneCountInString(text)
	if missing <= 0 || with == "" {
		return a.made(text)
	}
	if missing > 10_000 {
		return a.fails("the length is at most 10,000 more.")
	}
	fill := []rune(strings.Repeat(with, missing/utf8.RuneCountInString(with)+1))[:missing]
	if left {
		return a.made(string(fill) + text)
	}
	return a.made(text + string(fill))
}
