package forms

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/ui"
	"github.com/stepmill/stepmill/web/ui/uitest"
)

// stand is the pages' surroundings: one form, and what was sent.
type stand struct {
	page   Page
	sent   []Sent
	reply  Reply
	refuse error // why nothing is taken
	full   error // why no file is kept
	gate   error // why a visitor is not let in
	kept   []string
}

func (s *stand) handler() *Handler {
	return &Handler{
		Open: func(_ context.Context, key string, chat bool) (Page, error) {
			if key != "k" || chat != s.page.Chat {
				return Page{}, fault.New(fault.NotFound, "There is no page.")
			}
			return s.page, nil
		},
		Visitor: func(_ context.Context, _ string, _ bool, user, _ string) (string, error) { return user, s.gate },
		Send: func(_ context.Context, in Sent) (Reply, error) {
			if s.refuse == nil {
				s.sent = append(s.sent, in)
			}
			return s.reply, s.refuse
		},
		Keep: func(_ context.Context, r io.Reader) (value.Large, error) {
			b, err := io.ReadAll(r)
			s.kept = append(s.kept, string(b))
			if err == nil {
				err = s.full
			}
			return value.Large{Hash: fmt.Sprintf("hash%d", len(s.kept)), Bytes: len(b)}, err
		},
		Chrome: func(*http.Request) ui.Chrome { return ui.Chrome{} },
	}
}

func bug() *stand {
	return &stand{page: Page{Scenario: "Bugs <all>", Form: scenario.Form{Description: "Tell <us>.\nAll of it.", Submit: "Send it", Allow: []string{"https://a.example", "https://b.example"},
		Identity: &scenario.Identity{Secret: "s", Field: "who"}, Fields: []scenario.FormField{
			{Name: "first_name", Type: "text", Required: true, Default: "Ada"}, {Name: "mail", Label: "Your <mail>", Type: "email", Help: "Where we <write> to."}, {Name: "kind", Type: "select", Options: []scenario.FieldOption{{Value: "a", Label: "A <b>"}, {Value: 7, Label: "Seven"}}},
			{Name: "many", Type: "multi_select", Required: true, Options: []scenario.FieldOption{{Value: "x", Label: "X"}, {Value: 1, Label: "One"}}}, {Name: "ok", Type: "boolean", Default: true}, {Name: "doc", Type: "file"}}}}}
}

const policy = "default-src 'self'; frame-ancestors 'none'; form-action 'self'"

// do asks a handler as the site does.
func do(t *testing.T, f func(http.ResponseWriter, *http.Request) error, r *http.Request, key string) *httptest.ResponseRecorder {
	t.Helper()
	r.SetPathValue("key", key)
	w := httptest.NewRecorder()
	w.Header().Set("Content-Security-Policy", policy)
	if err := f(w, r); err != nil {
		t.Fatal(err)
	}
	return w
}

