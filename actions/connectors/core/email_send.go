package core

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"time"

	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func emailSend() actions.Action {
	return actions.Action{
		ID: "email_send", Name: "Send an email", Description: "Sends a mail by a mail server (SMTP).", Effect: actions.Once, Protocol: "smtp", Timeout: 2 * time.Minute,
		Guarantee: "What fails before the mail was handed over is tried again. Where the server's last answer is lost, whether it took the mail is not known, and a person decides; its Message-ID is the same at every attempt.",
		Input:     mailFields(),
		Output:    value.Shape{Kind: "object", Fields: map[string]value.Shape{"message_id": {Kind: "text"}, "accepted": {Kind: "list", Item: &value.Shape{Kind: "text"}}}},
		Sample:    sentSample(),
		Check: func(with map[string]any, written func(string) bool) (found []actions.InputIssue) {
			for _, name := range []string{"from", "to", "cc", "bcc", "reply_to", "subject", "headers"} {
				found = append(found, checkPlan(mailFields(), with, written, func(v map[string]any) error { _, err := planLetter(v); return err }, []string{name})...)
			}
			return found
		},
		Run: sendEmail,
	}
}

func mailFields() []actions.Field {
	return []actions.Field{
		inOne(field("to", "To", actions.Texts, "Addresses, as ada@example.com or Ada <ada@example.com>.", []any{"ada@example.com"})),
		inOne(field("cc", "Cc", actions.Texts, "Who gets a copy.", []any{"bob@example.com"})),
		inOne(field("bcc", "Bcc", actions.Texts, "Who gets a copy that the others do not see.", []any{"archive@example.com"})),
		field("from", "From", actions.Text, "The sender; not given, the connection's.", "Stepmill <robot@example.com>"),
		inOne(field("reply_to", "Reply to", actions.Texts, "Where answers go, if not to the sender.", []any{"support@example.com"})),
		field("subject", "Subject", actions.Text, "One line.", "Your order"),
		field("text", "Text", actions.LongText, "The mail as plain text.", "Hello Ada"),
		field("html", "HTML", actions.LongText, "The mail as HTML; with a text too, programs show the one that they can.", "<p>Hello Ada</p>"),
		field("attachments", "Attachments", actions.List, "Files of earlier steps.", nil),
		{ID: "headers", Label: "Headers", Help: "Further headers, as In-Reply-To.", Type: actions.Object, In: actions.InNone},
	}
}

func sentSample() any {
	return map[string]any{"message_id": "<4f1c0ffee@example.com>", "accepted": []any{"ada@example.com"}}
}

func sendEmail(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	l, err := planLetter(in.Values)
	if err != nil {
		return nil, err
	}
	if len(l.recipients()) == 0 {
		return nil, wrong("to", "the mail has no recipient; give an address.")
	}
	l.key, l.at = in.Key, in.Now
	line, err := do.Dial(ctx, l.shown())
	if err != nil {
		return nil, err
	}
	if line == nil {
		return sentSample(), nil
	}
	defer line.Close()
	if l.from == nil {
		if l.from, err = senderOf(line.Values); err != nil {
			return nil, err
		}
	}
	c, err := smtpClient(ctx, line)
	if err != nil {
		return nil, err
	}
	if err := l.send(ctx, do, c, line); err != nil {
		return nil, err
	}
	c.CommandTimeout = 3 * time.Second
	_ = c.Quit() // it is a courtesy: the mail is taken
	var accepted []any
	for _, a := range l.recipients() {
		accepted = append(accepted, a)
	}
	return map[string]any{"message_id": "<" + l.id() + ">", "accepted": accepted}, nil
}

// trySMTP tests a connection to a mail server.
func trySMTP(ctx context.Context, do actions.Doer) error {
	return on(ctx, do, func(line *actions.Line) error {
		c, err := smtpClient(ctx, line)
		if err != nil {
			return err
		}
		c.CommandTimeout = 3 * time.Second
		_ = c.Quit() // it is a courtesy: the server took the account
		return nil
	})
}

// senderOf is the connection's sender: the one that it names, or its user.
func senderOf(values map[string]string) (*mail.Address, error) {
	for _, name := range []string{"from", "user"} {
		if list, err := addresses("from", []string{values[name]}); err == nil && len(list) == 1 {
			return list[0], nil
		}
	}
	return nil, wrong("from", "neither the step nor the connection names a sender; write it as robot@example.com.")
}

