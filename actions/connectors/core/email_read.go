package core

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

const maxMessages = 100

func emailRead() actions.Action {
	after := choice("after", "Afterwards", "What happens to the messages once all are read, in the mailbox.", "nothing", "nothing", "Nothing", "seen", "They are marked as read", "move", "They are moved", "seen_move", "They are marked as read, and moved")
	after.Reads = []string{"nothing"}
	return actions.Action{
		ID: "email_read", Name: "Read emails", Description: "Finds messages in a mailbox (IMAP) and gives them as the mail trigger does, with their attachments as files.", Effect: actions.Once, Protocol: "imap", Timeout: 5 * time.Minute,
		Guarantee: "Looking alone changes nothing and may be done again. Where messages are marked or moved that comes last; if the answer to it is lost, a person decides. To lose none, look first, and mark them by their UIDs in a step behind those that use them.",
		Input: []actions.Field{
			field("mailbox", "Mailbox", actions.Text, "Its name; not given, INBOX.", "INBOX"),
			flag("unseen", "Unread only", "Leaves out what is marked as read.", true),
			field("since", "Since", actions.Text, "The day on which they came or later, as 2026-01-31.", "2026-01-31"),
			field("from", "From", actions.Text, "What the sender's name or address holds.", "ada@example.com"),
			field("subject", "Subject", actions.Text, "What the subject holds.", "Order"),
			{ID: "uids", Label: "UIDs", Help: "Those of messages that an earlier step gave, in place of looking for others.", Type: actions.List, In: actions.InNone, Example: []any{17, 18}},
			choice("order", "Order", "Which come first.", "oldest", "oldest", "The oldest", "newest", "The newest"),
			{ID: "limit", Label: "Limit", Help: "How many at most, up to 100.", Type: actions.Integer, Default: 10, In: actions.InNone},
			choice("content", "Content", "How much of each is read.", "whole", "whole", "All, with the attachments", "header", "The header only"),
			after,
			field("move_to", "Move to", actions.Text, "The mailbox that they are moved to.", "Done"),
		},
		Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"messages": {Kind: "list"}, "more": {Kind: "boolean"}, "mailbox": {Kind: "text"}}},
		Sample: readSample(),
		Check: func(with map[string]any, written func(string) bool) (found []actions.InputIssue) {
			for _, names := range [][]string{{"since"}, {"limit"}, {"uids"}, {"after", "move_to"}} {
				found = append(found, checkPlan(emailRead().Input, with, written, func(v map[string]any) error { _, err := planLook(v); return err }, names)...)
			}
			return found
		},
		Run: readEmail,
	}
}

func readSample() any {
	return map[string]any{"mailbox": "INBOX", "more": false, "messages": []any{map[string]any{"uid": 17, "seen": false, "size": 2048, "from": "ada@example.com", "from_name": "Ada", "to": []any{"orders@example.com"}, "cc": []any{}, "reply_to": []any{},
		"subject": "Order 1001", "date": "2026-01-31T09:30:00.000Z", "text": "Hello", "html": "", "headers": map[string]any{}, "attachments": []any{}, "message_id": "<1@example.com>", "in_reply_to": "",
		"recipient": "orders@example.com", "envelope_from": "ada@example.com", "incomplete": nil}}}
}

// look is what is looked for in a mailbox, and what is done with it.
type look struct {
	mailbox, moveTo string
	criteria        imap.SearchCriteria
	uids            imap.UIDSet // in place of the criteria; empty: they hold
	limit           int
	newest, header  bool
	seen            bool // they are marked
}

func planLook(v map[string]any) (*look, error) {
	l := &look{mailbox: strings.TrimSpace(textOf(v, "mailbox")), newest: textOf(v, "order") == "newest", header: textOf(v, "content") == "header"}
	if l.mailbox == "" {
		l.mailbox = "INBOX"
	}
	if v["unseen"] != false {
		l.criteria.NotFlag = []imap.Flag{imap.FlagSeen}
	}
	if text := strings.TrimSpace(textOf(v, "since")); text != "" {
		at, ok := value.ReadDate(text, time.UTC)
		if !ok {
			return nil, wrong("since", "%s is no day; write it as 2026-01-31.", shown(text))
		}
		l.criteria.Since = at
	}
	for name, key := range map[string]string{"from": "From", "subject": "Subject"} {
		text := textOf(v, name)
		if strings.ContainsAny(text, "\r\n\x00") {
			return nil, wrong(name, "it holds a line break, which no header has; take that out.")
		}
		if text != "" {
			l.criteria.Header = append(l.criteria.Header, imap.SearchCriteriaHeaderField{Key: key, Value: text})
		}
	}
	for i, item := range items(v, "uids") {
		n, ok := item.(int)
		if !ok || n < 1 || n > 1<<32-1 {
			return nil, wrong(itemName("uids", i), "%s is no UID; take uid of an earlier step's message.", shown(item))
		}
		l.uids.AddNum(imap.UID(n))
	}
	after := textOf(v, "after")
	l.seen = after == "seen" || after == "seen_move"
	if strings.HasSuffix(after, "move") {
		if l.moveTo = strings.TrimSpace(textOf(v, "move_to")); l.moveTo == "" {
			return nil, wrong("move_to", "it is empty; name the mailbox that they are moved to.")
		}
	}
	var err error
	l.limit, err = wholeOf(v, "limit", 10, 1, maxMessages)
	return l, err
}

