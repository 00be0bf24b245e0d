package mail

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/smtp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers"
)

// office is a server of two addresses, and what came in there.
type office struct {
	t      *testing.T
	mu     sync.Mutex
	with   map[string]any
	refuse error // why nothing is taken
	full   error // why no file is kept
	taken  []*run.Start
	known  map[string]*run.Start
	files  map[string][]byte
	server *Server
	at     string
}

func open(t *testing.T, change ...func(*Config)) *office {
	t.Helper()
	o := &office{t: t, known: map[string]*run.Start{}, files: map[string][]byte{}}
	cfg := Config{Triggers: o, Starter: o, Keep: o.keep, Domain: "in.example.com", Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	for _, c := range change {
		c(&cfg)
	}
	o.server = New(cfg)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.at = l.Addr().String()
	done := make(chan error, 1)
	go func() { done <- o.server.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := o.server.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return o
}

func (o *office) ByMail(_ context.Context, local string) (*triggers.Trigger, error) {
	if !strings.EqualFold(local, "key1") && local != "key2" {
		return nil, fault.New(fault.NotFound, "There is no such address.")
	}
	row := scenario.StoredTrigger{Workspace: "w", ScenarioID: "s", Scenario: "s", ID: "trigger", Uses: "email", Key: strings.ToLower(local)}
	return &triggers.Trigger{StoredTrigger: row, Def: &scenario.Trigger{Uses: "email", With: o.with}}, nil
}

func (o *office) Accept(_ context.Context, s *run.Start) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refuse != nil {
		return o.refuse
	}
	for _, k := range s.Accept.Dedupe {
		if first := o.known[k.Key]; first != nil {
			s.Accept.FirstEvent = "e1"
			s.Accept.OtherBody = k.Body != "" && k.Body != first.Accept.Dedupe[0].Body
			return nil
		}
		o.known[k.Key] = s
	}
	o.taken = append(o.taken, s)
	return nil
}

func (o *office) keep(_ context.Context, r io.Reader) (value.Large, error) {
	b, err := io.ReadAll(r)
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil {
		return value.Large{}, err
	}
	if o.full != nil {
		return value.Large{}, o.full
	}
	sum := sha256.Sum256(b)
	hash := hex.EncodeToString(sum[:])
	o.files[hash] = b
	return value.Large{Hash: hash, Bytes: len(b)}, nil
}

// events are the values of what came in.
func (o *office) events() []map[string]any {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []map[string]any
	for _, s := range o.taken {
		var v map[string]any
		if err := json.Unmarshal(s.Accept.Event.Value, &v); err != nil {
			o.t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

const to = "key1@in.example.com"

// send sends a text as a mail, and gives the server's refusal.
func (o *office) send(text string, to ...string) error {
	return smtp.SendMail(o.at, nil, "ada@example.com", to, []byte(strings.ReplaceAll(text, "\n", "\r\n")))
}

// one sends a mail that is taken, and gives its event.
func (o *office) one(t *testing.T, text string) map[string]any {
	t.Helper()
	before := len(o.events())
	if err := o.send(text, to); err != nil {
		t.Fatal(err)
	}
	list := o.events()
	if len(list) != before+1 {
		t.Fatalf("there are %d events", len(list))
	}
	return list[before]
}

func TestMail(t *testing.T) {
	o := open(t)
	text := "From: =?utf-8?q?Ad=C3=A4?= <ada@example.com>\nTo: key1@in.example.com, Bob <bob@example.com>\nCc: eve@example.com\nSubject: =?iso-8859-1?Q?Gr=FC=DFe?=\nDate: Wed, 04 Mar 2026 15:00:00 +0100\n" +
		"Message-ID: <m1@example.com>\nIn-Reply-To: <m0@example.com>\nReceived: one\nReceived: two\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=c\n\n" +
		"--c\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nH=E4llo\n--c\nContent-Type: text/html\n\n<script>alert(1)</script>\n--c--\n" +
		"--b\nContent-Type: application/pdf; name=\"../../etc/p\u00e4ss.pdf\"\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nJVBERg==\n--b--\n"
	e := o.one(t, text)
	attachment := e["attachments"].([]any)[0].(map[string]any)
	for name, want := range map[string]any{"from": "ada@example.com", "from_name": "Adä", "to": []any{"key1@in.example.com", "bob@example.com"}, "cc": []any{"eve@example.com"}, "subject": "Grüße",
		"date": "2026-03-04T14:00:00.000Z", "text": "Hällo", "html": "<script>alert(1)</script>", "message_id": "<m1@example.com>", "in_reply_to": "<m0@example.com>", "recipient": to,
		"envelope_from": "ada@example.com", "incomplete": nil} {
		if fmt.Sprint(e[name]) != fmt.Sprint(want) {
			t.Errorf("%s is %v, want %v", name, e[name], want)
		}
	}
	if got := fmt.Sprint(e["headers"].(map[string]any)["received"]); got != "[one two]" {
		t.Errorf("a header that stands twice is %s", got)
	}
	if attachment["name"] != "päss.pdf" || attachment["type"] != "application/pdf" || attachment["size"] != 4.0 || string(o.files[attachment["file"].(string)]) != "%PDF" {
		t.Errorf("the attachment is %v", attachment)
	}
	if files := o.taken[0].Accept.Files; len(files) != 1 || files[0].Hash != attachment["file"] {
		t.Errorf("the event refers to %v", files)
	}
	if err := o.send(strings.Replace(text, "Received: one", "Received: again", 1), "KEY1@IN.example.com"); err != nil || len(o.events()) != 1 {
		t.Errorf("the same mail again: %v, %d events", err, len(o.events()))
	}
	if err := o.send(text, "key2@in.example.com", "key1@in.example.com", "key1@in.example.com"); err != nil || len(o.events()) != 2 {
		t.Errorf("the same mail to another address: %v, %d events", err, len(o.events()))
	}
	if err := o.send(strings.Replace(text, "H=E4llo", "Other", 1), to); err != nil || len(o.events()) != 3 {
		t.Errorf("another mail of the same id: %v, %d events", err, len(o.events()))
	}
}

// TestHostile: whatever a mail is made of it is an event, from which nothing is lost, or it is refused.
func TestHostile(t *testing.T) {
	nested := "Content-Type: multipart/mixed; boundary=b0\n\n"
	for i := range 40 {
		nested += fmt.Sprintf("--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", i, i+1)
	}
	for name, c := range map[string]struct{ text, incomplete, holds string }{
		"nothing":                          {"\n", "", ""},
		"no header":                        {"\nhello\n", "", "hello"},
		"no header that is one":            {"this is no header\n\nhello\n", "its header cannot be read", "hello"},
		"no boundary":                      {"Subject: x\nContent-Type: multipart/mixed\n\nhello\n", "names no boundary", ""},
		"a boundary that never comes":      {"Content-Type: multipart/mixed; boundary=b\n\nhello\n", "boundary", ""},
		"a last boundary that never comes": {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n", "ends too early", "hello"},
		"an unknown character set":         {"Content-Type: text/plain; charset=klingon\n\nh\xe4llo\n", "", "hällo"},
		"a wrong character set":            {"Content-Type: text/plain; charset=utf-8\n\nh\xe4llo ü\n", "", "h\uFFFDllo ü"},
		"no character set":                 {"Content-Type: text/plain\n\nGr\xfc\xdfe, 5 \x80\n", "", "Grüße, 5 €"},
		"an unknown coding":                {"Content-Type: text/plain\nContent-Transfer-Encoding: x-rot13\n\nuryyb\n", "", "uryyb"},
		"broken base64":                    {"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!!\n", "cannot be decoded", ""},
		"a broken attachment":              {"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: attachment; filename=x\nContent-Transfer-Encoding: base64\n\n!!!!\n--b--\n", "attachment cannot be decoded", ""},
		"a NUL":                            {"Subject: a\x00b\n\nhe\x00llo\n", "", "he\uFFFDllo"},
		"a wrong type":                     {"Content-Type: ;;;\n\nhello\n", "", "hello"},
		"ten thousand parts":               {"Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 10_000) + "--b--\n", "more than 500 parts", "x"},
		"parts within parts":               {nested, "more than 12 deep", ""},
		"a long text":                      {"\n" + strings.Repeat("0123456789\n", 60_000), "", "0123456789"},
		"thousands of headers":             {strings.Repeat("X-A: b\n", 20_000) + "\nhello\n", "", "hello"},
		"a file that names a place":        {"Content-Type: application/x; name=\"C:\\\\x\\\\..\"\n\nhello\n", "", ""},
		"comments within comments":         {"From: " + strings.Repeat("(", 20_000) + "\n\nhello\n", "", "hello"},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			e := o.one(t, c.text)
			why, _ := e["incomplete"].(string)
			if (why == "") != (c.incomplete == "") || !strings.Contains(why, c.incomplete) || !strings.Contains(e["text"].(string), c.holds) {
				t.Errorf("the event is incomplete since %q and its text %.60q", why, e["text"])
			}
			whole := false
			for _, a := range e["attachments"].([]any) {
				a := a.(map[string]any)
				if strings.ContainsAny(a["name"].(string), `/\`) || a["name"] == ".." {
					t.Errorf("a file is called %s", a["name"])
				}
				whole = whole || a["name"] == "message.eml" && bytes.Equal(o.files[a["file"].(string)], []byte(strings.ReplaceAll(c.text, "\n", "\r\n")))
			}
			if whole != (why != "") {
				t.Errorf("it is kept whole: %v", whole)
			}
			if size := len(o.taken[0].Accept.Event.Value); size > 2<<20 {
				t.Errorf("the event has %d bytes", size)
			}
		})
	}
	o := open(t)
	for name, text := range map[string]string{"a header without an end": strings.Repeat("X-A: b\n", 60_000), "a header of one line": "X: " + strings.Repeat("a", 60_000) + strings.Repeat("\n "+strings.Repeat("a", 60_000), 6) + "\n\nx\n"} {
		if err := o.send(text, to); err == nil || !strings.HasPrefix(err.Error(), "552 ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, size := range []int{70_000, 200_000, 5_000_000} { // one line, also behind what lies in a file by then
		for _, before := range []string{"", strings.Repeat("b\n", 200_000)} {
			if err := o.send("\n"+before+strings.Repeat("a", size)+"\n", to); err == nil || !strings.HasPrefix(err.Error(), "554 ") || !strings.Contains(err.Error(), "longer than 65536 bytes") {
				t.Errorf("a line of %d bytes is answered %v", size, err)
			}
		}
	}
	if len(o.events()) != 0 {
		t.Errorf("there are %d events", len(o.events()))
	}
}

func TestRefusals(t *testing.T) {
	o := open(t, func(c *Config) { c.MaxBytes = 1 << 20 })
	for _, c := range []struct {
		name, to, code string
		before         func()
		text           string
	}{
		{"an unknown address", "nobody@in.example.com", "550", nil, "\nx\n"},
		{"another domain", "key1@elsewhere.example.com", "550", nil, "\nx\n"},
		{"a domain within", "key1@in.example.com@evil.example.com", "5", nil, "\nx\n"},
		{"a route", "@in.example.com:key1@evil.example.com", "5", nil, "\nx\n"},
		{"no domain", "key1", "5", nil, "\nx\n"},
		{"too large", to, "552", nil, "\n" + strings.Repeat("0123456\n", 200_000)},
		{"a full disk", to, "452", func() { o.refuse = fault.New(fault.Unavailable, "The disk is full.") }, "\nx\n"},
		{"no room for a file", to, "452", func() { o.refuse, o.full = nil, fault.New(fault.Unavailable, "The disk is full.") }, "Content-Disposition: attachment\n\nx\n"},
		{"a defect", to, "451", func() { o.full, o.refuse = nil, fault.New(fault.Internal, "A defect.") }, "\nx\n"},
		{"a sender who is not named", to, "550", func() { o.refuse, o.with = nil, map[string]any{"from": []any{"bob@example.com"}} }, "From: bob@example.com\n\nx\n"},
		{"a header that says another", to, "550", func() { o.with = map[string]any{"from": []any{"ada@example.com"}} }, "From: eve@example.com\n\nx\n"},
		{"a second header that does", to, "550", nil, "From: ada@example.com\nFrom: eve@example.com\n\nx\n"},
		{"a second name in it", to, "550", nil, "From: ada@example.com, eve@example.com\n\nx\n"},
		{"a header that says nobody", to, "550", nil, "Subject: x\n\nx\n"},
		{"a name that is an address", to, "550", nil, "From: \"ada@example.com\" <eve@example.com>\n\nx\n"},
		{"a domain that only ends so", to, "550", func() { o.with = map[string]any{"from": []any{"ample.com"}} }, "From: ada@example.com\n\nx\n"},
	} {
		if c.before != nil {
			c.before()
		}
		if err := o.send(c.text, c.to); err == nil || !strings.HasPrefix(err.Error(), c.code) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if len(o.events()) != 0 {
		t.Fatalf("there are %d events", len(o.events()))
	}
	o.with = map[string]any{"from": []any{"Example.com"}}
	if err := o.send("From: Ada <ADA@example.com>\n\nx\n", to); err != nil {
		t.Error(err)
	}
	many := make([]string, 40)
	for i := range many {
		many[i] = to
	}
	if err := o.send("From: ada@example.com\n\nx\n", many...); err == nil {
		t.Error("forty recipients are taken")
	}
}

// dial speaks SMTP by hand.
func (o *office) dial(t *testing.T) (say func(lines ...string) string) {
	t.Helper()
	c, err := net.Dial("tcp", o.at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	in := bufio.NewReader(c)
	return func(lines ...string) string {
		t.Helper()
		for _, line := range lines {
			if _, err := io.WriteString(c, line); err != nil {
				return err.Error()
			}
		}
		c.SetReadDeadline(time.Now().Add(5 * time.Second))
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return err.Error()
			}
			if len(line) < 4 || line[3] == ' ' {
				return strings.TrimSpace(line)
			}
		}
	}
}

// TestSmuggling: only a dot between two whole line ends ends a mail; what other servers take for an end is part of it.
func TestSmuggling(t *testing.T) {
	for _, end := range []string{"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r\r\n.\r\n", "\n.\r", "\r\n.\x00\r\n"} {
		o := open(t)
		say := o.dial(t)
		say()
		for _, line := range []string{"EHLO x\r\n", "MAIL FROM:<ada@example.com>\r\n", "RCPT TO:<" + to + ">\r\n"} {
			if got := say(line); !strings.HasPrefix(got, "250") {
				t.Fatal(got)
			}
		}
		say("DATA\r\n")
		got := say("Subject: one\r\n\r\nhello" + end + "MAIL FROM:<evil@example.com>\r\nRCPT TO:<key2@in.example.com>\r\nDATA\r\nSubject: two\r\n\r\nsmuggled\r\n.\r\n")
		list := o.events()
		if !strings.HasPrefix(got, "250") || len(list) != 1 || !strings.Contains(list[0]["text"].(string), "smuggled") || list[0]["recipient"] != to {
			t.Errorf("after %q it is answered %s, and %d mails came: %v", end, got, len(list), list)
		}
		if got := say("NOOP\r\n"); !strings.HasPrefix(got, "250") {
			t.Errorf("after %q: %s", end, got)
		}
	}
}

// TestHalf: a mail that does not come whole is none, however it is sent.
func TestHalf(t *testing.T) {
	o := open(t)
	for _, data := range []string{"DATA\r\nSubject: x\r\n\r\nhalf", "BDAT 100\r\nSubject: x\r\n\r\nhalf", "BDAT 16\r\nSubject: x\r\n\r\nha"} {
		c, err := net.Dial("tcp", o.at)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(c, "EHLO x\r\nMAIL FROM:<ada@example.com>\r\nRCPT TO:<"+to+">\r\n"+data)
		c.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, c)
		c.Close()
	}
	say := o.dial(t)
	say()
	for _, c := range []struct{ line, code string }{{"MAIL FROM:<a@example.com>\r\n", "502"}, {"EHLO x\r\n", "250"}, {"DATA\r\n", "502"}, {"AUTH PLAIN AGEAYg==\r\n", "5"}, {"STARTTLS\r\n", "502"}, {"VRFY key1\r\n", "252"}, {"MAIL FROM:<>\r\n", "250"}, {"RCPT TO:<key1@in.example.com>\r\n", "250"},
		{"BDAT 7\r\n\r\nhello", "250"}, {"BDAT 6 LAST\r\n there", "250"}} {
		if got := say(c.line); !strings.HasPrefix(got, c.code) {
			t.Errorf("%q is answered %s", c.line, got)
		}
	}
	if list := o.events(); len(list) != 1 || list[0]["text"] != "hello there" {
		t.Errorf("the events are %v", list)
	}
}

// TestNameless: mails without a Message-ID are told apart by all that people read of them; sent again they are one. Those without a
// date are never taken for one another: a daily "backup OK" is another one every day.
func TestNameless(t *testing.T) {
	o := open(t)
	mail := func(date, from, subject, body string) string {
		if date != "" {
			date = "Date: " + date + "\n"
		}
		return date + "From: " + from + "\nSubject: " + subject + "\n\n" + body + "\n"
	}
	const monday = "Mon, 30 Nov 2026 10:00:00 +0000"
	for i, c := range []struct {
		text string
		more int // events
	}{
		{mail(monday, "mon@x.org", "[db1] disk full", "See the dashboard."), 1},
		{mail(monday, "mon@x.org", "[db1] disk full", "See the dashboard."), 0},
		{mail(monday, "mon@x.org", "[db2] disk full", "See the dashboard."), 1},
		{mail(monday, "web@x.org", "[db1] disk full", "See the dashboard."), 1},
		{mail("Tue, 01 Dec 2026 10:00:00 +0000", "mon@x.org", "[db1] disk full", "See the dashboard."), 1},
		{mail(monday, "mon@x.org", "[db1] disk full", "See the other."), 1},
		{mail("", "mon@x.org", "Backup", "OK"), 1},
		{mail("", "mon@x.org", "Backup", "OK"), 1},
	} {
		before := len(o.events())
		if err := o.send(c.text, to); err != nil {
			t.Fatal(err)
		}
		if got := len(o.events()) - before; got != c.more {
			t.Errorf("mail %d makes %d events, not %d", i, got, c.more)
		}
	}
}

// TestLarge: a mail that lies in a file while it comes in is what a small one is.
func TestLarge(t *testing.T) {
	o := open(t)
	e := o.one(t, "Subject: x\nContent-Type: application/zip\n\n"+strings.Repeat("0123456\n", 100_000))
	if a := e["attachments"].([]any)[0].(map[string]any); a["size"] != 900_000.0 || e["subject"] != "x" {
		t.Errorf("the attachment is %v", a)
	}
	t.Setenv("TMPDIR", t.TempDir()+"/none")
	if err := o.send("\n"+strings.Repeat("0123456\n", 100_000), to); err == nil || !strings.HasPrefix(err.Error(), "452") {
		t.Errorf("without a place for it: %v", err)
	}
}

func TestOptions(t *testing.T) {
	if s, err := Options(map[string]any{"from": []any{"Ada@Example.com", "example.org", "@sub.example.net"}}); err != nil || fmt.Sprint(s) != "[ada@example.com @example.org @sub.example.net]" {
		t.Errorf("%v %v", s, err)
	}
	for text, at := range map[string]string{`{"from": "ada@example.com"}`: "/from", `{"from": []}`: "/from", `{"from": ["a b@c"]}`: "/from/0", `{"from": ["x@y.com", 7]}`: "/from/1", `{"from": ["*"]}`: "/from/0", `{"to": ["x"]}`: "/to"} {
		var with map[string]any
		if err := json.Unmarshal([]byte(text), &with); err != nil {
			t.Fatal(err)
		}
		_, err := Options(with)
		if problems := fault.ProblemsOf(err); len(problems) != 1 || problems[0].Path != at {
			t.Errorf("%s: %v", text, problems)
		}
	}
}
