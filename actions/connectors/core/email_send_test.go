package core

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// post is a mail server in this process. What its fields say goes wrong does.
type post struct {
	mu                       sync.Mutex
	mails                    []string // as they came
	from                     string
	to                       []string
	sender, recipient, whole error
	cut                      bool     // the connection, in place of the answer to the mail
	tokens                   []string // the mechanisms by which it takes a token
	server                   *smtp.Server
}

func (p *post) NewSession(c *smtp.Conn) (smtp.Session, error) { return &clerk{p, c}, nil }

type clerk struct {
	*post
	c *smtp.Conn
}

func (c *clerk) AuthMechanisms() []string { return append([]string{sasl.Plain}, c.tokens...) }
func (c *clerk) Auth(by string) (sasl.Server, error) {
	if by != sasl.Plain {
		return tokenServer(by), nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "ada" || password != "secret word" {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "no such " + password}
		}
		return nil
	}), nil
}

func (c *clerk) Mail(from string, _ *smtp.MailOptions) error {
	c.from = from
	return c.sender
}

func (c *clerk) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "nobody@") {
		return c.recipient
	}
	c.to = append(c.to, to)
	return nil
}

func (c *clerk) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut {
		c.c.Conn().Close()
		return errors.New("cut")
	}
	if c.whole != nil {
		return c.whole
	}
	c.mails = append(c.mails, string(b))
	return nil
}
func (c *clerk) Reset()        {}
func (c *clerk) Logout() error { return nil }

// opened serves on a free port of this machine. secured is how: "starttls", "tls" or "none".
func (p *post) opened(t testing.TB, security string) *desk {
	t.Helper()
	pair, pool, _, _ := certified(t)
	p.server = smtp.NewServer(p)
	p.server.Domain, p.server.AllowInsecureAuth, p.server.MaxMessageBytes = "localhost", security == "none", 1<<20
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}}
	switch security {
	case "tls":
		l = tls.NewListener(l, config)
	case "starttls":
		p.server.TLSConfig = config
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = p.server.Serve(l) }()
	t.Cleanup(func() { p.server.Close(); <-done })
	d := deskFor("smtp", l.Addr().String(), map[string]string{"security": security, "user": "ada", "password": "secret word", "from": "Robot <robot@example.com>"})
	d.cfg.RootCAs = pool
	return d
}

func TestEmailSend(t *testing.T) {
	for _, security := range []string{"none", "starttls", "tls"} {
		t.Run(security, func(t *testing.T) {
			p := &post{}
			d := p.opened(t, security)
			f := d.put("Zoë.pdf", "application/pdf", bytes.Repeat([]byte("%PDF"), 10_000))
			out := d.good(t, "email_send", map[string]any{"to": []any{"Ada Zoë <ada@example.com>, b@example.com"}, "cc": "c@example.com", "bcc": []any{"d@example.com", "b@example.com"}, "reply_to": "r@example.com",
				"subject": "Grüße", "text": "Hello\n.dot\n" + strings.Repeat("long ", 400), "html": "<p>Hällo</p>", "attachments": []any{f.Value()}, "headers": map[string]any{"In-Reply-To": "<x@y>", "X-None": nil}})
			if got := fmt.Sprint(out["accepted"]); got != "[ada@example.com b@example.com c@example.com d@example.com]" {
				t.Errorf("it says %v", out)
			}
			if fmt.Sprint(p.to) != "[ada@example.com b@example.com c@example.com d@example.com]" || p.from != "robot@example.com" || len(p.mails) != 1 {
				t.Fatalf("the server got %d mails from %q to %v", len(p.mails), p.from, p.to)
			}
			m, err := mail.CreateReader(strings.NewReader(p.mails[0]))
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range map[string]string{"From": `"Robot" <robot@example.com>`, "To": `=?utf-8?q?Ada_Zo=C3=AB?= <ada@example.com>, <b@example.com>`, "Cc": "<c@example.com>", "Bcc": "", "Reply-To": "<r@example.com>",
				"In-Reply-To": "<x@y>", "Date": "Mon, 24 Nov 2025 16:00:00 +0000", "Message-Id": out["message_id"].(string)} {
				if got := m.Header.Get(name); got != want {
					t.Errorf("%s is %q, not %q", name, got, want)
				}
			}
			if subject, _ := m.Header.Subject(); subject != "Grüße" || m.Header.Has("X-None") {
				t.Errorf("the header is %v", m.Header.Map())
			}
			var parts []string
			for {
				part, err := m.NextPart()
				if err != nil {
					break
				}
				b, err := io.ReadAll(part.Body)
				if err != nil {
					t.Fatal(err)
				}
				name := ""
				if h, is := part.Header.(*mail.AttachmentHeader); is {
					name, _ = h.Filename()
				}
				parts = append(parts, fmt.Sprintf("%s %s %d", part.Header.Get("Content-Type")[:9], name, len(b)))
			}
			if got := strings.Join(parts, ", "); got != "text/plai  2013, text/html  13, applicati Zoë.pdf 40000" {
				t.Errorf("the parts are %s", got)
			}
			again := d.good(t, "email_send", map[string]any{"to": "ada@example.com", "text": "x"})
			if again["message_id"] != out["message_id"] {
				t.Error("another attempt of the step calls the mail otherwise")
			}
			if e, err := message.Read(strings.NewReader(p.mails[1])); err != nil || e.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
				t.Errorf("a plain mail is %q", p.mails[1])
			}
		})
	}
}

