package core

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	stdlog "log"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// mailboxes is a mail server in this process.
func mailboxes(t testing.TB, security string, caps imap.CapSet, wrap func(imapserver.Session) imapserver.Session) *desk {
	t.Helper()
	pair, pool, _, _ := certified(t)
	config := &tls.Config{Certificates: []tls.Certificate{pair}}
	memory, user := imapmemserver.New(), imapmemserver.NewUser("ada", "secret word")
	for _, name := range []string{"INBOX", "Erledigt ä"} {
		if err := user.Create(name, nil); err != nil {
			t.Fatal(err)
		}
	}
	memory.AddUser(user)
	options := &imapserver.Options{Logger: stdlog.New(io.Discard, "", 0), InsecureAuth: security == "none", Caps: caps, NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
		s := memory.NewSession()
		if wrap != nil {
			s = wrap(s)
		}
		return s, nil, nil
	}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	switch security {
	case "tls":
		l = tls.NewListener(l, config)
	case "starttls":
		options.TLSConfig = config
	}
	server, done := imapserver.New(options), make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close(); <-done })
	d := deskFor("imap", addr, map[string]string{"security": security, "user": "ada", "password": "secret word"})
	d.cfg.RootCAs = pool
	return d
}

// delivered puts mails into a mailbox.
func delivered(t testing.TB, d *desk, mailbox string, mails ...string) {
	t.Helper()
	c := signedIn(t, d)
	defer c.Close()
	for _, text := range mails {
		text = strings.ReplaceAll(text, "\n", "\r\n")
		add := c.Append(mailbox, int64(len(text)), nil)
		if _, err := io.WriteString(add, text); err != nil {
			t.Fatal(err)
		}
		if err := add.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := add.Wait(); err != nil {
			t.Fatal(err)
		}
	}
}

func signedIn(t testing.TB, d *desk) *imapclient.Client {
	t.Helper()
	addr := net.JoinHostPort(d.values["host"].Reveal(), d.values["port"].Reveal())
	options := &imapclient.Options{TLSConfig: &tls.Config{RootCAs: d.cfg.RootCAs, ServerName: "127.0.0.1"}}
	dial := map[string]func(string, *imapclient.Options) (*imapclient.Client, error){"tls": imapclient.DialTLS, "starttls": imapclient.DialStartTLS, "none": imapclient.DialInsecure}[d.values["security"].Reveal()]
	c, err := dial(addr, options)
	if err == nil {
		err = c.Login(d.values["user"].Reveal(), d.values["password"].Reveal()).Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const ordered = "Return-Path: <bounce@example.com>\nDelivered-To: orders@example.com\nFrom: Ada =?utf-8?q?Zo=C3=AB?= <ada@example.com>\nTo: orders@example.com\nSubject: Order 1001\nDate: Sat, 31 Jan 2026 09:30:00 +0000\nMessage-Id: <1@example.com>\n" +
	"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe\n--b\nContent-Type: text/csv\nContent-Disposition: attachment; filename=\"o.csv\"\n\na,b\n--b--\n"

func plainMail(n int) string {
	return fmt.Sprintf("From: bob@example.com\nSubject: Note %d\nMessage-Id: <n%d@example.com>\n\nHello\n", n, n)
}

// subjects are those of what was read, each with its UID and whether it was read before.
func subjects(out map[string]any) string {
	var texts []string
	for _, m := range out["messages"].([]any) {
		m := m.(map[string]any)
		texts = append(texts, fmt.Sprint(m["uid"], " ", m["subject"], map[any]string{true: " seen"}[m["seen"]]))
	}
	if out["more"] == true {
		texts = append(texts, "more")
	}
	return strings.Join(texts, ", ")
}

func TestEmailRead(t *testing.T) {
	for _, security := range []string{"none", "starttls", "tls"} {
		t.Run(security, func(t *testing.T) {
			d := mailboxes(t, security, imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapMove: {}}, nil)
			delivered(t, d, "INBOX", ordered, plainMail(2), plainMail(3))
			tryMailbox(t, d)
		})
	}
	t.Run("without MOVE", func(t *testing.T) {
		d := mailboxes(t, "none", imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}}, nil)
		delivered(t, d, "INBOX", ordered, plainMail(2), plainMail(3))
		tryMailbox(t, d)
	})
}

