package core

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
)

// lineWays are the connections to servers that speak no HTTP.
func lineWays() []actions.Auth {
	text := func(id, label, help string, required bool) actions.Field {
		return actions.Field{ID: id, Label: label, Help: help, Type: actions.Text, Required: required}
	}
	hidden := func(id, label, help string) actions.Field {
		return actions.Field{ID: id, Label: label, Help: help, Type: actions.Text, Secret: true}
	}
	port := func(otherwise, help string) actions.Field {
		return actions.Field{ID: "port", Label: "Port", Help: help, Type: actions.Text, Default: otherwise}
	}
	secured := func(otherwise string) actions.Field {
		return choice("security", "Encryption", "How what is sent is kept secret. Without any the password can be read on its way.", otherwise,
			"tls", "TLS from the first byte on", "starttls", "STARTTLS: the connection changes to TLS", "none", "None")
	}
	database := func(otherwise string) []actions.Field {
		return []actions.Field{text("host", "Server", "As db.example.com.", true), port(otherwise, otherwise+", as a rule."),
			choice("security", "Encryption", "How what is sent is kept secret. Without any it can be read on its way.", "tls", "tls", "TLS", "none", "None"),
			text("database", "Database", "Its name there.", true), text("user", "User name", "The account there.", true), hidden("password", "Password", "Of the account.")}
	}
	return trusting([]actions.Auth{
		{Method: "smtp", Name: "Mail server (SMTP)", Help: "To send mail: what the provider's pages call outgoing server.", Protocol: "smtp", Try: trySMTP, Fields: []actions.Field{
			text("host", "Server", "As smtp.example.com.", true), port("587", "587 with STARTTLS, 465 with TLS, as a rule."), secured("starttls"),
			text("user", "User name", "As a rule the mail address. Leave it empty where the server asks for none.", false),
			hidden("password", "Password", "Where accounts have a second factor: an app password."),
			text("from", "Sender", "Whom mails are from where a step does not say, as Ada <ada@example.com>.", false)}},
		{Method: "imap", Name: "Mailbox (IMAP)", Help: "To read mail: what the provider's pages call incoming server.", Protocol: "imap", Try: tryIMAP, Fields: []actions.Field{
			text("host", "Server", "As imap.example.com.", true), port("993", "993 with TLS, 143 with STARTTLS, as a rule."), secured("tls"),
			text("user", "User name", "As a rule the mail address.", true),
			{ID: "password", Label: "Password", Help: "Where accounts have a second factor: an app password.", Type: actions.Text, Required: true, Secret: true}}},
		mailTokens("smtp_oauth", "Mail server by OAuth", "smtp", trySMTP,
			text("host", "Server", "As smtp.gmail.com or smtp.office365.com.", true), port("587", "587 with STARTTLS, 465 with TLS, as a rule."), secured("starttls"),
			text("user", "Mail address", "The account's.", true), text("from", "Sender", "Whom mails are from where a step does not say; the account where not given.", false)),
		mailTokens("imap_oauth", "Mailbox by OAuth", "imap", tryIMAP,
			text("host", "Server", "As imap.gmail.com or outlook.office365.com.", true), port("993", "993 with TLS, 143 with STARTTLS, as a rule."), secured("tls"), text("user", "Mail address", "The account's.", true)),
		{Method: "sftp", Name: "Files by SSH (SFTP)", Help: "A server with OpenSSH, or another one with SFTP. Give a password, or a private key.", Protocol: "sftp", Try: trying(openSFTP), Fields: []actions.Field{
			text("host", "Server", "As files.example.com.", true), port("22", "22, as a rule."),
			text("user", "User name", "The account there.", true), hidden("password", "Password", "Of the account; not needed with a key."),
			{ID: "key", Label: "Private key", Help: "The whole file, beginning with -----BEGIN.", Type: actions.LongText, Secret: true}, hidden("passphrase", "Passphrase", "Of the key, where it has one."),
			text("fingerprint", "Fingerprint", "Of the server's own key, as SHA256:…: the step refuses any other. ssh-keyscan HOST | ssh-keygen -lf - shows it. Left empty, the first step says which one it met.", false)}},
		{Method: "ftp", Name: "Files by FTP", Help: "A server with FTP, with TLS (FTPS) or without. Files come on connections of their own to the same server, which a firewall must let through.", Protocol: "ftp", Try: trying(openFTP), Fields: []actions.Field{
			text("host", "Server", "As ftp.example.com.", true), port("21", "21 as a rule, 990 with TLS from the first byte on."),
			choice("security", "Encryption", "How the password and the files are kept secret. Without any they can be read on their way.", "starttls",
				"starttls", "TLS on the usual port (explicit FTPS)", "tls", "TLS from the first byte on (implicit FTPS)", "none", "None"),
			text("user", "User name", "The account there, or anonymous.", true), hidden("password", "Password", "Of the account; for anonymous a mail address, as a rule.")}},
		{Method: "postgresql", Name: "PostgreSQL", Help: "A database of PostgreSQL, or of what speaks like it. Make an account for Stepmill that may do no more than its scenarios need.", Protocol: "sql", Try: trySQL, Fields: database("5432")},
		{Method: "mysql", Name: "MySQL or MariaDB", Help: "A database of MySQL, MariaDB, or of what speaks like them. Make an account for Stepmill that may do no more than its scenarios need.", Protocol: "sql", Try: trySQL, Fields: database("3306")},
	})
}