// shown is the look as people see it where it is not made.
func (l *look) shown() actions.Shown {
	s := actions.Shown{Method: "READ", Path: l.mailbox, Header: map[string]string{}}
	for _, h := range l.criteria.Header {
		s.Header[h.Key] = h.Value
	}
	if l.seen {
		s.Body = "marked as read"
	}
	if l.moveTo != "" {
		s.Body = strings.TrimPrefix(s.Body+", moved to "+l.moveTo, ", ")
	}
	return s
}

func readEmail(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	l, err := planLook(in.Values)
	if err != nil {
		return nil, err
	}
	line, err := do.Dial(ctx, l.shown())
	if err != nil {
		return nil, err
	}
	if line == nil {
		return readSample(), nil
	}
	defer line.Close()
	c, err := imapClient(ctx, line)
	if err != nil {
		return nil, err
	}
	defer func() { // in this order, since the client waits for its reader
		_ = line.Close()
		_ = c.Close()
	}()
	m := &mailbox{Client: c, look: l, ctx: ctx, do: do, line: line}
	out, err := m.take()
	if err != nil {
		return nil, err
	}
	if err := within("The output of core.email_read", "take fewer messages.", out); err != nil {
		return nil, err
	}
	return out, m.settle()
}

// tryIMAP tests a connection to a mailbox.
func tryIMAP(ctx context.Context, do actions.Doer) error {
	return on(ctx, do, func(line *actions.Line) error {
		c, err := imapClient(ctx, line)
		if err != nil {
			return err
		}
		_ = line.Close() // in this order, since the client waits for its reader
		_ = c.Close()
		return nil
	})
}

// imapClient greets the server, changes to TLS and signs in, as the connection says.
func imapClient(ctx context.Context, line *actions.Line) (*imapclient.Client, error) {
	open := secure
	if security := line.Values["security"]; security == "none" || security == "starttls" {
		open = greeted
	}
	conn, err := open(ctx, line)
	if err != nil {
		return nil, err
	}
	var c *imapclient.Client
	switch line.Values["security"] {
	case "starttls":
		if c, err = imapclient.NewStartTLS(conn, &imapclient.Options{TLSConfig: line.TLS}); err != nil {
			var said *imap.Error
			if errors.As(err, &said) {
				return nil, fault.Wrap(err, fault.InvalidInput, "%s offers no STARTTLS, and nothing is sent to it in clear; choose TLS or no encryption in the connection.", line.Host)
			}
			return nil, imapGreeting(ctx, line, err)
		}
	default:
		c = imapclient.New(conn, nil)
	}
	if err = greeting(c); err != nil {
		err = imapGreeting(ctx, line, err)
	} else {
		err = imapLogin(c, line)
	}
	if err != nil {
		_ = line.Close()
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// greeting waits for the server's greeting. Where the server greets and closes at once, the library takes either of the two for
// its answer, as it happens; asking it again finds the server's words, which say more than a connection that was cut.
func greeting(c *imapclient.Client) error {
	err := c.WaitGreeting()
	for range 20 {
		var said *imap.Error
		if err == nil || errors.As(err, &said) {
			break
		}
		err = c.WaitGreeting()
	}
	return err
}

// imapGreeting makes the error of a greeting that is none.
func imapGreeting(ctx context.Context, line *actions.Line, err error) error {
	if ctx.Err() == nil && strings.Contains(err.Error(), "before greeting: in ") { // the library's own words for what it cannot read
		return unlike(line, "IMAP", err)
	}
	return imapFailure(line, "answers the greeting", err)
}

func imapLogin(c *imapclient.Client, line *actions.Line) error {
	user, password, caps := line.Values["user"], line.Values["password"], c.Caps()
	var err error
	switch {
	case line.Values[actions.ValueAccess] != "":
		by, none := byToken(line, func(mechanism string) bool { return caps.Has(imap.AuthCap(mechanism)) })
		if none != nil {
			return none
		}
		err = c.Authenticate(by)
		if refused := tokenRefused(line, err); refused != nil {
			return refused
		}
	case caps.Has(imap.AuthCap(sasl.Plain)):
		err = c.Authenticate(sasl.NewPlainClient("", user, password))
	case caps.Has(imap.CapLoginDisabled):
		return fault.New(fault.InvalidInput, "%s takes no user name and password there; choose another encryption in the connection.", line.Host)
	default:
		err = c.Login(user, password).Wait()
	}
	var said *imap.Error
	if errors.As(err, &said) && said.Type != imap.StatusResponseTypeBye && said.Code != imap.ResponseCodeUnavailable {
		return fault.Wrap(err, fault.Unauthorized, "%s does not take the user name and password: %s", line.Host, imapWords(said))
	}
	if err != nil {
		return imapFailure(line, "answers the sign-in", err)
	}
	return nil
}

func imapWords(said *imap.Error) string {
	return fault.Clip(strings.Join(strings.Fields(strings.ToValidUTF8(said.Text, "\uFFFD")), " "), 300)
}

// imapFailure makes the error of what the server answered, or did not.
func imapFailure(line *actions.Line, what string, err error) error {
	var own *fault.Error
	var said *imap.Error
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &said):
		code := fault.InvalidInput
		switch {
		case said.Code == imap.ResponseCodeNonExistent || said.Code == imap.ResponseCodeTryCreate || strings.Contains(said.Text, "doesn't exist") || strings.Contains(said.Text, "No such mailbox"):
			code = fault.NotFound
		case said.Type == imap.StatusResponseTypeBye || slices.Contains([]imap.ResponseCode{imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeServerBug}, said.Code):
			code = fault.Unavailable
		case said.Code == imap.ResponseCodeOverQuota || said.Code == imap.ResponseCodeLimit:
			code = fault.TooLarge
		}
		return fault.Wrap(err, code, "%s %s: %s", line.Host, what, imapWords(said))
	}
	return line.Failure(err)
}
