package linear

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
)

// TestTexts: no text of GraphQL holds anything of an input: it is the same whatever the inputs are.
func TestTexts(t *testing.T) {
	c := Connector()
	check := func(where string, r *actions.Request, fields []actions.Field) {
		t.Helper()
		if r == nil || r.Prepare == nil {
			return
		}
		var texts []any
		for _, given := range []string{"1", `1") { id } } #`} {
			in := map[string]any{}
			for _, f := range fields {
				in[f.ID] = any(given)
				if f.Type == actions.Texts || f.Type == actions.List {
					in[f.ID] = []any{given}
				}
				if f.ID == "priority" || f.ID == "due" || f.ID == "starts" || f.ID == "target" || f.ID == "clear" {
					delete(in, f.ID)
				}
			}
			parts, err := r.Prepare(in)
			if err != nil {
				t.Errorf("%s: %v", where, err)
			}
			texts = append(texts, parts.Body["query"])
		}
		if texts[0] == nil || texts[0] != texts[1] {
			t.Errorf("%s changes its text: %v", where, texts)
		}
	}
	for _, a := range c.Actions {
		check(a.ID, a.Request, a.Input)
		for _, f := range a.Input {
			if f.Choices != nil {
				check(a.ID+"."+f.ID, f.Choices.Request, f.Choices.Needs)
			}
		}
	}
	for _, trigger := range c.Triggers {
		if trigger.Poll != nil {
			check(trigger.ID, trigger.Poll.Request, trigger.Input)
		}
		if sub := trigger.Subscribe; sub != nil {
			for _, r := range []*actions.Request{sub.Register, sub.Remove, sub.List} {
				check(trigger.ID, r, append(trigger.Input, actions.Field{ID: actions.SubID, Type: actions.Text}))
			}
		}
	}
	for _, a := range []actions.Action{plainCreateIssue(), issueByID(), plainCreateProject(), projectByID(), plainCreateLabel(), labelByID()} {
		check(a.ID, a.Request, a.Input)
	}
}

// TestVariables: inputs stand where their names say, numbers and days in Linear's form, and what is emptied as null.
func TestVariables(t *testing.T) {
	fields := append([]actions.Field{issueField("id")}, updateFields()...)
	for _, c := range []struct {
		in   map[string]any
		want string // or the error's beginning
	}{
		{map[string]any{"issue": "ENG-42", "title": "x", "priority": "1", "due": "2026-01-31T23:00:00+01:00"}, "map[id:ENG-42 input:map[dueDate:2026-01-31 priority:1 title:x]]"},
		{map[string]any{"clear": []any{"assignee", "due"}, "labels": []any{"a"}}, "map[input:map[assigneeId:<nil> dueDate:<nil> labelIds:[a]]]"},
		{map[string]any{"clear": []any{"title"}}, `The input clear: "title" is no input that can be emptied.`},
		{map[string]any{"clear": []any{"issue"}}, `The input clear: "issue" is no input`},
		{map[string]any{"clear": []any{"nothing"}}, `The input clear: "nothing" is no input`},
		{map[string]any{"due": "soon"}, `The input due: "soon" is no day`},
		{map[string]any{"priority": "high"}, `The input priority: "high" is no number`},
	} {
		got, err := variables(fields, c.in)
		text := fmt.Sprint(got)
		if err != nil {
			text = fault.MessageOf(err)
		}
		if text != c.want && (err == nil || !strings.HasPrefix(text, c.want)) {
			t.Errorf("%v gives %s, not %s", c.in, text, c.want)
		}
	}
}

// TestUUID: a key gives the same id each time, another one another, in the form of version 4.
func TestUUID(t *testing.T) {
	id := uuid("run1.step")
	if id != uuid("run1.step") || id == uuid("run1.other") {
		t.Errorf("the ids do not follow the keys: %s", id)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("%s is no UUID of version 4", id)
	}
}

// TestTook: the output is told apart from a refusal, from what is not there and from what did not come from Linear.
func TestTook(t *testing.T) {
	for _, c := range []struct {
		answer any
		want   fault.Code
	}{
		{map[string]any{"data": map[string]any{"issueUpdate": map[string]any{"success": true, "issue": map[string]any{"id": "1"}}}}, ""},
		{map[string]any{"data": map[string]any{"issueUpdate": map[string]any{"success": false, "issue": nil}}}, fault.InvalidInput},
		{map[string]any{"data": map[string]any{"issueUpdate": nil}}, fault.NotFound},
		{"<h1>Proxy</h1>", fault.Unavailable},
	} {
		out, err := took(actions.Response{Value: c.answer}, "/issueUpdate/issue")
		if fault.CodeOf(err) != c.want || (err == nil) != (out != nil) {
			t.Errorf("%v gives %v (%v)", c.answer, out, err)
		}
	}
}

// TestClearExample: what the example of clear empties can be emptied.
func TestClearExample(t *testing.T) {
	for _, a := range []actions.Action{updateIssue(), updateProject()} {
		last := a.Input[len(a.Input)-1]
		if err := empty(map[string]any{}, a.Input, last.Example); last.ID != "clear" || err != nil {
			t.Errorf("%s: %v", a.ID, err)
		}
	}
}
