package triggers

import "github.com/stepmill/stepmill/engine/scenario"

// sampleOf is the event that a trigger of no connector is tried with, where it has no sample of its own.
func sampleOf(def *scenario.Trigger) any {
	switch def.Uses {
	case "form":
		form, _ := scenario.ReadForm(def.With) // what is wrong with it is said elsewhere
		return sampleForm(form)
	case "email":
		return map[string]any{"from": "ada@example.com", "from_name": "Ada", "to": []any{"in@example.com"}, "cc": []any{}, "reply_to": []any{}, "recipient": "in@example.com", "subject": "Hello",
			"date": nil, "text": "Hello\n", "html": "", "headers": map[string]any{"subject": "Hello"}, "attachments": []any{}, "message_id": "<sample@example.com>", "in_reply_to": "",
			"envelope_from": "ada@example.com", "incomplete": nil}
	}
	return map[string]any{}
}

func sampleForm(form scenario.Form) any {
	if form.Chat {
		return map[string]any{"message": "Hello", "conversation": "sample", "user": nil}
	}
	out := map[string]any{}
	for _, f := range form.Fields {
		v := f.Default
		switch {
		case v != nil:
		case f.Type == "boolean":
			v = false
		case f.Type == "multi_select":
			v = []any{}
		case len(f.Options) > 0:
			v = f.Options[0].Value
		case f.Type == "number":
			v = 1
		case f.Type == "email":
			v = "ada@example.com"
		case f.Type == "date":
			v = "2026-03-04"
		case f.Type != "file":
			v = "Hello"
		}
		out[f.Name] = v
	}
	if form.Identity != nil {
		out[form.Identity.Field] = nil
	}
	return out
}