// trusting gives connections that may go over TLS the fields of certificates.
func trusting(ways []actions.Auth) []actions.Auth {
	for i := range ways {
		if ways[i].Protocol != "sftp" { // which has no certificates
			ways[i].Certificates = true
			ways[i].Fields = append(ways[i].Fields, actions.CertificateFields()...)
		}
	}
	return ways
}

// signingIn is what people see of a connection's test.
var signingIn = actions.Shown{Method: "SIGN IN"}

// on does something on a line of its own; nothing where there is none.
func on(ctx context.Context, do actions.Doer, speak func(line *actions.Line) error) error {
	line, err := do.Dial(ctx, signingIn)
	if err != nil || line == nil {
		return err
	}
	defer line.Close()
	return speak(line)
}

// trying tests a connection to a file server.
func trying(open func(context.Context, *actions.Line) (remote, error)) func(context.Context, actions.Doer) error {
	return func(ctx context.Context, do actions.Doer) error {
		return on(ctx, do, func(line *actions.Line) error {
			r, err := open(ctx, line)
			if err != nil {
				return err
			}
			_ = line.Close() // before the client's own end, which would wait for the server's
			r.close()
			return nil
		})
	}
}

// secure changes a line to TLS before anything is said on it.
func secure(ctx context.Context, line *actions.Line) (net.Conn, error) {
	conn := tls.Client(line.Conn, line.TLS)
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, line.Failure(err)
	}
	return conn, nil
}

// greetingTime is how long a server is given to say its first word.
var greetingTime = 15 * time.Second

// greeted waits for the first word of a server that greets in clear. One that wants TLS from the first byte on waits itself, and says nothing.
func greeted(ctx context.Context, line *actions.Line) (net.Conn, error) {
	in := bufio.NewReader(line.Conn)
	if err := line.SetReadDeadline(time.Now().Add(greetingTime)); err != nil {
		return nil, line.Failure(err)
	}
	_, err := in.Peek(1)
	if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil {
		if until, ok := ctx.Deadline(); !ok || time.Now().Before(until) {
			return nil, fault.Wrap(err, fault.Unavailable, "%s did not greet within %s. The port may want TLS from the first byte on, where a server waits for the client; look at the connection's port and encryption.", line.Host, counted(int(greetingTime.Seconds()), "second"))
		}
	}
	if err == nil || errors.Is(err, io.EOF) { // what is wrong the client says
		err = line.SetReadDeadline(time.Time{})
	}
	if err != nil {
		return nil, line.Failure(err)
	}
	return &peeked{line.Conn, in}, nil
}

// peeked is a connection of which something was read ahead.
type peeked struct {
	net.Conn
	in *bufio.Reader
}

func (p *peeked) Read(b []byte) (int, error) { return p.in.Read(b) }

// unlike is the error of a server that does not speak what is expected; nil: it is another error.
func unlike(line *actions.Line, protocol string, err error) error {
	if own := own(err); own != nil {
		return own
	}
	return fault.Wrap(err, fault.Unavailable, "%s does not speak %s at that port; look at the connection's port and encryption.", line.Host, protocol)
}
