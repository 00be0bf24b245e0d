package core

import (
	"context"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func renameFields() actions.Action {
	names := field("names", "Names", actions.Object, "What each field is called now, and what it is to be called.", map[string]any{"E-Mail": "email"})
	names.Required = true
	return dataStep(actions.Action{
		ID: "rename_fields", Name: "Rename fields", Description: "Gives fields of a list's items other names, and leaves out others where that is asked.",
		Input: []actions.Field{listField("list", "List", "The items: objects. A name with a dot is that of a field itself, and not of one within another."), names,
			choice("others", "Other fields", "What becomes of the fields that are not named.", "keep", "keep", "They stay", "drop", "They are left out"),
			choice("style", "Their names", "How the names of the fields that stay are written.", "keep", "keep", "As they are", "snake", "first_name", "camel", "firstName", "lower", "In small letters"),
			flag("required", "Must be there", "The step fails where an item has not got a field that is named.", false)},
		Output: value.Shape{Kind: "list"},
		Sample: []any{map[string]any{"email": "ada@example.com"}},
	}, func(ctx context.Context, in actions.Input) (any, error) {
		list, out := items(in.Values, "list"), []any{}
		names, _ := in.Values["names"].(map[string]any)
		for i, item := range list {
			if err := tick(ctx, i); err != nil {
				return nil, err
			}
			object, ok := item.(map[string]any)
			if !ok {
				return nil, wrong(itemName("list", i), "it is %s, and only objects have fields.", value.AKind(item))
			}
			renamed, err := renameIn(object, names, in.Values, i)
			if err != nil {
				return nil, err
			}
			out = append(out, renamed)
		}
		return out, nil
	}, planRename, "names")
}

func planRename(v map[string]any) error {
	names, _ := v["names"].(map[string]any)
	for _, from := range slices.Sorted(maps.Keys(names)) {
		if to, ok := names[from].(string); !ok || strings.TrimSpace(to) == "" {
			return wrong("names", "of %s it does not say what it is to be called; write a text.", shown(from))
		}
	}
	return nil
}

// renameIn is an item with other names. Two fields of one name would lose one of them.
func renameIn(item, names, v map[string]any, at int) (map[string]any, error) {
	if err := planRename(map[string]any{"names": names}); err != nil {
		return nil, err
	}
	out, of := make(map[string]any, len(item)), map[string]string{}
	for _, from := range slices.Sorted(maps.Keys(item)) {
		to, named := names[from].(string)
		switch {
		case named:
		case textOf(v, "others") == "drop":
			continue
		default:
			to = styled(from, textOf(v, "style"))
		}
		if other, taken := of[to]; taken {
			return nil, wrong(itemName("list", at), "two of its fields would be called %s: %s and %s; give one of them another name.", shown(to), shown(other), shown(from))
		}
		out[to], of[to] = item[from], from
	}
	if isTrue(v, "required") {
		for _, from := range slices.Sorted(maps.Keys(names)) {
			if _, there := item[from]; !there {
				return nil, wrong(itemName("list", at), "it has no field %s.", shown(from))
			}
		}
	}
	return out, nil
}

// styled is a name as others are written.
func styled(name, style string) string {
	switch style {
	case "lower":
		return strings.ToLower(name)
	case "snake":
		return strings.ToLower(strings.Join(wordsOf(name), "_"))
	case "camel":
		words := wordsOf(name)
		for i, w := range words {
			words[i] = strings.ToLower(w)
			if i > 0 {
				first := []rune(words[i])
				words[i] = strings.ToUpper(string(first[:1])) + string(first[1:])
			}
		}
		return strings.Join(words, "")
	}
	return name
}

// wordsOf are the words of a name: First Name, first_name and firstName have the same. One of signs only is its own word.
func wordsOf(name string) []string {
	var words []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			words, word = append(words, string(word)), nil
		}
	}
	letters := []rune(name)
	for i, c := range letters {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c) {
			end()
			continue
		}
		if unicode.IsUpper(c) && i > 0 && (!unicode.IsUpper(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1])) {
			end()
		}
		word = append(word, c)
	}
	if end(); len(words) == 0 {
		return []string{name}
	}
	return words
}