// TestEmailForm: a mail has the parts that it needs, no line of its header is long, and its letters and names come back.
func TestEmailForm(t *testing.T) {
	p := &post{}
	d := p.opened(t, "none")
	subject := strings.Repeat("Grüße aus Zürich, äöü ", 12) + strings.Repeat("漢字", 20)
	people := []any{}
	for i := range 8 {
		people = append(people, fmt.Sprintf("%q <ada%d@example.com>", strings.Repeat("Zoë, Freifrau von ", 4), i))
	}
	names := []string{"Zoë.csv", "plain.txt", strings.Repeat("Übersicht ", 12) + "2026.pdf", "a \"b\" 'c' 100%.txt", strings.Repeat("x", 120) + ".txt"}
	var files []any
	for _, name := range names {
		files = append(files, d.put(name, "text/plain", []byte(name)).Value())
	}
	for _, c := range []struct {
		in    map[string]any
		kinds string
	}{
		{map[string]any{"text": "Hällo"}, "text/plain"},
		{map[string]any{}, "text/plain"},
		{map[string]any{"html": "<p>Hällo</p>"}, "text/html"},
		{map[string]any{"text": "Hällo", "html": "<p>Hällo</p>"}, "multipart/alternative text/plain text/html"},
		{map[string]any{"text": "Hällo", "attachments": files[:1]}, "multipart/mixed text/plain text/plain"},
		{map[string]any{"text": "Hällo", "html": "<p>Hällo</p>", "attachments": files}, "multipart/mixed multipart/alternative text/plain text/html text/plain text/plain text/plain text/plain text/plain"},
	} {
		c.in["to"], c.in["subject"], c.in["headers"] = people, subject, map[string]any{"X-Long": subject, "X-Much-Longer-Than-Other-Names-Of-Headers": "Grüße " + subject}
		d.good(t, "email_send", c.in)
		sent := p.mails[len(p.mails)-1]
		for _, line := range strings.Split(sent, "\r\n") {
			if len(line) > 78 {
				t.Errorf("%s: a line has %d characters: %s", c.kinds, len(line), line)
			}
			for _, word := range strings.Fields(line) {
				if strings.HasPrefix(word, "=?") && len(word) > 75 {
					t.Errorf("an encoded word is %q", word)
				}
			}
		}
		e, err := message.Read(strings.NewReader(sent))
		if err != nil {
			t.Fatal(err)
		}
		h := mail.Header{Header: e.Header}
		got, err := h.Subject()
		to, err2 := h.AddressList("To")
		long, err3 := h.Text("X-Much-Longer-Than-Other-Names-Of-Headers")
		if err != nil || got != subject || err2 != nil || len(to) != 8 || to[7].Name != strings.Repeat("Zoë, Freifrau von ", 4) || err3 != nil || long != "Grüße "+subject {
			t.Errorf("it is read as %q, %v, %v, %v", got, to, err, err2)
		}
		var kinds, found []string
		_ = e.Walk(func(_ []int, part *message.Entity, err error) error {
			kind, _, _ := part.Header.ContentType()
			kinds = append(kinds, kind)
			if name, _ := (&mail.AttachmentHeader{Header: part.Header}).Filename(); name != "" {
				found = append(found, name)
			}
			return err
		})
		if got := strings.Join(kinds, " "); got != c.kinds {
			t.Errorf("it has the parts %s, not %s", got, c.kinds)
		}
		if list, _ := c.in["attachments"].([]any); !slices.Equal(found, names[:len(list)]) {
			t.Errorf("its files are called %q", found)
		}
	}
	for name, want := range map[string]string{"": "attachment", "a.txt": `attachment; filename="a.txt"`, "Zoë.csv": `attachment; filename="Zoe.csv"; filename*=utf-8''Zo%C3%AB.csv`} {
		if got := disposition(name); got != want {
			t.Errorf("%q is %s", name, got)
		}
	}
}

