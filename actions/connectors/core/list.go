package core

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func limit() actions.Action {
	count := field("count", "Count", actions.Integer, "How many items stay.", 10)
	count.Required = true
	return dataStep(actions.Action{
		ID: "limit", Name: "Limit a list", Description: "Keeps the first or the last items of a list.",
		Input: []actions.Field{listField("list", "List", "The items."), count,
			choice("from", "From", "At which end they are counted.", "start", "start", "The first items", "end", "The last items"),
			field("skip", "Skip", actions.Integer, "How many are left out at that end before.", 20)},
		Output: value.Shape{Kind: "list"},
		Sample: []any{map[string]any{"id": 1}},
	}, func(_ context.Context, in actions.Input) (any, error) {
		count, skip, err := planLimit(in.Values)
		if err != nil {
			return nil, err
		}
		list := items(in.Values, "list")
		skip = min(skip, len(list))
		count = min(count, len(list)-skip)
		if textOf(in.Values, "from") == "end" {
			end := len(list) - skip
			return list[end-count : end : end], nil
		}
		return list[skip : skip+count : skip+count], nil
	}, func(v map[string]any) error { _, _, err := planLimit(v); return err }, "count", "skip")
}

func planLimit(v map[string]any) (count, skip int, err error) {
	if count, err = wholeOf(v, "count", 0, 0, 1<<31); err == nil {
		skip, err = wholeOf(v, "skip", 0, 0, 1<<31)
	}
	return count, skip, err
}

func unique() actions.Action {
	return dataStep(actions.Action{
		ID: "unique", Name: "Remove duplicates", Description: "Keeps one of the items that are the same, wholly or in some fields.",
		Input: []actions.Field{listField("list", "List", "The items."),
			field("fields", "Fields", actions.Texts, "Which fields make two items the same, as email; none: the whole item. Items in which all of them are missing, null or empty are not compared, and stay.", []any{"email"}),
			choice("keep", "Keep", "Which of those that are the same stays, at its place.", "first", "first", "The first", "last", "The last"),
			flag("ignore_case", "Ignore capitals", "Ada@example.com is the same as ada@example.com.", false)},
		Output: value.Shape{Kind: "list"},
		Sample: []any{map[string]any{"email": "ada@example.com"}},
	}, func(ctx context.Context, in actions.Input) (any, error) {
		paths, err := pathsOf(in.Values, "fields")
		if err != nil {
			return nil, err
		}
		list, fold := items(in.Values, "list"), isTrue(in.Values, "ignore_case")
		keys, kept := make([]string, len(list)), map[string]int{}
		for i, item := range list {
			if err := tick(ctx, i); err != nil {
				return nil, err
			}
			if len(paths) > 0 && !slices.ContainsFunc(paths, func(p path) bool { v := p.get(item); return v != nil && v != "" }) {
				continue // it has nothing to be known by
			}
			keys[i] = identity(item, paths, fold)
			if _, seen := kept[keys[i]]; !seen || textOf(in.Values, "keep") == "last" {
				kept[keys[i]] = i
			}
		}
		out := []any{}
		for i, item := range list {
			if at, compared := kept[keys[i]]; !compared || at == i {
				out = append(out, item)
			}
		}
		return out, nil
	}, func(v map[string]any) error { _, err := pathsOf(v, "fields"); return err }, "fields")
}

func splitText() actions.Action {
	text := field("text", "Text", actions.LongText, "What is taken apart.", "red, green, blue")
	text.Required, text.Blank = true, true
	return dataStep(actions.Action{
		ID: "split_text", Name: "Split a text", Description: "Takes a text apart into a list: at a separator, by lines, words or length, or by a regular expression.",
		Input: []actions.Field{text,
			choice("by", "By", "Where the text is taken apart.", "separator", "separator", "A separator", "lines", "Lines", "words", "Words", "length", "A number of characters", "regex", "A regular expression between the parts"),
			field("separator", "Separator", actions.Text, "What stands between the parts, as a comma; by a regular expression the expression. Empty: a comma.", ";"),
			field("length", "Length", actions.Integer, "By length: how many characters each part has.", 100),
			flag("trim", "Trim", "Leaves out the spaces around each part.", true),
			flag("skip_empty", "Leave out empty parts", "Keeps only parts that have something in them.", true),
			field("limit", "At most", actions.Integer, "How many parts are made; the last one has the rest.", 2),
			field("part", "Part", actions.Integer, "Gives one part in place of the list: 1 the first, -1 the last.", 1)},
		Sample: []any{"red", "green", "blue"},
	}, runSplit, func(v map[string]any) error { _, err := planSplit(v); return err }, "by", "separator", "length", "limit", "part")
}

