package run

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/value"
)

func veil(t *testing.T, masks map[string][]string) *Veil {
	t.Helper()
	parsed := map[string][]value.Pattern{}
	for id, list := range masks {
		for _, text := range list {
			p, err := value.ParsePattern(text)
			if err != nil {
				t.Fatal(err)
			}
			parsed[id] = append(parsed[id], p)
		}
	}
	return NewVeil(parsed)
}

// TestVeil covers entries and uncovers them again, as they come out of the store.
func TestVeil(t *testing.T) {
	v := veil(t, map[string][]string{"a": {"email", "list[*].n", "o.*", "pin"}})
	for _, c := range []struct {
		name  string
		entry Entry
		want  string // its data as it is shown
	}{
		{"nothing of what is masked", Entry{Kind: StepSucceeded, Path: "b", Data: Data{Output: "anna@x.io"}}, `{"output":"anna@x.io"}`},
		{"at its paths", Entry{Kind: StepSucceeded, Path: "l[3].a", Data: Data{Output: map[string]any{"email": "anna@x.io", "list": []any{map[string]any{"n": 1, "m": 2}, "x"}, "o": map[string]any{"p": nil, "q": true}, "pin": "12"}}},
			`{"output":{"email":"***","list":[{"m":2,"n":"***"},"x"],"o":{"p":null,"q":"***"},"pin":"***"}}`},
		{"its text elsewhere", Entry{Kind: StepStarted, Path: "b", Data: Data{Input: map[string]any{"to": "anna@x.io", "text": "Dear anna@x.io!", "pin": "12"}}},
			`{"input":{"pin":"12","text":"Dear ***!","to":"***"}}`},
		{"what an approval asks is shown", Entry{Kind: StepWaiting, Path: "w", Data: Data{Input: map[string]any{"message": "Pay anna@x.io?"}}}, `{"input":{"message":"Pay anna@x.io?"}}`},
		{"a failure and a request", Entry{Kind: StepFailed, Path: "b", Data: Data{Failure: &Failure{Class: "invalid_input", Message: "no anna@x.io", Body: []any{"anna@x.io"}}, Exchange: &Exchange{Method: "GET", URL: "http://h/?q=anna%40x.io"}}},
			`{"error":{"body":["***"],"class":"invalid_input","message":"no ***"},"http":{"method":"GET","ms":0,"url":"http://h/?q=***"}}`},
		{"what a replay takes over", Entry{Kind: RunQueued, Data: Data{Input: map[string]any{"of": "r", "steps": map[string]any{"x/y.a": map[string]any{"output": map[string]any{"email": "bob@x.io"}}}}}},
			`{"input":{"of":"r","steps":{"x/y.a":{"output":{"email":"***"}}}}}`},
		{"what a replay takes over as a whole", Entry{Kind: RunQueued, Data: Data{Input: map[string]any{"steps": map[string]any{
			"g[*].a": map[string]any{"status": Kept, "output": map[string]any{"email": "bob@x.io"}},
			"h":      map[string]any{"status": "ignored", Handled: map[string]any{"message": "no anna@x.io", "body": []any{"bob@x.io"}}}}}}},
			`{"input":{"steps":{"g[*].a":{"output":{"email":"***"},"status":"kept"},"h":{"handled":{"body":["***"],"message":"no ***"},"status":"ignored"}}}}`},
		{"the run's end", Entry{Kind: RunSucceeded, Data: Data{Output: map[string]any{"email": "eve"}, Message: "for bob@x.io", Label: "bob@x.io"}}, `{"output":{"email":"***"},"message":"for ***","label":"***"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.entry.Seq = 1
			before := fmt.Sprintf("%#v", c.entry.Data)
			covered := v.Cover(c.entry)
			if after := fmt.Sprintf("%#v", c.entry.Data); after != before && c.entry.Failure == nil {
				t.Errorf("what was covered is changed: %s", after)
			}
			got, err := covered.Data.appendJSON(nil)
			if err != nil || string(got) != c.want {
				t.Errorf("shown is %s, not %s (%v)", got, c.want, err)
			}
			b, err := AppendEntries(nil, []Entry{covered})
			if err != nil {
				t.Fatal(err)
			}
			back, err := DecodeEntries(b)
			if err != nil {
				t.Fatal(err)
			}
			back[0].Veiled = covered.Veiled
			Uncover(&back[0])
			if c.entry.Exchange != nil {
				c.entry.Exchange.URL = back[0].Exchange.URL // it stays as it is shown
			}
			if !reflect.DeepEqual(back[0], c.entry) {
				t.Errorf("uncovered is\n%#v, not\n%#v", back[0], c.entry)
			}
		})
	}
}

func TestVeilGiven(t *testing.T) {
	v := veil(t, map[string][]string{"a": {"email"}})
	v.Note(&Entry{Kind: StepSucceeded, Path: "a", Data: Data{Output: map[string]any{"email": "anna@x.io"}}})
	was := map[string]any{"to": "anna@x.io", "text": "Dear anna@x.io", "cc": "anna@x.io", "list": []any{"anna@x.io"}}
	got := v.Given("b", map[string]any{"to": "***", "text": "Dear ***", "cc": "bob@x.io", "list": "***"}, was)
	b, err := json.Marshal(got)
	if want := `{"cc":"bob@x.io","list":"***","text":"Dear anna@x.io","to":"anna@x.io"}`; err != nil || string(b) != want {
		t.Errorf("%s, not %s", b, want)
	}
}

// TestVeilBound says that a run that hides without end stays bounded.
func TestVeilBound(t *testing.T) {
	v := veil(t, map[string][]string{"a": {"n"}})
	for i := range 3 * mostHidden {
		v.Note(&Entry{Kind: StepSucceeded, Path: "a", Data: Data{Output: map[string]any{"n": fmt.Sprintf("text %d", i)}}})
	}
	if len(v.texts) != mostHidden || len(v.known) != mostHidden {
		t.Errorf("%d texts are kept, %d known", len(v.texts), len(v.known))
	}
	if v.add("of two"); len(v.forms) != len(v.count) || !slices.IsSortedFunc(v.forms, func(a, b string) int { return len(b) - len(a) }) {
		t.Errorf("%d forms are looked for, %d counted", len(v.forms), len(v.count))
	}
	v.add("of two")
	for range 2 {
		if !slices.Contains(v.Hidden(), "of two") {
			t.Error("a form that two texts have goes with one of them")
		}
		v.drop("of two")
	}
	if slices.Contains(v.Hidden(), "of two") || slices.Contains(v.Hidden(), "text 1") || !slices.Contains(v.Hidden(), "text 2999") {
		t.Error("what is looked for is not the newest texts")
	}
	if (*Veil)(nil).Hidden() != nil || NewVeil(nil) != nil {
		t.Error("a scenario that masks nothing has a veil")
	}
}

// TestVeilForms hides a text in the forms in which it comes back.
func TestVeilForms(t *testing.T) {
	v := veil(t, map[string][]string{"a": {"x"}})
	text := "a \"b\"\n& ü\\c"
	v.Note(&Entry{Kind: StepSucceeded, Path: "a", Data: Data{Output: map[string]any{"x": text}}})
	canonical, err := value.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{text, string(canonical), fmt.Sprintf("The URL %q cannot be read.", text), "q=" + url.QueryEscape(text), "/p/" + url.PathEscape(text)} {
		got := v.Cover(Entry{Kind: StepStarted, Path: "b", Data: Data{Input: s}}).Input.(string)
		if strings.Contains(got, "b") && !strings.Contains(got, "be") {
			t.Errorf("%q is shown as %q", s, got)
		}
		if !strings.Contains(got, Masked) {
			t.Errorf("%q is shown as %q", s, got)
		}
	}
}

// TestVeilLongest hides a text whole where another one is its beginning.
func TestVeilLongest(t *testing.T) {
	v := veil(t, map[string][]string{"a": {"x", "y"}})
	v.Note(&Entry{Kind: StepSucceeded, Path: "a", Data: Data{Output: map[string]any{"x": "anna", "y": "anna@x.io"}}})
	if got := v.Text("to anna@x.io"); got != "to ***" {
		t.Errorf("shown is %q", got)
	}
}

// TestVeilHides hands what one run hides of what it gave on to another, by way of its journal and of a replay.
func TestVeilHides(t *testing.T) {
	v := veil(t, map[string][]string{"a": {"email", "pin"}})
	v.Note(&Entry{Kind: StepSucceeded, Path: "a", Data: Data{Output: map[string]any{"email": "anna@x.io", "pin": "12", "other": "open"}}})
	given := map[string]any{"text": `Dear anna@x.io`, "pin": "12", "other": "open"}
	h := v.Hides(given, nil)
	if h == nil || !reflect.DeepEqual(*h, Hidden{Texts: []string{"anna@x.io"}, Places: []string{"/pin"}}) {
		t.Fatalf("hidden are %+v", h)
	}
	if none := v.Hides(map[string]any{"other": "open"}, nil); none != nil {
		t.Errorf("of what is open hidden are %+v", none)
	}
	f := &Failure{Class: "invalid_input", Message: "no anna@x.io", Body: map[string]any{"pin": "12"}}
	if h := v.Hides(nil, f); h == nil || !reflect.DeepEqual(*h, Hidden{Texts: []string{"anna@x.io"}, Places: []string{"/pin"}}) {
		t.Errorf("of a failure hidden are %+v", h)
	}

	var caller *Veil
	entry := Entry{Kind: StepSucceeded, Path: "c", Data: Data{Output: given, Hidden: HiddenFrom(h.Value())}}
	caller = caller.Note(&entry)
	covered := caller.Cover(entry)
	if b, _ := covered.AppendJSON(nil, ""); !strings.Contains(string(b), `{"output":{"other":"open","pin":"***","text":"Dear ***"}}`) || covered.Hidden != nil {
		t.Errorf("the caller shows %s", b)
	}
	Uncover(&covered)
	if !reflect.DeepEqual(covered, entry) {
		t.Errorf("uncovered it is %+v", covered)
	}
	if got := caller.Text("it is anna@x.io"); got != "it is ***" {
		t.Errorf("later it shows %s", got)
	}

	entries := []Entry{{Seq: 1, Kind: RunQueued}, {Seq: 2, Kind: StepStarted, Path: "c"}, covered, {Seq: 4, Kind: StepStarted, Path: "d"}}
	replay, err := ReplayOf(Run{ID: "old"}, entries, "d")
	if err != nil {
		t.Fatal(err)
	}
	var again *Veil
	queued := Entry{Kind: RunQueued, Data: Data{Input: replay}}
	again = again.Note(&queued)
	shown := again.Cover(queued)
	if b, _ := shown.AppendJSON(nil, ""); strings.Contains(string(b), "anna") || strings.Contains(string(b), `"12"`) {
		t.Errorf("a replay shows %s", b)
	}
	Uncover(&shown)
	if !reflect.DeepEqual(shown.Input, queued.Input) {
		t.Errorf("a replay takes over %v", shown.Input)
	}
	into := map[string]any{}
	Beneath(into, "/events/0", map[string]any{"/a": "x", hiddenTexts: []any{"one"}})
	Beneath(into, "/events/1", map[string]any{"/a": "y", hiddenTexts: []any{"two"}})
	if !reflect.DeepEqual(into, map[string]any{"/events/0/a": "x", "/events/1/a": "y", hiddenTexts: []any{"one", "two"}}) {
		t.Errorf("of two events are taken out %v", into)
	}
}