func TestEmailFailures(t *testing.T) {
	refused := func(code int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "not today"}
	}
	mail := map[string]any{"to": []any{"ada@example.com", "nobody@example.com"}, "text": "x"}
	for _, c := range []struct {
		name  string
		post  *post
		class fault.Code
		want  string
	}{
		{"the sender", &post{sender: refused(550)}, fault.InvalidInput, "127.0.0.1 does not take the sender robot@example.com: 550 not today"},
		{"a recipient", &post{recipient: refused(550)}, fault.InvalidInput, "127.0.0.1 does not take the recipient nobody@example.com, so nobody was sent the mail: 550 not today"},
		{"later", &post{recipient: refused(451)}, fault.Unavailable, "127.0.0.1 does not take the recipient nobody@example.com"},
		{"the mail", &post{whole: refused(554)}, fault.InvalidInput, "127.0.0.1 does not take the mail: 554 not today"},
		{"the mail now", &post{whole: refused(452)}, fault.Unavailable, "127.0.0.1 does not take the mail: 452 not today"},
		{"too large", &post{whole: refused(552)}, fault.TooLarge, "127.0.0.1 does not take the mail: 552 not today"},
		{"no word of it", &post{cut: true}, fault.Uncertain, "The connection to 127.0.0.1:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := c.post.opened(t, "none")
			failed(t, d.invoke(t, "email_send", mail), c.class, c.want)
			if len(c.post.mails) != 0 {
				t.Error("a mail was taken")
			}
		})
	}
	p := &post{}
	d := p.opened(t, "none")
	large := d.put("f", "", make([]byte, 1<<20))
	failed(t, d.invoke(t, "email_send", map[string]any{"to": "a@b.c", "attachments": []any{large.Value()}}), fault.TooLarge, "The mail has about 1")
	gone := large
	gone.Hash, gone.Size = strings.Repeat("0", 64), 1
	failed(t, d.invoke(t, "email_send", map[string]any{"to": "a@b.c", "attachments": []any{gone.Value()}}), fault.InvalidInput, "The file f is not one of this run's")
	if len(p.mails) != 0 {
		t.Error("a mail was taken whose attachment is missing")
	}
	d.values["password"] = "wrong word"
	r := d.invoke(t, "email_send", mail)
	failed(t, r, fault.Unauthorized, "127.0.0.1 does not take the user name and password: 535 no such ***")
	d.values["user"], d.values["from"] = "", ""
	failed(t, d.invoke(t, "email_send", mail), fault.InvalidInput, "The input from: neither the step nor the connection names a sender")
	d.values["security"] = "starttls"
	failed(t, d.invoke(t, "email_send", map[string]any{"to": "a@b.c", "from": "a@b.c"}), fault.InvalidInput, "127.0.0.1 offers no STARTTLS, and nothing is sent to it in clear; choose")
	d.values["security"] = "tls"
	failed(t, d.invoke(t, "email_send", map[string]any{"to": "a@b.c", "from": "a@b.c"}), fault.Unavailable, "127.0.0.1:")
	secured := (&post{}).opened(t, "starttls")
	secured.cfg.RootCAs = nil
	failed(t, secured.invoke(t, "email_send", mail), fault.Unavailable, "The certificate of 127.0.0.1:")
	secured.values["security"] = "none"
	failed(t, secured.invoke(t, "email_send", mail), fault.InvalidInput, "127.0.0.1 takes no user name and password there")
}