type splitting struct {
	by, separator       string
	length, limit, part int
	pattern             *pattern
}

func planSplit(v map[string]any) (s splitting, err error) {
	s = splitting{by: textOf(v, "by"), separator: textOf(v, "separator")}
	if s.length, err = wholeOf(v, "length", 0, 1, maxBytes); err != nil {
		return s, err
	}
	if s.limit, err = wholeOf(v, "limit", 0, 1, maxNodes); err != nil {
		return s, err
	}
	if s.part, err = wholeOf(v, "part", 0, -maxNodes, maxNodes); err != nil {
		return s, err
	}
	switch {
	case v["part"] != nil && s.part == 0:
		return s, wrong("part", "the first part is 1, the last one -1; there is no part 0.")
	case s.by == "length" && s.length == 0:
		return s, wrong("length", "say how many characters each part has.")
	case s.by != "length" && s.length != 0:
		return s, wrong("length", "it is for by length; the text is split by %s.", s.by)
	case s.separator != "" && s.by != "separator" && s.by != "regex":
		return s, wrong("separator", "it is for by separator or regex; the text is split by %s.", s.by)
	case s.by == "regex":
		s.pattern, err = patternOf("separator", s.separator, false)
	}
	if s.separator == "" {
		s.separator = ","
	}
	return s, err
}

func runSplit(_ context.Context, in actions.Input) (any, error) {
	s, err := planSplit(in.Values)
	if err != nil {
		return nil, err
	}
	parts, err := s.parts(textOf(in.Values, "text"))
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, part := range parts {
		if isTrue(in.Values, "trim") {
			part = strings.TrimSpace(part)
		}
		if part != "" || !isTrue(in.Values, "skip_empty") {
			out = append(out, part)
		}
	}
	if s.limit > 0 && len(out) > s.limit && s.by == "length" {
		return nil, fault.New(fault.TooLarge, "The text has %d parts of %d characters, and limit asks for at most %d.", len(out), s.length, s.limit)
	}
	if in.Values["part"] == nil {
		return out, nil
	}
	i := s.part - 1
	if s.part < 0 {
		i = len(out) + s.part
	}
	if i < 0 || i >= len(out) {
		return nil, nil
	}
	return out[i], nil
}

func (s splitting) parts(text string) ([]string, error) {
	most := -1
	if s.limit > 0 {
		most = s.limit
	}
	many := func(n int) error {
		if n > maxNodes && most < 0 {
			return fault.New(fault.TooLarge, "The text has more than %d parts; split a shorter one, or set limit.", maxNodes)
		}
		return nil
	}
	switch s.by {
	case "lines":
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
		return strings.SplitN(text, "\n", most), many(strings.Count(text, "\n"))
	case "words":
		if most > 0 {
			return splitPattern(regexp.MustCompile(`\s+`), strings.TrimSpace(text), most), nil
		}
		words := strings.Fields(text)
		return words, many(len(words))
	case "length":
		return chunks(text, s.length), many(len(text) / s.length / utf8.UTFMax)
	case "regex":
		if err := s.pattern.charge(text); err != nil {
			return nil, err
		}
		return splitPattern(s.pattern.re, text, most), nil
	}
	if err := many(strings.Count(text, s.separator)); err != nil {
		return nil, err
	}
	return strings.SplitN(text, s.separator, most), nil
}

// splitPattern is Split with a bound on how many parts are made in any case.
func splitPattern(re *regexp.Regexp, text string, most int) []string {
	if most < 0 {
		most = maxNodes + 1
	}
	return re.Split(text, most)
}

// chunks are parts of so many characters.
func chunks(text string, length int) []string {
	var out []string
	start, n := 0, 0
	for i := range text {
		if n == length {
			out = append(out, text[start:i])
			start, n = i, 0
		}
		n++
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}
