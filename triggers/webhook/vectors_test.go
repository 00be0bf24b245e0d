package webhook

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/run"
)

// vector is a request as signatures.json has it, with the verdict.
type vector struct {
	ID, Scheme, Expect, Kind, URL, Method, Body string
	Secret                                      *string
	Bytes                                       []byte `json:"body_base64"`
	Headers                                     map[string]string
	Now                                         int64
	Channel                                     string `json:"channel_id"`
	Elements                                    []int  `json:"accepted_elements"`
	Response                                    *struct {
		Status  int
		Headers map[string]string
		Body    *string
		JSON    any
	}
}

func vectors(t testing.TB) []vector {
	t.Helper()
	dir := os.Getenv("STEPMILL_SHARED")
	if dir == "" {
		dir = "../../../shared"
	}
	text, err := os.ReadFile(filepath.Join(dir, "webhooks", "signatures.json"))
	if err != nil {
		if os.Getenv("STEPMILL_REQUIRE_ALL") != "" {
			t.Fatal(err)
		}
		t.Skip("the vectors are not here")
	}
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Vectors
}

// bare serves a handler at every path, as the vectors' URLs are not ours.
func bare(t *testing.T, h *Handler) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.SetPathValue("key", "good")
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// try sends a vector over the wire to a trigger of a preset.
func (v vector) try(t *testing.T, preset string) (*world, *http.Response, string) {
	t.Helper()
	verify := map[string]any{"preset": preset, "secret": "s"}
	if v.Channel != "" {
		verify["channel_id"] = v.Channel
	}
	if err := CheckOptions(map[string]any{"verify": verify}); err != nil {
		t.Error(err)
	}
	w := newWorld(t, map[string]any{"verify": verify})
	delete(w.secrets, "s")
	if v.Secret != nil {
		w.secrets["s"] = *v.Secret
	}
	if v.Now != 0 {
		w.h.Now = func() time.Time { return time.Unix(v.Now, 0) }
	}
	path := "/"
	if v.URL != "" {
		u, err := url.Parse(v.URL)
		if err != nil {
			t.Fatal(err)
		}
		w.h.BaseURL, path = u.Scheme+"://"+u.Host, u.RequestURI()
	}
	if v.Bytes != nil {
		v.Body = string(v.Bytes)
	}
	req, err := http.NewRequest(v.Method, bare(t, w.h)+path, strings.NewReader(v.Body))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range v.Headers {
		req.Header.Set(name, text)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w, resp, string(answer)
}

// runs are the events that start something.
func (w *world) runs() (n int) {
	for _, s := range w.taken {
		if s.Accept.Event.Outcome == run.Accepted {
			n++
		}
	}
	return n
}

// TestVectors holds the presets to the vendors' rules and own examples.
func TestVectors(t *testing.T) {
	handshakes := map[string]bool{"slack/url-verification": true, "zoom/url-validation": true}
	refused := map[string]int{ // where it is not 401
		"msgraph/wrong-client-state":     202, // as the vector says: else Graph sends it again
		"mailchimp/validation-wrong-key": 404, // as the vector says: like any unknown URL
	}
	tried := map[string]int{}
	for _, v := range vectors(t) {
		presets := []string{v.Scheme}
		if strings.HasPrefix(v.Scheme, "hubspot-") {
			presets = append(presets, "hubspot")
		}
		tried[v.Scheme]++
		for _, preset := range presets {
			w, resp, answer := v.try(t, preset)
			say := func(format string, args ...any) {
				t.Errorf(v.ID+" with "+preset+": "+format, args...)
			}
			want, runs := 401, 0
			switch {
			case refused[v.ID] != 0:
				want = refused[v.ID]
			case v.Expect == "reject":
			case v.Kind == "handshake" || handshakes[v.ID]:
				want = 200
			case !utf8.Valid(v.Bytes):
				want = 400 // rightly signed, and no JSON
			default:
				want, runs = 200, 1
				if v.Scheme == "msgraph" {
					want = 202
				}
			}
			if resp.StatusCode != want || w.runs() != runs {
				say("%d %s, %d runs; should be %d", resp.StatusCode, answer, w.runs(), want)
			}
			if v.Expect == "accept-some" && runs == 1 {
				v.elements(t, w)
			}
			v.answered(resp, answer, say)
		}
	}
	total := 0
	for _, n := range tried {
		total += n
	}
	if total < 267 || len(tried) < 19 {
		t.Errorf("only %d vectors of %d schemes were tried", total, len(tried))
	}
}

// elements asks that of a batch just those elements are in the event that are the sender's.
func (v vector) elements(t *testing.T, w *world) {
	var sent struct{ Value []any }
	var got struct{ Body struct{ Value []any } }
	if json.Unmarshal([]byte(v.Body), &sent) != nil || json.Unmarshal([]byte(w.last()), &got) != nil {
		t.Fatal(w.last())
	}
	var want []any
	for _, i := range v.Elements {
		if element, ok := sent.Value[i].(map[string]any); ok {
			delete(element, "clientState") // it is the secret
		}
		want = append(want, sent.Value[i])
	}
	if len(want) == 0 || !reflect.DeepEqual(got.Body.Value, want) {
		t.Errorf("%s: taken is %v, not %v", v.ID, got.Body.Value, want)
	}
	if kept := string(w.taken[0].Accept.Event.Value); strings.Contains(kept, `"other"`) || strings.Contains(kept, "clientState") {
		t.Errorf("%s: kept is %s", v.ID, kept)
	}
}

// answered compares the answer with what the vendor wants to hear.
func (v vector) answered(resp *http.Response, answer string, say func(string, ...any)) {
	want := v.Response
	if want == nil {
		return
	}
	if resp.StatusCode != want.Status {
		say("it is answered %d, not %d", resp.StatusCode, want.Status)
	}
	for name, text := range want.Headers {
		kind, _, err := mime.ParseMediaType(resp.Header.Get(name))
		if got := resp.Header.Get(name); got != text && (err != nil || kind != text) {
			say("%s is %q, not %q", name, got, text)
		}
	}
	if resp.Header.Get("X-Content-Type-Options") != "nosniff" {
		say("a browser may guess what the answer is")
	}
	if want.Body != nil && answer != *want.Body {
		say("the answer is %q, not %q", answer, *want.Body)
	}
	if want.JSON != nil {
		var got any
		if err := json.Unmarshal([]byte(answer), &got); err != nil || !reflect.DeepEqual(got, want.JSON) {
			say("the answer is %s, not %v", answer, want.JSON)
		}
	}
}