// TestEmailServers: what is no mail server, or none that can be reached.
func TestEmailServers(t *testing.T) {
	answering := func(text string) *desk {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				if _, err := io.WriteString(conn, text); err != nil || text != "" {
					_, _ = bufio.NewReader(conn).ReadString('\n')
					conn.Close()
				}
			}
		}()
		return deskFor("smtp", l.Addr().String(), map[string]string{"from": "a@b.c"})
	}
	mail := map[string]any{"to": "ada@example.com"}
	failed(t, answering("HTTP/1.1 400 Bad Request\r\n\r\n").invoke(t, "email_send", mail), fault.Unavailable, "127.0.0.1 does not speak SMTP at that port; look")
	failed(t, answering("554 go away\r\n").invoke(t, "email_send", mail), fault.InvalidInput, "127.0.0.1 answers the greeting: 554 go away")
	failed(t, answering("421 busy\r\n").invoke(t, "email_send", mail), fault.Unavailable, "127.0.0.1 answers the greeting: 421 busy")
	failed(t, answering("220 hi\r\n").invoke(t, "email_send", mail), fault.Unavailable, "The connection to 127.0.0.1:")
	silent := answering("")
	failed(t, silent.invokeIn(t, t.Context(), 100*time.Millisecond, "email_send", mail), fault.Timeout, "127.0.0.1:")
	was := greetingTime
	defer func() { greetingTime = was }()
	greetingTime = time.Second
	for _, method := range []string{"smtp", "imap", "ftp"} {
		waits := answering("")
		waits.connection.Method, waits.values["security"], waits.values["user"], waits.values["password"] = method, "starttls", "ada", "secret word"
		for action, in := range map[string]map[string]any{"email_send": mail, "email_read": {}, "ftp": {"operation": "list", "path": "/"}} {
			if actionOf(t, action).Protocol == method {
				failed(t, waits.invoke(t, action, in), fault.Unavailable, "127.0.0.1 did not greet within 1 second. The port may want TLS from the first byte on")
			}
		}
	}
	greetingTime = was
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	failed(t, silent.invokeIn(t, ctx, time.Minute, "email_send", mail), fault.Cancelled, "The call to 127.0.0.1:")
	closed := deskFor("smtp", "127.0.0.1:"+freePort(t), map[string]string{"from": "a@b.c"})
	failed(t, closed.invoke(t, "email_send", mail), fault.Unavailable, "127.0.0.1:")
}

// TestLines: the guard, the ports, the connection and the sandbox hold for what is no HTTP.
func TestLines(t *testing.T) {
	p := &post{}
	d := p.opened(t, "none")
	mail := map[string]any{"to": "ada@example.com", "subject": "Hi", "text": "the secret word", "html": "<p>x</p>", "attachments": []any{d.put("a.txt", "", []byte("x")).Value()}}
	allow := d.cfg.Allow
	d.cfg.Allow = nil
	failed(t, d.invoke(t, "email_send", mail), fault.InvalidInput, "The address 127.0.0.1 is private and requests to it are blocked.")
	d.values["host"] = "localhost"
	failed(t, d.invoke(t, "email_send", mail), fault.InvalidInput, "The address 127.0.0.1 is private")
	d.cfg.Allow = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	failed(t, d.invoke(t, "email_send", mail), fault.InvalidInput, "The address 127.0.0.1 is private")
	d.cfg.Allow, d.values["host"], d.cfg.Ports = allow, "127.0.0.1", []string{"25", "587"}
	failed(t, d.invoke(t, "email_send", mail), fault.InvalidInput, "The port ")
	d.cfg.Ports = nil
	for _, c := range [][2]string{{"host", "a b"}, {"host", ""}, {"host", "http://x"}, {"host", "a:25"}, {"port", "0"}, {"port", "smtp"}, {"port", "65536"}} {
		was := d.values[c[0]]
		d.values[c[0]] = run.Secret(c[1])
		failed(t, d.invoke(t, "email_send", mail), fault.InvalidInput, `The connection "c" names the `+c[0]+" ")
		d.values[c[0]] = was
	}
	d.connection.Method = "bearer"
	failed(t, d.invoke(t, "email_send", mail), fault.InvalidInput, "core.email_send needs a connection to a server that speaks SMTP, which this one (Bearer token) does not; name another.")
	d.connection.Method = "smtp"
	failed(t, d.invoke(t, "http_request", map[string]any{"url": "http://127.0.0.1"}), fault.InvalidInput, "The connection is one to a server that speaks SMTP, which core.http_request does not; name another.")
	d.connection.Slug = ""
	failed(t, d.invoke(t, "email_send", mail), fault.InvalidInput, "core.email_send needs a connection to a server that speaks SMTP, and none is named.")
	if len(p.mails) != 0 {
		t.Fatal("a mail was sent")
	}
	d.cfg.Sandbox = true
	d.good(t, "email_send", mail)
	d.connection.Slug, d.cfg.Sandbox, d.connection.Sandbox = "c", false, true
	out := d.good(t, "email_send", mail)
	if len(p.mails) != 0 || len(d.kept) != 2 || fmt.Sprint(out) != fmt.Sprint(sentSample()) {
		t.Fatalf("in the sandbox %d mails were sent, %d kept, and it gives %v", len(p.mails), len(d.kept), out)
	}
	r := d.kept[1]
	if r.Method != "SEND" || r.URL != "smtp://127.0.0.1:"+d.values["port"].Reveal() || r.Header["To"] != "<ada@example.com>" || r.Header["Subject"] != "Hi" ||
		r.Body != "the ***\n\n<p>x</p>\n\n(the file a.txt of 1 bytes)" || r.Connection != "c" || d.kept[0].URL != "smtp://no-connection" {
		t.Errorf("in the sandbox this is kept: %+v, %+v", r, d.kept[0])
	}
}

