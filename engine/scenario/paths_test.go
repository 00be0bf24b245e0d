package scenario

import "testing"

func TestHas(t *testing.T) {
	doc, problems, err := Decode([]byte(`{"stepmill": 1, "name": "n", "trigger": {"uses": "manual"}, "steps": [
		{"id": "a", "uses": "x.y", "undo": {"id": "u", "uses": "x.z"}, "on_error": {"do": "handle", "steps": [{"id": "h", "uses": "x.y"}]}},
		{"id": "send", "uses": "x.y", "each": "{{ [1] }}"},
		{"id": "l", "for_each": {"items": "{{ [1] }}", "steps": [
			{"id": "r", "router": {"mode": "first", "branches": [{"id": "one", "steps": [{"id": "t", "uses": "x.y"}]}]}}]},
			"on_error": {"do": "handle", "steps": [{"id": "lh", "uses": "x.y"}]}},
		{"id": "again", "repeat": {"until": "true", "steps": [{"id": "p", "parallel": {"branches": [{"id": "b", "steps": [{"id": "q", "uses": "x.y"}]}]}}]}}]}`))
	if err != nil || len(problems) > 0 {
		t.Fatalf("%v %v", err, problems)
	}
	for path, want := range map[string]bool{
		"a": true, "a.h": true, "send": true, "send[2]": true, "l": true, "l[0]": true, "l[12].r": true, "l[12].r.t": true, "l.lh": true, "again[3].p.q": true,
		"": false, "b": false, "a[0]": false, "u": false, "a.u": false, "l.r": false, "l[0].t": false, "l[0].lh": false, "l[0].r.one": false, "again.p": false, "t": false,
	} {
		if got := doc.Has(path); got != want {
			t.Errorf("the path %q: %v", path, got)
		}
	}
}