// tryMailbox looks, marks and moves in a mailbox that holds three messages.
func tryMailbox(t *testing.T, d *desk) {
	t.Helper()
	for _, c := range []struct {
		in   map[string]any
		want string
	}{
		{map[string]any{}, "1 Order 1001, 2 Note 2, 3 Note 3"},
		{map[string]any{"limit": 2}, "1 Order 1001, 2 Note 2, more"},
		{map[string]any{"limit": 2, "order": "newest"}, "3 Note 3, 2 Note 2, more"},
		{map[string]any{"from": "bob@", "subject": "note 3"}, "3 Note 3"},
		{map[string]any{"since": "2999-01-31"}, ""},
		{map[string]any{"since": "2020-01-31T00:00:00Z"}, "1 Order 1001, 2 Note 2, 3 Note 3"},
		{map[string]any{"uids": []any{3, 99}}, "3 Note 3"},
		{map[string]any{"uids": []any{2}, "after": "seen"}, "2 Note 2"},
		{map[string]any{}, "1 Order 1001, 3 Note 3"},
		{map[string]any{"unseen": false, "content": "header"}, "1 Order 1001, 2 Note 2 seen, 3 Note 3"},
		{map[string]any{"limit": 1, "after": "seen_move", "move_to": "Erledigt ä"}, "1 Order 1001, more"},
		{map[string]any{"subject": "Note 3", "after": "move", "move_to": "Erledigt ä"}, "3 Note 3"},
		{map[string]any{"unseen": false}, "2 Note 2 seen"},
		{map[string]any{"mailbox": "Erledigt ä", "unseen": false}, "1 Order 1001 seen, 2 Note 3"},
		{map[string]any{"mailbox": "Erledigt ä"}, "2 Note 3"},
	} {
		if got := subjects(d.good(t, "email_read", c.in)); got != c.want {
			t.Errorf("%v gives %s\nnot %s", c.in, got, c.want)
		}
	}
	m := d.good(t, "email_read", map[string]any{"mailbox": "Erledigt ä", "unseen": false, "limit": 1})["messages"].([]any)[0].(map[string]any)
	file := m["attachments"].([]any)[0]
	if strings.TrimSpace(d.text(t, file)) != "a,b" || file.(map[string]any)["name"] != "o.csv" {
		t.Errorf("its attachment is %v", file)
	}
	delete(m, "attachments")
	delete(m, "headers")
	delete(m, "size")
	want := `{"cc":[],"date":"2026-01-31T09:30:00.000Z","envelope_from":"bounce@example.com","from":"ada@example.com","from_name":"Ada Zoë","html":"","in_reply_to":"","incomplete":null,"message_id":"<1@example.com>",` +
		`"recipient":"orders@example.com","reply_to":[],"seen":true,"subject":"Order 1001","text":"Grüße","to":["orders@example.com"],"uid":1}`
	if got := value.Text(m); got != want {
		t.Errorf("the message is %s\nnot %s", got, want)
	}
	m = d.good(t, "email_read", map[string]any{"mailbox": "Erledigt ä", "unseen": false, "limit": 1, "content": "header"})["messages"].([]any)[0].(map[string]any)
	if m["incomplete"] != nil || len(m["attachments"].([]any)) != 0 || m["text"] != "" || m["subject"] != "Order 1001" || !strings.HasPrefix(m["headers"].(map[string]any)["content-type"].(string), "multipart/mixed") {
		t.Errorf("its header alone is %v", m)
	}
	failed(t, d.invoke(t, "email_read", map[string]any{"mailbox": "Nowhere"}), fault.NotFound, `127.0.0.1 does not open the mailbox "Nowhere": `)
	failed(t, d.invoke(t, "email_read", map[string]any{"after": "seen_move", "move_to": "Nowhere", "unseen": false}), fault.NotFound, `127.0.0.1 does not open the mailbox "Nowhere": `)
	was := d.values["password"]
	d.values["password"] = "wrong word"
	failed(t, d.invoke(t, "email_read", map[string]any{}), fault.Unauthorized, "127.0.0.1 does not take the user name and password: ")
	d.tested(t, "127.0.0.1 does not take the user name and pass")
	d.values["password"] = was
	d.tested(t, "")
}

// failing is a session of which some things go wrong.
type failing struct {
	imapserver.Session
	*faults
}