func TestEmailInputs(t *testing.T) {
	d := deskFor("smtp", "127.0.0.1:1", nil)
	for _, c := range []struct {
		in   map[string]any
		want string
	}{
		{map[string]any{}, "The input to: the mail has no recipient"},
		{map[string]any{"to": "ada"}, `The input to: "ada" is no mail address; write it as ada@example.com`},
		{map[string]any{"to": []any{"a@b.c", "x y@z"}}, `The input to/1: "x y@z" is no mail address`},
		{map[string]any{"to": "a@b.c\r\nBcc: evil@x.y"}, `The input to: "a@b.c\r\nBcc: evil@x.y" is no mail address`},
		{map[string]any{"to": "\"a\r\nb\" <a@b.c>"}, `The input to: "\"a\r\nb\" <a@b.c>" is no mail address`},
		{map[string]any{"cc": "ä@b.c"}, `The input cc: "ä@b.c" cannot be sent to: write a domain`},
		{map[string]any{"bcc": `"a b"@c.d`}, `The input bcc: "a b@c.d" cannot be sent to`},
		{map[string]any{"from": "a@b.c, d@e.f"}, "The input from: it names 2 senders; a mail has one."},
		{map[string]any{"to": "a@b.c", "subject": "x\nBcc: evil@x.y"}, "The input subject: it holds a line break"},
		{map[string]any{"to": "a@b.c", "headers": map[string]any{"X-A": "x\r\nBcc: evil@x.y"}}, "The input headers/X-A: it holds a line break"},
		{map[string]any{"to": "a@b.c", "headers": map[string]any{"X A": "x"}}, "The input headers/X A: that is no header's name."},
		{map[string]any{"to": "a@b.c", "headers": map[string]any{"X-A: b\nC": "x"}}, "The input headers/X-A: b\nC: that is no header's name."},
		{map[string]any{"to": "a@b.c", "headers": map[string]any{"bcc": "x"}}, "The input headers/bcc: it is made from the other inputs"},
		{map[string]any{"to": "a@b.c", "headers": map[string]any{"Content-Type": "x"}}, "The input headers/Content-Type: it is made from the other inputs"},
		{map[string]any{"to": "a@b.c", "attachments": []any{"x"}}, "The input attachments/0: it refers to no file"},
		{map[string]any{"to": many(maxRecipients+1, func(i int) any { return fmt.Sprintf("a%d@b.c", i) })}, "The input to: the mail has 501 recipients"},
	} {
		failed(t, d.invoke(t, "email_send", c.in), fault.InvalidInput, c.want)
	}
	if got := issues(t, "email_send", `{"to":["ada"],"subject":"{{ x }}"}`); got != `/to "ada" is no mail address; write it as ada@example.com or Ada <ada@example.com>.` {
		t.Errorf("publishing says %q", got)
	}
}
