package core

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

const mostMatches = 10_000

func matchText() actions.Action {
	first := map[string]any{"text": "INV-1001", "at": 8, "groups": []any{"1001"}, "names": map[string]any{"number": "1001"}}
	pattern := field("pattern", "Pattern", actions.Text, "A regular expression of the kind RE2. What stands in brackets is a group: (?P<number>\\d+) is one with a name.", `INV-(?P<number>\d+)`)
	pattern.Required = true
	text := field("text", "Text", actions.LongText, "What is looked through.", "Invoice INV-1001")
	text.Required, text.Blank = true, true
	return dataStep(actions.Action{
		ID: "match_text", Name: "Match a pattern", Description: "Finds what a regular expression matches in a text, with its groups, and puts something else in its place where that is asked.",
		Input: []actions.Field{text, pattern,
			flag("ignore_case", "Ignore capitals", "INV matches inv.", false),
			flag("multiline", "By lines", "^ and $ are the beginning and the end of each line, not of the text.", false),
			flag("dot_all", "Dots match line ends", "A dot matches the end of a line too.", false),
			field("limit", "At most", actions.Integer, "How many matches are found, up to 10,000.", 1),
			field("replace", "Replace by", actions.LongText, "Gives the text with this in place of each match: ${1} is the first group, ${number} the one of that name, $$ a dollar.", "#${number}")},
		Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"found": {Kind: "boolean"}, "count": {Kind: "number"}, "matches": {Kind: "list"}, "first": value.ShapeOf(first), "text": {Kind: "text"}}},
		Sample: map[string]any{"found": true, "count": 1, "matches": []any{first}, "first": first},
	}, runMatch, func(v map[string]any) error { _, _, err := planMatch(v); return err }, "pattern", "ignore_case", "multiline", "dot_all", "limit", "replace")
}

func planMatch(v map[string]any) (*pattern, int, error) {
	flags := ""
	for name, letter := range map[string]string{"multiline": "m", "dot_all": "s"} {
		if isTrue(v, name) {
			flags += letter
		}
	}
	text := textOf(v, "pattern")
	if flags != "" && text != "" {
		text = "(?" + flags + ")" + text
	}
	p, err := patternOf("pattern", text, isTrue(v, "ignore_case"))
	if err != nil {
		return nil, 0, err
	}
	if by, ok := v["replace"].(string); ok {
		if err := checkReplacement(p.re, by); err != nil {
			return nil, 0, err
		}
	}
	most, err := wholeOf(v, "limit", mostMatches, 1, mostMatches)
	return p, most, err
}

// groupName finds the groups that a replacement refers to; the first group of it is $$.
var groupName = regexp.MustCompile(`(\$\$)|\$(?:\{(\w*)\}|(\w+))`)

// checkReplacement refuses a group that the pattern does not have, of which nothing would come.
func checkReplacement(re *regexp.Regexp, by string) error {
	for _, at := range groupName.FindAllStringSubmatch(by, -1) {
		name := at[2] + at[3]
		number, err := strconv.Atoi(name)
		if at[1] != "" || name != "" && re.SubexpIndex(name) >= 0 || err == nil && number <= re.NumSubexp() {
			continue
		}
		hint := "$$ is a dollar"
		if digits := strings.TrimRight(at[3], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"); digits != "" && digits != at[3] {
			hint = fmt.Sprintf("write ${%s}%s where the letters stand behind the group", digits, strings.TrimPrefix(at[3], digits))
		}
		return wrong("replace", "the pattern has no group %q; %s.", name, hint)
	}
	return nil
}

func runMatch(_ context.Context, in actions.Input) (any, error) {
	p, most, err := planMatch(in.Values)
	if err != nil {
		return nil, err
	}
	text := textOf(in.Values, "text")
	if err := p.charge(text); err != nil {
		return nil, err
	}
	limited := in.Values["limit"] != nil
	found := p.re.FindAllStringSubmatchIndex(text, most+1)
	if len(found) > most {
		if !limited {
			return nil, fault.New(fault.TooLarge, "The pattern matches more than %d times; set limit, or look through the text in parts.", mostMatches)
		}
		found = found[:most]
	}
	matches := make([]any, len(found))
	for i, at := range found {
		matches[i] = matched(p.re, text, at)
	}
	out := map[string]any{"found": len(found) > 0, "count": len(found), "matches": matches, "first": nil}
	if len(found) > 0 {
		out["first"] = matches[0]
	}
	by, asked := in.Values["replace"].(string)
	if !asked {
		return out, nil
	}
	var b strings.Builder
	end := 0
	for _, at := range found {
		b.WriteString(text[end:at[0]])
		b.Write(p.re.ExpandString(nil, by, text, at))
		if end = at[1]; b.Len() > maxBytes {
			return nil, tooLong()
		}
	}
	out["text"] = b.String() + text[end:]
	return out, nil
}

// matched is one match: at counts characters from 0, and a group that takes no part is null.
func matched(re *regexp.Regexp, text string, at []int) map[string]any {
	groups, names := []any{}, map[string]any{}
	for i, name := range re.SubexpNames()[1:] {
		var group any
		if from := at[2*i+2]; from >= 0 {
			group = text[from:at[2*i+3]]
		}
		groups = append(groups, group)
		if name != "" {
			names[name] = group
		}
	}
	return map[string]any{"text": text[at[0]:at[1]], "at": utf8.RuneCountInString(text[:at[0]]), "groups": groups, "names": names}
}