type faults struct {
	mu sync.Mutex
	faultsNow
}

type faultsNow struct {
	store, fetch error
	cut          func() // in place of an answer to STORE
}

func (f *faults) set(store, fetch error, cut func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.store, f.fetch, f.cut = store, fetch, cut
}

func (f *faults) are() faultsNow {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.faultsNow
}

func (f *failing) Store(w *imapserver.FetchWriter, set imap.NumSet, flags *imap.StoreFlags, options *imap.StoreOptions) error {
	now := f.are()
	if now.cut != nil {
		now.cut()
	}
	if now.store != nil {
		return now.store
	}
	return f.Session.Store(w, set, flags, options)
}

func (f *failing) Fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	if now := f.are(); now.fetch != nil {
		return now.fetch
	}
	return f.Session.Fetch(w, set, options)
}

func TestEmailReadFailures(t *testing.T) {
	said := func(code imap.ResponseCode) error {
		return &imap.Error{Type: imap.StatusResponseTypeNo, Code: code, Text: "not today"}
	}
	f := &faults{}
	d := mailboxes(t, "none", imap.CapSet{imap.CapIMAP4rev1: {}}, func(s imapserver.Session) imapserver.Session { return &failing{s, f} })
	delivered(t, d, "INBOX", ordered)
	all := map[string]any{"after": "seen"}
	f.set(nil, said(imap.ResponseCodeUnavailable), nil)
	failed(t, d.invoke(t, "email_read", all), fault.Unavailable, "127.0.0.1 does not give the messages: not today")
	f.set(said(""), nil, nil)
	failed(t, d.invoke(t, "email_read", all), fault.InvalidInput, "127.0.0.1 does not mark the messages as read: not today")
	f.set(said(imap.ResponseCodeOverQuota), nil, nil)
	failed(t, d.invoke(t, "email_read", all), fault.TooLarge, "127.0.0.1 does not mark the messages as read: not today")
	failed(t, d.invoke(t, "email_read", map[string]any{"after": "move", "move_to": "INBOX"}), fault.InvalidInput, "127.0.0.1 cannot move messages without deleting others too")
	d.fail = fault.New(fault.Unavailable, "The disk is full.")
	failed(t, d.invoke(t, "email_read", all), fault.Unavailable, "The disk is full.")
	d.fail = nil
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan struct{})
	f.set(nil, nil, func() { cancel(); <-over })
	failed(t, d.invokeIn(t, ctx, time.Minute, "email_read", all), fault.Uncertain, "The call to 127.0.0.1:")
	f.set(nil, nil, nil)
	close(over)
	delivered(t, d, "INBOX", "X: "+strings.Repeat("x", 300<<10)+"\n\nText\n")
	failed(t, d.invoke(t, "email_read", map[string]any{"uids": []any{2}}), fault.TooLarge, `The message 2 in "INBOX": The header of the mail has more than 256 kB. Leave it out`)
	d.values["security"] = "starttls"
	failed(t, d.invoke(t, "email_read", all), fault.InvalidInput, "127.0.0.1 offers no STARTTLS, and nothing is sent to it in clear")
	d.values["security"] = "tls"
	failed(t, d.invoke(t, "email_read", all), fault.Unavailable, "127.0.0.1:")
	secured := mailboxes(t, "starttls", nil, nil)
	secured.cfg.RootCAs = nil
	failed(t, secured.invoke(t, "email_read", all), fault.Unavailable, "The certificate of 127.0.0.1:")
	secured.values["security"] = "none"
	failed(t, secured.invoke(t, "email_read", all), fault.InvalidInput, "127.0.0.1 takes no user name and password there; choose")
}