func posted(at string, form url.Values) *http.Request {
	r := httptest.NewRequest("POST", at, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// steady takes what is random out of a page.
func steady(page string) string {
	page = regexp.MustCompile(`(name="form-token" value=")[A-Za-z0-9_-]+`).ReplaceAllString(page, "${1}TOKEN")
	return regexp.MustCompile(`(name="conversation" value=")[A-Za-z0-9_-]+`).ReplaceAllString(page, "${1}TALK")
}

func TestPages(t *testing.T) {
	s := bug()
	h := s.handler()
	w := do(t, h.Show, httptest.NewRequest("GET", "/forms/k?who=u1&user_hash=h1&kind=7&many=1&many=x&mail=%22%3E%3Cscript%3E&ok=no&doc=x&form-token=mine&unknown=1", nil), "k")
	uitest.Compare(t, "form", steady(w.Body.String()))
	if got := w.Header().Get("Content-Security-Policy"); got != "default-src 'self'; frame-ancestors https://a.example https://b.example; form-action 'self'" {
		t.Errorf("the policy is %s", got)
	}
	w = do(t, h.Submit, posted("/forms/k", url.Values{"form-user": {"u1"}, "form-hash": {"h1"}, "form-token": {"0123456789abcdef"}, "mail": {"<b>"}, "kind": {"9"}, "doc": {"/etc/passwd"}}), "k")
	uitest.Compare(t, "wrong", w.Body.String())
	if w.Code != 422 || len(s.sent) != 0 {
		t.Errorf("it is answered %d", w.Code)
	}
	s.reply = Reply{Text: "<i>SUP-1</i>\nsoon"}
	good := url.Values{"form-user": {"u1"}, "form-hash": {"h1"}, "form-token": {"0123456789abcdef"}, "first_name": {"Ada"}, "many": {"1"}, "unknown": {"x"}}
	w = do(t, h.Submit, posted("/forms/k", good), "k")
	uitest.Compare(t, "thanks", w.Body.String())
	if got := fmt.Sprintf("%+v", s.sent); got != "[{Key:k Chat:false Values:map[doc:<nil> first_name:Ada kind:<nil> mail:<nil> many:[1] ok:false] Files:[] User:u1 Hash:h1 Token:0123456789abcdef}]" {
		t.Errorf("sent is %s", got)
	}
	s.reply = Reply{Failed: true}
	if w := do(t, h.Submit, posted("/forms/k", good), "k"); !strings.Contains(w.Body.String(), "could not be carried out") {
		t.Error("a run that failed is thanked for")
	}
	s.reply, s.page.Redirect = Reply{Later: true}, "https://example.com/done?a=1&b=2"
	if w := do(t, h.Submit, posted("/forms/k", good), "k"); w.Header().Get("Refresh") != "0; url=https://example.com/done?a=1&b=2" || !strings.Contains(w.Body.String(), `href="https://example.com/done?a=1&amp;b=2"`) {
		t.Errorf("it leads on with %q", w.Header().Get("Refresh"))
	}
	for _, key := range []string{"", "other"} {
		w := do(t, h.Show, httptest.NewRequest("GET", "/forms/x", nil), key)
		if w.Code != 404 || w.Header().Get("Content-Security-Policy") != policy {
			t.Errorf("an unknown page is answered %d", w.Code)
		}
		uitest.Compare(t, "none", w.Body.String())
	}
	s.page.Allow = nil
	if w := do(t, h.Show, httptest.NewRequest("GET", "/forms/k", nil), "k"); w.Header().Get("Content-Security-Policy") != policy {
		t.Error("a page may be framed that names nobody")
	}
}

func TestRefused(t *testing.T) {
	good := url.Values{"form-token": {"0123456789abcdef"}, "first_name": {"Ada"}, "many": {"1"}, "mail": {"kept@example.com"}}
	for code, want := range map[fault.Code]int{fault.Unavailable: 503, fault.Timeout: 503, fault.Conflict: 409, fault.Unauthorized: 0, fault.Internal: 0} {
		s := bug()
		s.refuse = fault.New(code, "The disk /var/lib is full.")
		r := posted("/forms/k", good)
		r.SetPathValue("key", "k")
		w := httptest.NewRecorder()
		err := s.handler().Submit(w, r)
		if want == 0 {
			if fault.CodeOf(err) != code {
				t.Errorf("%s: %v", code, err)
			}
			continue
		}
		page := w.Body.String()
		if err != nil || w.Code != want || !strings.Contains(page, "kept@example.com") || strings.Contains(page, "/var/lib") || (code == fault.Conflict) == strings.Contains(page, "0123456789abcdef") || (want == 503) != (w.Header().Get("Retry-After") != "") {
			t.Errorf("%s: %d %v\n%s", code, w.Code, err, page)
		}
	}
	s := bug()
	s.gate = fault.New(fault.Unauthorized, "Not you.")
	for _, f := range []func(http.ResponseWriter, *http.Request) error{s.handler().Show, s.handler().Submit} {
		if w := do(t, f, posted("/forms/k", good), "k"); w.Code != 403 || !strings.Contains(w.Body.String(), "Not you.") || strings.Contains(w.Body.String(), "<form") || len(s.sent) > 0 {
			t.Errorf("who is not let in is answered %d", w.Code)
		}
	}
}

// TestBodies: what no form sends is refused and nothing of it is taken.
func TestBodies(t *testing.T) {
	parts := func(write func(*multipart.Writer)) (string, string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		write(w)
		w.Close()
		return w.FormDataContentType(), b.String()
	}
	many, manyBody := parts(func(w *multipart.Writer) {
		for range 10_000 {
			w.WriteField("first_name", "x")
		}
	})
	long, longBody := parts(func(w *multipart.Writer) { w.WriteField(strings.Repeat("x", 1<<20), "x") })
	half, halfBody := parts(func(w *multipart.Writer) { w.WriteField("first_name", "Ada"); w.WriteField("many", "x") })
	nul, nulBody := parts(func(w *multipart.Writer) {
		w.WriteField("first_name", "Ada")
		w.WriteField("many", "x")
		w.CreatePart(map[string][]string{"Content-Disposition": {"form-data; name=\"doc\"; filename=\"a\x00.txt\""}})
	})
	two, twoBody := parts(func(w *multipart.Writer) {
		w.WriteField("first_name", "Ada")
		w.WriteField("many", "x")
		for range 2 {
			f, _ := w.CreateFormFile("doc", "a.txt")
			io.WriteString(f, "x")
		}
	})
	for name, c := range map[string]struct {
		kind, body string
		status     int
	}{
		"JSON":                    {"application/json", `{"first_name": "Ada", "many": ["x"], "doc": {"filepath": "/etc/passwd"}}`, 415},
		"text":                    {"text/plain", "first_name=Ada", 415},
		"no type":                 {"", "first_name=Ada", 415},
		"a type that is none":     {"multipart/form-data; boundary", "x", 415},
		"a broken escape":         {"application/x-www-form-urlencoded", "first_name=%zz&many=x", 400},
		"no boundary":             {"multipart/form-data", "x", 400},
		"a boundary of nothing":   {`multipart/form-data; boundary=""`, "x", 400},
		"a form that is JSON":     {"multipart/form-data; boundary=b", `{"first_name": "Ada"}`, 400},
		"half a form":             {half, halfBody[:len(halfBody)-10], 400},
		"ten thousand parts":      {many, manyBody, 400},
		"a header of a megabyte":  {long, longBody, 0},
		"a NUL in a file's name":  {nul, nulBody, 400},
		"too much":                {"application/x-www-form-urlencoded", "first_name=" + strings.Repeat("x", mostFiles+1), 413},
		"two files for one field": {two, twoBody, 422},
		"a hundred thousand":      {"application/x-www-form-urlencoded", strings.Repeat("a=b&", 100_000), 0},
	} {
		s := bug()
		r := httptest.NewRequest("POST", "/forms/k", strings.NewReader(c.body))
		if c.kind != "" {
			r.Header.Set("Content-Type", c.kind)
		}
		w := do(t, s.handler().Submit, r, "k")
		if w.Code != c.status && (c.status != 0 || w.Code == 200) || len(s.sent) > 0 || len(s.kept) > 0 {
			t.Errorf("%s is answered %d, not %d", name, w.Code, c.status)
		}
		if kind := strings.Contains(w.Body.String(), "sent as a form, not as anything else"); kind != (c.status == 415) || strings.Contains(w.Body.String(), "inside Stepmill") {
			t.Errorf("%s: the page says that it is no form: %v", name, kind)
		}
		r = httptest.NewRequest("POST", "/forms/k", io.MultiReader(strings.NewReader(c.body))) // it does not say how long it is
		r.Header.Set("Content-Type", c.kind)
		if w := do(t, s.handler().Submit, r, "k"); w.Code == 200 || len(s.sent) > 0 {
			t.Errorf("%s, without its length, is answered %d", name, w.Code)
		}
	}
	large := strings.NewReader("first_name=" + strings.Repeat("x", mostFiles+1))
	r := httptest.NewRequest("POST", "/forms/k", large)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if do(t, bug().handler().Submit, r, "k"); large.Len() > 0 {
		t.Errorf("%d bytes are left unread: a browser would show no page", large.Len())
	}
	s := bug()
	r = posted("/forms/k", url.Values{"first_name": {"Ada"}, "many": {"x"}})
	r.Header.Add("Content-Type", "application/json")
	if w := do(t, s.handler().Submit, r, "k"); w.Code != 415 || len(s.sent) > 0 {
		t.Errorf("two types are answered %d", w.Code)
	}
}

func TestFiles(t *testing.T) {
	send := func(s *stand, name, kind string) *httptest.ResponseRecorder {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		w.WriteField("first_name", "Ada")
		w.WriteField("many", "x")
		part, _ := w.CreatePart(map[string][]string{"Content-Disposition": {`form-data; name="doc"; filename="` + name + `"`}, "Content-Type": {kind}})
		part.Write(bytes.Repeat([]byte("x"), 2*inMemory))
		w.Close()
		r := httptest.NewRequest("POST", "/forms/k", &b)
		r.Header.Set("Content-Type", w.FormDataContentType())
		return do(t, s.handler().Submit, r, "k")
	}
	for _, c := range []struct{ name, kind, want string }{{"a.txt", "text/plain; charset=utf-8", "a.txt text/plain"}, {"../../etc/passwd", "text/html", "passwd text/html"}, {`C:\\x\\y.pdf`, "nonsense", "y.pdf application/octet-stream"},
		{"..", "", "file application/octet-stream"}, {"a\xffb", "image/png", "a\uFFFDb image/png"}, {strings.Repeat("x", 500), "a/b", strings.Repeat("x", 200) + "… a/b"}} {
		s := bug()
		if w := send(s, c.name, c.kind); w.Code != 200 || len(s.sent) != 1 {
			t.Errorf("%.40q is answered %d", c.name, w.Code)
			continue
		}
		doc := s.sent[0].Values["doc"].(map[string]any)
		if got := fmt.Sprint(doc["name"], " ", doc["type"]); got != c.want || doc["file"] != "hash1" || doc["size"] != 2*inMemory || len(s.sent[0].Files) != 1 || len(s.kept[0]) != 2*inMemory {
			t.Errorf("%.40q is %v", c.name, doc)
		}
	}
	s := bug()
	s.full = fault.New(fault.Unavailable, "The disk is full.")
	if w := send(s, "a.txt", "text/plain"); w.Code != 503 || len(s.sent) != 0 {
		t.Errorf("on a full disk it is answered %d", w.Code)
	}
}

func TestRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r room
		var leave []func()
		for range largeBodies {
			l, err := r.take(t.Context(), -1)
			if err != nil {
				t.Fatal(err)
			}
			leave = append(leave, l)
		}
		if _, err := r.take(t.Context(), smallBody); err != nil {
			t.Error("a small body waits")
		}
		began := time.Now()
		if _, err := r.take(t.Context(), smallBody+1); fault.CodeOf(err) != fault.Unavailable || time.Since(began) != roomWithin {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		leave[0]()
		leave[0]()
		if _, err := r.take(t.Context(), smallBody+1); err != nil {
			t.Error("no room was given back")
		}
	})
}

