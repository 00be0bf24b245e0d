package actions

import "testing"

// TestGoogleFileLink: what people paste gives the id, and an id is one as it stands.
func TestGoogleFileLink(t *testing.T) {
	const id = "1AbC-dEf_GhIjKl"
	f := Field{Type: Text, Link: GoogleFileLink}
	for _, text := range []string{id, "  " + id + "\n", "https://docs.google.com/spreadsheets/d/" + id + "/edit#gid=0", "https://docs.google.com/spreadsheets/u/0/d/" + id, "https://docs.google.com/a/acme.test/document/d/" + id + "/edit?tab=t.0",
		"https://drive.google.com/file/d/" + id + "/view?usp=sharing", "https://drive.google.com/drive/u/1/folders/" + id + "?resourcekey=0-abcdefghijkl", "https://drive.google.com/open?id=" + id, "https://drive.google.com/uc?export=download&id=" + id} {
		if got := f.Tidy(text); got != id {
			t.Errorf("%q gives %q", text, got)
		}
	}
	for _, text := range []string{"root", "1AbCdEf", "https://docs.google.com/spreadsheets/d/e/2PACX-1vR/pubhtml"} { // one that is published has another id
		if got := f.Tidy(text); got != text {
			t.Errorf("%q gives %q", text, got)
		}
	}
}
