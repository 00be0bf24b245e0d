package core

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func jsonAction() actions.Action {
	return dataStep(actions.Action{
		ID: "json", Name: "JSON", Description: "Reads JSON into a value, or writes a value as JSON, also one on each line (JSON Lines).",
		Input: []actions.Field{
			choice("mode", "Mode", "Which way.", "parse", "parse", "Read JSON into a value", "write", "Write a value as JSON"),
			field("text", "JSON", actions.LongText, "To read: the text. Whole numbers keep every digit.", `{"name": "Ada", "age": 36}`),
			field("value", "Value", actions.JSON, "To write: any value; its members are sorted by their names.", map[string]any{"name": "Ada", "age": 36}),
			flag("lines", "One on each line", "JSON Lines: to read gives a list, and to write takes one.", false),
			flag("indent", "Indent", "To write: on lines, for people to read.", false),
		},
		Sample: map[string]any{"name": "Ada", "age": 36},
	}, func(ctx context.Context, in actions.Input) (any, error) {
		lines := isTrue(in.Values, "lines")
		if textOf(in.Values, "mode") == "write" {
			return writeJSON(in.Values["value"], lines, isTrue(in.Values, "indent"))
		}
		text := strings.TrimPrefix(textOf(in.Values, "text"), "\ufeff")
		if !lines {
			return readJSON("", text)
		}
		out := []any{}
		for i, line := range strings.Split(text, "\n") {
			if err := tick(ctx, i); err != nil {
				return nil, err
			}
			if strings.TrimSpace(line) == "" {
				continue
			}
			v, err := readJSON("On line "+value.Text(i+1)+": ", line)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	}, func(v map[string]any) error {
		if isTrue(v, "lines") && isTrue(v, "indent") {
			return wrong("indent", "a value that is written on a line of its own is not on several.")
		}
		return nil
	}, "lines", "indent")
}

func readJSON(where, text string) (any, error) {
	if strings.TrimSpace(text) == "" {
		return nil, wrong("text", "it is empty, and so no JSON.")
	}
	v, err := value.Decode([]byte(text), value.Limits{})
	if err != nil {
		return nil, fault.New(fault.InvalidInput, "%s%s It begins with %s.", where, fault.MessageOf(err), shown(strings.TrimSpace(text)))
	}
	return v, nil
}

func writeJSON(v any, lines, indent bool) (any, error) {
	if !lines {
		b, err := value.Encode(v)
		if err != nil || !indent {
			return string(b), err
		}
		var out bytes.Buffer
		if err := json.Indent(&out, b, "", "  "); err != nil {
			return nil, err
		}
		return out.String(), nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, wrong("value", "JSON Lines are written of a list, not of %s.", value.AKind(v))
	}
	var out strings.Builder
	for _, item := range list {
		b, err := value.Encode(item)
		if err != nil {
			return nil, err
		}
		out.Write(b)
		out.WriteByte('\n')
	}
	return out.String(), nil
}