func TestChat(t *testing.T) {
	s := &stand{page: Page{Scenario: "Help", Form: scenario.Form{Chat: true, Ended: true, Title: "Ask <us>"}}, reply: Reply{Text: "<b>hello</b>\nthere"}}
	h := s.handler()
	uitest.Compare(t, "chat", steady(do(t, h.ShowChat, httptest.NewRequest("GET", "/chat/k", nil), "k").Body.String()))
	said := url.Values{"message": {" hi <you> "}, "conversation": {"conversation-0001"}, "form-token": {"0123456789abcdef"}, "line": {"+-1 before <x>", "--1 answered", "odd"}}
	uitest.Compare(t, "chat-said", steady(do(t, h.Say, posted("/chat/k", said), "k").Body.String()))
	if got := fmt.Sprintf("%+v", s.sent); got != "[{Key:k Chat:true Values:map[conversation:conversation-0001 message:hi <you>] Files:[] User: Hash: Token:0123456789abcdef}]" {
		t.Errorf("sent is %s", got)
	}
	s.reply = Reply{Later: true}
	page := do(t, h.Say, posted("/chat/k", said), "k").Body.String()
	uitest.Compare(t, "chat-later", strings.Replace(steady(page), "TOKEN", "FIRST", 1))
	if !strings.Contains(page, `value="0123456789abcdef"`) {
		t.Error("the message that is asked for again has another token")
	}
	script := func(form url.Values) (int, string) {
		r := posted("/chat/k", form)
		r.Header.Set("Accept", "application/json")
		w := do(t, h.Say, r, "k")
		return w.Code, regexp.MustCompile(`"next":"[A-Z0-9]+"`).ReplaceAllString(w.Body.String(), `"next":"T"`)
	}
	for _, c := range []struct {
		change func()
		status int
		want   string
	}{
		{func() {}, 200, `{"answer":"` + textFollow + `","later":true,"next":"T"}`},
		{func() { s.reply = Reply{Failed: true} }, 200, `{"answer":"` + textFailed + `","next":"T"}`},
		{func() { s.reply = Reply{} }, 200, `{"answer":"Received.","next":"T"}`},
		{func() { s.refuse = fault.New(fault.Unavailable, "The disk is full.") }, 503, `{"answer":"","error":"Your message cannot be taken in right now. Send it again in a moment."}`},
		{func() { s.refuse = fault.New(fault.Conflict, "Known.") }, 409, `{"answer":"","error":"The message before was taken. Send this one again.","next":"T"}`},
		{func() { said.Set("message", "\n") }, 422, `{"answer":"","error":"Write something first."}`},
		{func() { s.gate = fault.New(fault.Unauthorized, "Not you.") }, 403, `{"answer":"","error":"Not you."}`},
	} {
		c.change()
		if status, text := script(said); status != c.status || strings.TrimSpace(text) != c.want {
			t.Errorf("it is answered %d %s, not %s", status, text, c.want)
		}
	}
	s.gate, s.refuse = nil, nil
	if w := do(t, h.Say, posted("/chat/k", url.Values{"message": {strings.Repeat("x", 10_001)}}), "k"); w.Code != 422 || !strings.Contains(w.Body.String(), "At most 10,000") || !strings.Contains(w.Body.String(), "xxxx") {
		t.Errorf("a long message is answered %d", w.Code)
	}
	before := len(s.sent)
	do(t, h.Say, posted("/chat/k", url.Values{"message": {"x"}, "conversation": {"<script>"}, "form-token": {"short"}}), "k")
	if last := s.sent[before]; last.Token != "" || !tokenText.MatchString(last.Values["conversation"].(string)) {
		t.Errorf("sent is %+v", last)
	}
	if w := do(t, h.Say, httptest.NewRequest("POST", "/chat/k", strings.NewReader(`{"message": "x"}`)), "k"); w.Code != 415 {
		t.Errorf("JSON is answered %d", w.Code)
	}
	if w := do(t, h.ShowChat, httptest.NewRequest("GET", "/chat/x", nil), "x"); w.Code != 404 {
		t.Errorf("an unknown chat is answered %d", w.Code)
	}
}