// TestNoMailbox: what is no IMAP server, or a hostile one.
func TestNoMailbox(t *testing.T) {
	answering := func(answers ...string) *desk {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			room := make([]byte, 1000)
			for i, text := range answers {
				tag := ""
				if i > 0 {
					n, err := conn.Read(room)
					if err != nil {
						return
					}
					tag, _, _ = strings.Cut(string(room[:n]), " ")
				}
				if _, err := io.WriteString(conn, strings.ReplaceAll(text, "TAG", tag)); err != nil {
					return
				}
			}
		}()
		return deskFor("imap", l.Addr().String(), map[string]string{"security": "none", "user": "ada", "password": "secret word"})
	}
	failed(t, answering("HTTP/1.1 400 Bad Request\r\n\r\n").invoke(t, "email_read", nil), fault.Unavailable, "127.0.0.1 does not speak IMAP at that port; look")
	failed(t, answering("* BYE busy\r\n").invoke(t, "email_read", nil), fault.Unavailable, "127.0.0.1 answers the greeting: busy")
	failed(t, answering("").invoke(t, "email_read", nil), fault.Unavailable, "The connection to 127.0.0.1:")
	hello := "* OK [CAPABILITY IMAP4rev1] hi\r\n"
	failed(t, answering(hello, "TAG NO [UNAVAILABLE] not now\r\n").invoke(t, "email_read", nil), fault.Unavailable, "127.0.0.1 answers the sign-in: not now")
	open := []string{hello, "TAG OK [CAPABILITY IMAP4rev1] in\r\n", "* 1 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\nTAG OK [READ-ONLY] open\r\n"}
	hostile := answering(append(open, "* ESEARCH (TAG \"TAG\") UID ALL 1:4294967295\r\nTAG OK done\r\n", "TAG OK done\r\n")...)
	if r := hostile.invoke(t, "email_read", map[string]any{}); r.Failure == nil && subjects(r.Output.(map[string]any)) != "more" {
		t.Errorf("it gives %v", r.Output)
	}
	if some, more := someOf(imap.UIDSet{{Start: 1, Stop: 1<<32 - 1}}, 3, true); fmt.Sprint(some, more) != "[4294967295 4294967294 4294967293] true" {
		t.Errorf("of all there are it takes %v", some)
	}
	big := answering(append(open, "* SEARCH 1\r\nTAG OK done\r\n", "* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 90000000)\r\nTAG OK done\r\n", "* 1 FETCH (UID 1 BODY[HEADER] {14}\r\nSubject: x\r\n\r\n)\r\nTAG OK done\r\n")...)
	m := big.good(t, "email_read", map[string]any{})["messages"].([]any)[0].(map[string]any)
	if m["subject"] != "x" || m["incomplete"] != "it has 85 MB; of more than 50 MB only the header is read" {
		t.Errorf("of a large message it reads %v", m)
	}
	cut := answering(append(open, "* SEARCH 1\r\nTAG OK done\r\n", "* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 100)\r\nTAG OK done\r\n", "* 1 FETCH (UID 1 BODY[] {100}\r\nSubject: x\r\n")...)
	failed(t, cut.invoke(t, "email_read", map[string]any{}), fault.Unavailable, "The connection to 127.0.0.1:")
}

func TestEmailReadInputs(t *testing.T) {
	d := mailboxes(t, "none", nil, nil)
	for _, c := range []struct {
		in   map[string]any
		want string
	}{
		{map[string]any{"since": "soon"}, `The input since: "soon" is no day; write it as 2026-01-31.`},
		{map[string]any{"limit": 101}, "The input limit: it is from 1 to 100, not 101."},
		{map[string]any{"uids": []any{1, "x"}}, `The input uids/1: "x" is no UID; take uid`},
		{map[string]any{"uids": []any{1 << 32}}, `The input uids/0: 4294967296 is no UID`},
		{map[string]any{"after": "move"}, "The input move_to: it is empty; name the mailbox"},
		{map[string]any{"subject": "x\r\nA1 DELETE INBOX"}, "The input subject: it holds a line break"},
	} {
		failed(t, d.invoke(t, "email_read", c.in), fault.InvalidInput, c.want)
	}
	if got := issues(t, "email_read", `{"since":"soon","subject":"{{ x }}","after":"move"}`); got != "/since \"soon\" is no day; write it as 2026-01-31.\n/move_to It is empty; name the mailbox that they are moved to." {
		t.Errorf("publishing says %q", got)
	}
	d.connection.Sandbox = true
	d.good(t, "email_read", map[string]any{"from": "ada", "after": "seen_move", "move_to": "Done"})
	if len(d.kept) != 1 || d.kept[0].Method != "READ" || !strings.HasSuffix(d.kept[0].URL, "/INBOX") || d.kept[0].Header["From"] != "ada" || d.kept[0].Body != "marked as read, moved to Done" {
		t.Errorf("in the sandbox this is kept: %+v", d.kept)
	}
}
