package jira

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
)

// TestConditions: texts stay texts in the query, and a person's own condition stays within its brackets.
func TestConditions(t *testing.T) {
	for _, c := range []struct {
		in   map[string]any
		want string // of the query, or the error's beginning
	}{
		{map[string]any{"project": "SUP", "status": "In Progress", "labels": []any{"a", "b"}}, `project = "SUP" AND status = "In Progress" AND labels = "a" AND labels = "b"`},
		{map[string]any{"project": `x" OR project = "HR`}, `project = "x\" OR project = \"HR"`},
		{map[string]any{"status": `a\`}, `status = "a\\"`},
		{map[string]any{"text": `stops (again) "now" C:\x`}, `text ~ "stops \\(again\\) \\\"now\\\" C\\:\\\\x"`},
		{map[string]any{"project": "SUP", "jql": `priority = High OR summary ~ "order by) mail"`}, `project = "SUP" AND (priority = High OR summary ~ "order by) mail")`},
		{map[string]any{"jql": "a = b Order  by created"}, "The input jql: leave ORDER BY out"},
		{map[string]any{"project": "SUP", "jql": "a = b) OR (project = HR"}, "The input jql: its brackets do not go together"},
		{map[string]any{"jql": "(a = b"}, "The input jql: its brackets do not go together"},
		{map[string]any{"jql": `summary ~ "x`}, "The input jql: a quotation mark has no other one"},
		{map[string]any{}, "Give a condition"},
	} {
		got, err := conditions(c.in)
		if err != nil {
			got = fault.MessageOf(err)
		}
		if got != c.want && (err == nil || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%v gives\n%s, not\n%s", c.in, got, c.want)
		}
	}
}

// TestChanges: only what is given is changed, and labels are replaced or changed, not both.
func TestChanges(t *testing.T) {
	for _, c := range []struct {
		in   map[string]any
		want string
	}{
		{map[string]any{"summary": " A\n b ", "priority": "High", "parent": "SUP-1", "assignee": "u", "due": "2026-01-31T23:00:00+01:00"},
			"map[fields:map[assignee:map[accountId:u] duedate:2026-01-31 parent:map[key:SUP-1] priority:map[name:High] summary:A b]]"},
		{map[string]any{"add_labels": []any{"two words"}, "remove_labels": []any{"old"}}, "map[update:map[labels:[map[add:two-words] map[remove:old]]]]"},
		{map[string]any{"labels": []any{"x"}, "fields": map[string]any{"customfield_1": 7}}, "map[fields:map[customfield_1:7 labels:[x]]]"},
		{map[string]any{"labels": []any{"x"}, "add_labels": []any{"y"}}, "The inputs labels and add_labels or remove_labels: give either what replaces the labels or what changes them."},
		{map[string]any{"issue": "SUP-1"}, "Nothing is given that would change the issue."},
		{map[string]any{"due": "soon"}, `The input due: "soon" is no day; write it as 2026-01-31.`},
	} {
		parts, err := changes(c.in)
		got := fmt.Sprint(parts.Body)
		if err != nil {
			got = fault.MessageOf(err)
		}
		if got != c.want {
			t.Errorf("%v gives\n%s, not\n%s", c.in, got, c.want)
		}
	}
}

// TestPick: a step is found by its id, its name and its status, in this order.
func TestPick(t *testing.T) {
	step := func(id, name, to string) any {
		return map[string]any{"id": id, "name": name, "to": map[string]any{"name": to}}
	}
	steps := []any{step("11", "Done", "Closed"), step("21", "Finish", "Done"), step("31", "11", "Done")}
	for wanted, id := range map[string]string{"11": "11", " done ": "11", "finish": "21", "closed": "11"} {
		if got, err := pick(steps, wanted); err != nil || got.(map[string]any)["id"] != id {
			t.Errorf("%q finds %v (%v), not %s", wanted, got, err, id)
		}
	}
	_, err := pick(steps, "Open")
	if want := `The input transition: the issue cannot go to "Open" from its status; it can: Done (to Closed), Finish (to Done), 11 (to Done).`; fault.MessageOf(err) != want {
		t.Errorf("it says %v", err)
	}
}

// TestMarked: the label that is looked for is put on what is made, beside the others.
func TestMarked(t *testing.T) {
	labels := []any{"a"}
	look, makes, err := marked(map[string]any{"project": "SUP", "summary": "s", "labels": labels, "mark": "order 1042", "jql": "x = y"})
	if got, want := fmt.Sprint(look, makes, err, labels), "map[jql:x = y labels:[order-1042] limit:1 project:SUP] map[labels:[a order-1042] project:SUP summary:s] <nil> [a]"; got != want {
		t.Errorf("it gives %s", got)
	}
	if _, _, err := marked(map[string]any{"project": "SUP", "mark": " "}); fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("without a mark and a condition: %v", err)
	}
}

// TestSeveral: from 1 to 50 issues are made at once.
func TestSeveral(t *testing.T) {
	if _, err := several(map[string]any{"issues": make([]any, 51)}); fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("51 are taken: %v", err)
	}
	parts, err := several(map[string]any{"issues": []any{map[string]any{"project": "SUP", "issue_type": "Bug", "summary": "s"}}})
	if got, want := fmt.Sprint(parts.Body, err), "map[issueUpdates:[map[fields:map[issuetype:map[name:Bug] project:map[key:SUP] summary:s]]]] <nil>"; got != want {
		t.Errorf("it gives %s", got)
	}
}