// smtpClient greets the server, changes to TLS and signs in, as the connection says.
func smtpClient(ctx context.Context, line *actions.Line) (*smtp.Client, error) {
	open := greeted
	if line.Values["security"] == "tls" {
		open = secure
	}
	conn, err := open(ctx, line)
	if err != nil {
		return nil, err
	}
	var c *smtp.Client
	switch line.Values["security"] {
	case "tls", "none":
		c = smtp.NewClient(conn)
	default:
		if c, err = smtp.NewClientStartTLS(conn, line.TLS); err != nil {
			var said *smtp.SMTPError
			if !errors.As(err, &said) && strings.Contains(err.Error(), "support STARTTLS") {
				return nil, fault.New(fault.InvalidInput, "%s offers no STARTTLS, and nothing is sent to it in clear; choose TLS or no encryption in the connection.", line.Host)
			}
			return nil, smtpFailure(line, "answers the greeting", err)
		}
	}
	if err := c.Hello(literal(line.LocalAddr())); err != nil {
		return nil, smtpFailure(line, "answers the greeting", err)
	}
	user, password := line.Values["user"], line.Values["password"]
	if user == "" {
		return c, nil
	}
	var by sasl.Client
	switch {
	case line.Values[actions.ValueAccess] != "":
		var err error
		if by, err = byToken(line, c.SupportsAuth); err != nil {
			return nil, err
		}
	case c.SupportsAuth(sasl.Plain):
		by = sasl.NewPlainClient("", user, password)
	case c.SupportsAuth(sasl.Login):
		by = sasl.NewLoginClient(user, password)
	default:
		return nil, fault.New(fault.InvalidInput, "%s takes no user name and password there; leave them out of the connection, or choose another encryption.", line.Host)
	}
	if err := c.Auth(by); err != nil {
		if refused := tokenRefused(line, err); refused != nil {
			return nil, refused
		}
		return nil, smtpFailure(line, "does not take the user name and password", err)
	}
	return c, nil
}

// literal is an address as a client without a name greets with (RFC 5321 4.1.3).
func literal(a net.Addr) string {
	host, _, err := net.SplitHostPort(a.String())
	ip := net.ParseIP(host)
	switch {
	case err != nil || ip == nil:
		return "localhost"
	case ip.To4() == nil:
		return "[IPv6:" + host + "]"
	}
	return "[" + host + "]"
}

// send hands the mail over, to all recipients or to none.
func (l *letter) send(ctx context.Context, do actions.Doer, c *smtp.Client, line *actions.Line) error {
	if most, ok := c.MaxMessageSize(); ok && most > 0 && l.size() > most {
		return fault.New(fault.TooLarge, "The mail has about %d kB, and %s takes %d kB; attach less, or send a link.", l.size()>>10, line.Host, most>>10)
	}
	if err := c.Mail(l.from.Address, nil); err != nil {
		return smtpFailure(line, "does not take the sender "+l.from.Address, err)
	}
	for _, to := range l.recipients() {
		if err := c.Rcpt(to, nil); err != nil {
			return smtpFailure(line, "does not take the recipient "+to+", so nobody was sent the mail", err)
		}
	}
	data, err := c.Data()
	if err != nil {
		return smtpFailure(line, "does not take the mail", err)
	}
	if err := l.write(ctx, do, data); err != nil { // what was sent of it has no end, so the server drops it
		var own *fault.Error
		if errors.As(err, &own) {
			return own
		}
		return smtpFailure(line, "does not take the mail", err)
	}
	line.Sent(true)
	if err := data.Close(); err != nil {
		var said *smtp.SMTPError
		if errors.As(err, &said) {
			line.Sent(false)
		}
		return smtpFailure(line, "does not take the mail", err)
	}
	line.Sent(false)
	return nil
}

// smtpFailure makes the error of what the server answered, or did not.
func smtpFailure(line *actions.Line, what string, err error) error {
	var said *smtp.SMTPError
	var odd textproto.ProtocolError
	if errors.As(err, &odd) {
		return unlike(line, "SMTP", err)
	}
	if !errors.As(err, &said) {
		return line.Failure(err)
	}
	code := fault.InvalidInput
	switch {
	case said.Code == 530 || said.Code == 534 || said.Code == 535 || said.Code == 538:
		code = fault.Unauthorized
	case said.Code == 552 || said.Code == 523:
		code = fault.TooLarge
	case said.Code < 500:
		code = fault.Unavailable
	}
	words := strings.Join(strings.Fields(strings.ToValidUTF8(said.Message, "\uFFFD")), " ")
	return fault.Wrap(err, code, "%s %s: %s", line.Host, what, fault.Clip(fmt.Sprintf("%d %s", said.Code, words), 300))
}
