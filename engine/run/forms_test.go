package run

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// TestDerived is F47 for what a step masks: no form of it stands in a later step, a message, a label, an address or what an
// action shows.
func TestDerived(t *testing.T) {
	const canary = `CANARY-a9X"ü&f/+3`
	v := veil(t, map[string][]string{"a": {"x"}})
	v.Note(&Entry{Kind: StepSucceeded, Path: "a", Data: Data{Output: map[string]any{"x": canary}}})
	b := []byte(canary)
	html, err := json.Marshal(canary)
	if err != nil {
		t.Fatal(err)
	}
	for name, form := range map[string]string{
		"as it is": canary, "upper case": strings.ToUpper(canary), "lower case": strings.ToLower(canary),
		"upper case in an address": url.QueryEscape(strings.ToUpper(canary)),
		"base64":                   base64.StdEncoding.EncodeToString(b), "base64 without padding": base64.RawStdEncoding.EncodeToString(b),
		"base64 for addresses": base64.URLEncoding.EncodeToString(b), "the same without padding": base64.RawURLEncoding.EncodeToString(b),
		"base64 in an address": url.QueryEscape(base64.StdEncoding.EncodeToString(b)),
		"hex":                  hex.EncodeToString(b), "hex in capitals": strings.ToUpper(hex.EncodeToString(b)),
		"a query": url.QueryEscape(canary), "a path": url.PathEscape(canary),
		"JSON": string(html), "a message": fmt.Sprintf("%q", canary), "a message in ASCII": fmt.Sprintf("%+q", canary),
	} {
		entry := v.Cover(Entry{Kind: StepFailed, Path: "b", Data: Data{Input: map[string]any{"v": form, "w": "[" + form + "]"}, Output: []any{"x" + form}, Message: "The value " + form + " is none.", Label: form,
			Failure: &Failure{Message: "It says " + form + ".", Body: form}, Exchange: &Exchange{URL: "http://h/?q=" + form}}})
		shown, err := entry.Data.appendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		inner := strings.Trim(form, `"`)
		if written := quoted(inner); strings.Contains(string(shown), written) || strings.Contains(string(shown), inner) || strings.Count(string(shown), Masked) != 8 {
			t.Errorf("%s: %s is shown in %s", name, inner, shown)
		}
		if told := HideTexts("a line "+form, v.Hidden()); strings.Contains(told, inner) {
			t.Errorf("%s: an action shows %s", name, told)
		}
		Uncover(&entry)
		if entry.Failure.Body != form || entry.Message != "The value "+form+" is none." {
			t.Errorf("%s does not come back: %+v", name, entry)
		}
	}
	for before := range 4 { // as user:password of a header, in the middle of something longer
		for after := range 4 {
			long := base64.StdEncoding.EncodeToString([]byte("user"[:before] + canary + "more"[:after]))
			got := HideTexts(long, v.Hidden())
			if left := strings.Replace(got, Masked, "", 1); len(left) > 12 || !strings.Contains(got, Masked) {
				t.Errorf("%d bytes before and %d after: %s is shown as %s", before, after, long, got)
			}
		}
	}
	short := veil(t, map[string][]string{"a": {"x"}})
	short.Note(&Entry{Kind: StepSucceeded, Path: "a", Data: Data{Output: map[string]any{"x": "Open1"}}})
	if got := HideTexts("it is open1, OPEN1 and Open1", short.Hidden()); got != "it is open1, OPEN1 and ***" {
		t.Errorf("of a short text is shown %q", got)
	}
	long := strings.Repeat("A", longestDerived+1)
	if n := len(forms(long)); n != 1 {
		t.Errorf("a long text is looked for in %d forms", n)
	}
}

// BenchmarkHidden learns texts one after the other, as a loop whose step masks one does.
func BenchmarkHidden(b *testing.B) {
	for b.Loop() {
		v := EmptyVeil()
		for i := range 200 {
			v.HideAll(fmt.Sprintf("CANARY number %d", i))
			v.Hidden()
		}
	}
}
