package api

import (
	"strings"
	"testing"
)

// TestLarge asks for what is kept apart: it is named where it stands, and given whole when it is asked for.
func TestLarge(t *testing.T) {
	h := newHouse(t)
	text := `{"x":"` + strings.Repeat("x", 4994) + `"}`
	l, err := h.store.Keep(t.Context(), "me", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	h.output = l
	r := h.newRun()
	named := `"output_large":{"hash":"` + l.Hash + `","bytes":5002}`
	if a := h.want(200, "GET", "/runs/"+r.ID, ""); !strings.Contains(a.text, `"output":null,`+named) {
		t.Errorf("the run says %s", a.text)
	}
	if a := h.want(200, "GET", "/runs/"+r.ID+"/journal", ""); !strings.Contains(a.text, `"output_large":{"bytes":5002,"hash":"`+l.Hash+`"}`) {
		t.Errorf("the journal says %s", a.text)
	}
	if a := h.want(200, "GET", "/runs/"+r.ID+"/values/"+l.Hash, ""); strings.TrimSpace(a.text) != text {
		t.Errorf("the value is %.80s", a.text)
	}
	h.output = "small"
	other := h.newRun()
	h.want(404, "GET", "/runs/"+other.ID+"/values/"+l.Hash, "")
}
