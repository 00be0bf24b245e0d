package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/message"
	"github.com/stepmill/stepmill/triggers"
)

// session is one client's connection.
type session struct {
	s    *Server
	c    *smtp.Conn
	from string
	to   []recipient
}

// recipient is an address that a mail is for.
type recipient struct {
	address string
	trigger *triggers.Trigger
	senders Senders
}

func refuse(code int, enhanced smtp.EnhancedCode, format string, args ...any) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: fmt.Sprintf(format, args...)}
}

func (s *session) ending() error {
	if s.s.ending.Load() {
		return refuse(421, smtp.EnhancedCode{4, 3, 2}, "The server is shutting down; try again later.")
	}
	return nil
}

// Mail begins a mail.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if err := s.ending(); err != nil {
		return err
	}
	s.from, s.to = from, nil
	return nil
}

// Rcpt takes an address of this server, and no other: nothing is passed on.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.ending(); err != nil {
		return err
	}
	at := strings.LastIndexByte(to, '@')
	if at < 0 || !strings.EqualFold(to[at+1:], s.s.Domain) {
		return refuse(550, smtp.EnhancedCode{5, 7, 1}, "This server takes mail for its own addresses only.")
	}
	t, err := s.s.Triggers.ByMail(context.Background(), to[:at])
	if fault.CodeOf(err) == fault.NotFound {
		return refuse(550, smtp.EnhancedCode{5, 1, 1}, "There is no such address here.")
	}
	var senders Senders
	if err == nil {
		senders, err = Options(t.Def.With)
	}
	if err != nil {
		s.s.Log.Error("a mail's address could not be looked up", "error", err)
		return refuse(451, smtp.EnhancedCode{4, 3, 0}, "The address cannot be looked up now; try again later.")
	}
	if !senders.take(s.from) {
		return notFrom(s.from)
	}
	for _, have := range s.to {
		if have.trigger.Key == t.Key {
			return nil // named twice it is one
		}
	}
	s.to = append(s.to, recipient{t.Key + "@" + s.s.Domain, t, senders})
	return nil
}

func notFrom(sender string) error {
	return refuse(550, smtp.EnhancedCode{5, 7, 1}, "This address does not take mail from %q.", fault.Clip(sender, 80))
}

// Data takes the mail itself. Nil, which is answered with 250, says that the event of every recipient is on disk. The client
// has been told 354 before, so the mail is taken also where the server began to end since.
func (s *session) Data(r io.Reader) error {
	if under := connOf(s.c); under != nil {
		if err := under.begin(time.Now().Add(dataWithin)); err != nil {
			return err
		}
		defer under.done()
	}
	ctx := context.Background()
	letter, err := spool(r)
	defer letter.close()
	if err != nil {
		if errors.Is(err, errLine) {
			s.drain()
		}
		return s.answer(err)
	}
	if letter.file != nil {
		s.s.desks <- struct{}{}
		defer func() { <-s.s.desks }()
	}
	read, err := message.Read(ctx, letter.open, letter.size, s.s.Keep)
	if err != nil {
		return s.answer(err)
	}
	for _, to := range s.to {
		if sender, ok := to.senders.wrote(read.From); !ok {
			return notFrom(sender)
		}
	}
	for _, to := range s.to {
		if err := s.s.take(ctx, to, s.from, letter.hash, read); err != nil {
			return s.answer(err)
		}
	}
	return nil
}

const (
	drainQuiet  = 2 * time.Second // a client that sends nothing for so long has sent the mail
	drainWithin = time.Minute
)

// drain reads on over what is left of a mail with too long a line, which the library does not: a client that still sends when
// the connection is closed would not see the answer, and send the mail again for days.
func (s *session) drain() {
	in := s.c.Conn()
	end := time.Now().Add(drainWithin)
	var last []byte
	room := make([]byte, 32<<10)
	for left := s.s.MaxBytes; left > 0 && time.Now().Before(end); {
		if err := in.SetReadDeadline(time.Now().Add(drainQuiet)); err != nil {
			return
		}
		n, err := in.Read(room)
		last = append(last, room[:n]...)
		if bytes.HasSuffix(last, []byte("\r\n.\r\n")) || err != nil {
			return
		}
		last = append([]byte(nil), last[max(0, len(last)-4):]...)
		left -= int64(n)
	}
}

// answer is what an error is to the client: it sends the mail again where that may help.
func (s *session) answer(err error) error {
	var own *smtp.SMTPError
	switch code := fault.CodeOf(err); {
	case errors.As(err, &own):
		return own
	case errors.Is(err, message.ErrHeader):
		return refuse(552, smtp.EnhancedCode{5, 3, 4}, "%s", message.ErrHeader.Message)
	case errors.Is(err, errGone):
		return refuse(451, smtp.EnhancedCode{4, 4, 2}, "The mail did not come whole.")
	case s.s.ending.Load():
		return refuse(421, smtp.EnhancedCode{4, 3, 2}, "The server is shutting down; try again later.")
	case code == fault.Unavailable || code == fault.Timeout || code == fault.Cancelled:
		s.s.Log.Error("a mail was not taken", "error", err)
		return refuse(452, smtp.EnhancedCode{4, 3, 1}, "The mail cannot be kept now; try again later.")
	case code == fault.NotFound:
		return refuse(550, smtp.EnhancedCode{5, 1, 1}, "There is no such address here.")
	}
	s.s.Log.Error("a mail was not taken", "error", err)
	return refuse(451, smtp.EnhancedCode{4, 3, 0}, "The mail cannot be taken now; try again later.")
}

// Reset forgets the mail at hand.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout ends the session.
func (s *session) Logout() error { return nil }

func sprintf(format string, v ...any) string { return fault.Clip(fmt.Sprintf(format, v...), 1000) }

// take has one recipient's event kept. A second mail of the same id is the first, unless it says something else.
func (s *Server) take(ctx context.Context, to recipient, from, body string, read *message.Message) error {
	object := read.Value(to.address, from)
	h := triggers.Happening{Value: object, Source: "mail", Files: read.Files, At: s.Now().UTC().Truncate(time.Millisecond),
		BodyHash: body}
	if id := read.ID(body); id != "" {
		h.Delivery = id + " " + to.address
	}
	taken, err := triggers.Intake(ctx, s.Starter, to.trigger, h)
	if err != nil || !taken.OtherBody {
		return err
	}
	h.Delivery, h.BodyHash = h.Delivery+" "+body, ""
	_, err = triggers.Intake(ctx, s.Starter, to.trigger, h)
	return err
}
