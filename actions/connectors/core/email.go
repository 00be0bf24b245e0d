package core

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	netmail "net/mail"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-message/mail"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Bounds of a mail that is sent.
const (
	maxRecipients  = 500
	maxAttachments = 100
)

// letter is a mail that is to be sent.
type letter struct {
	from        *mail.Address // nil: the connection says it
	to, cc, bcc []*mail.Address
	replyTo     []*mail.Address
	subject     string
	text, html  string
	attachments []value.File
	headers     map[string]string
	key         string
	at          time.Time
}

// planLetter reads the inputs of a mail.
func planLetter(v map[string]any) (*letter, error) {
	l := &letter{subject: textOf(v, "subject"), text: textOf(v, "text"), html: textOf(v, "html"), headers: map[string]string{}}
	if strings.ContainsAny(l.subject, "\r\n\x00") {
		return nil, wrong("subject", "it holds a line break, which no header can; take that out.")
	}
	if from := strings.TrimSpace(textOf(v, "from")); from != "" {
		list, err := addresses("from", []string{from})
		if err != nil {
			return nil, err
		}
		if len(list) != 1 {
			return nil, wrong("from", "it names %d senders; a mail has one.", len(list))
		}
		l.from = list[0]
	}
	for name, into := range map[string]*[]*mail.Address{"to": &l.to, "cc": &l.cc, "bcc": &l.bcc, "reply_to": &l.replyTo} {
		list, err := addresses(name, textsOf(v, name))
		if err != nil {
			return nil, err
		}
		*into = list
	}
	if len(l.recipients()) > maxRecipients {
		return nil, wrong("to", "the mail has %d recipients; at most %d are taken.", len(l.recipients()), maxRecipients)
	}
	headers, _ := v["headers"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		text := value.Text(headers[name])
		if why := mailHeader(name, text); why != "" {
			return nil, wrong("headers/"+actions.Pointer(name), "%s", why)
		}
		if headers[name] != nil {
			l.headers[name] = text
		}
	}
	var err error
	l.attachments, err = filesIn(v, "attachments", maxAttachments)
	return l, err
}

// mailHeader says why a mail cannot have a header of the step's; "" it can.
func mailHeader(name, text string) string {
	lower := strings.ToLower(name)
	switch {
	case name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ':' }):
		return "that is no header's name."
	case strings.Contains(" from to cc bcc reply-to subject date message-id sender return-path received mime-version ", " "+lower+" ") || strings.HasPrefix(lower, "content-"):
		return "it is made from the other inputs; leave it out."
	case strings.ContainsAny(text, "\r\n\x00"):
		return "it holds a line break, which no header can; take that out."
	}
	return ""
}

// addresses reads mail addresses, as ada@example.com or Ada <ada@example.com>, also several in one text.
func addresses(input string, texts []string) ([]*mail.Address, error) {
	var out []*mail.Address
	for i, text := range texts {
		at := input
		if len(texts) > 1 {
			at = itemName(input, i)
		}
		if strings.TrimSpace(text) == "" {
			continue
		}
		list, err := netmail.ParseAddressList(text)
		if err != nil || strings.ContainsAny(text, "\r\n\x00") {
			return nil, wrong(at, "%s is no mail address; write it as ada@example.com or Ada <ada@example.com>.", shown(text))
		}
		for _, a := range list {
			if strings.ContainsFunc(a.Address, func(r rune) bool { return r <= ' ' || r >= 0x7f }) || strings.ContainsAny(a.Address, "<>") {
				return nil, wrong(at, "%s cannot be sent to: write a domain with other than plain letters in its form that begins with xn--.", shown(a.Address))
			}
			out = append(out, &mail.Address{Name: a.Name, Address: a.Address})
		}
	}
	return out, nil
}

// recipients are all addresses that the mail goes to, each once.
func (l *letter) recipients() []string {
	var out []string
	for _, a := range slices.Concat(l.to, l.cc, l.bcc) {
		if !slices.Contains(out, a.Address) {
			out = append(out, a.Address)
		}
	}
	return out
}

// id is what the mail is called: the same at every attempt, so that whoever gets it twice can see that.
func (l *letter) id() string {
	sum := sha256.Sum256([]byte(l.key))
	_, domain, _ := strings.Cut(l.from.Address, "@")
	return hex.EncodeToString(sum[:16]) + "@" + domain
}

// size is about how many bytes the mail has.
func (l *letter) size() int {
	n := len(l.text) + len(l.html) + 4096
	for _, f := range l.attachments {
		n += f.Size/3*4 + f.Size/57*2 + 512
	}
	return n
}

func (l *letter) header() mail.Header {
	var h mail.Header
	for name, text := range l.headers {
		h.Set(name, headerWords(name, text))
	}
	h.SetDate(l.at)
	h.SetMessageID(l.id())
	h.Set("Subject", headerWords("Subject", l.subject))
	h.Set("From", addressList("From", []*mail.Address{l.from}))
	for name, list := range map[string][]*mail.Address{"To": l.to, "Cc": l.cc, "Reply-To": l.replyTo} {
		if len(list) > 0 {
			h.Set(name, addressList(name, list))
		}
	}
	return h
}

// write writes the mail: the text, the HTML or both, then the attachments, each read while it is written. It has no more parts than it needs.
func (l *letter) write(ctx context.Context, do actions.Doer, w io.Writer) error {
	header, texts := l.header(), l.texts()
	if len(l.attachments) == 0 {
		if len(texts) == 1 {
			header.SetContentType(texts[0].kind, utf8Letters)
			return writePart(func(h mail.Header) (io.WriteCloser, error) { return mail.CreateSingleInlineWriter(w, h) }, header, strings.NewReader(texts[0].body))
		}
		both, err := mail.CreateInlineWriter(w, header)
		if err != nil {
			return err
		}
		return writeTexts(both, texts)
	}
	out, err := mail.CreateWriter(w, header)
	if err != nil {
		return err
	}
	if len(texts) == 1 {
		err = texts[0].write(out.CreateSingleInline)
	} else {
		var both *mail.InlineWriter
		if both, err = out.CreateInline(); err == nil {
			err = writeTexts(both, texts)
		}
	}
	if err != nil {
		return err
	}
	for _, f := range l.attachments {
		if err := l.attach(ctx, do, out, f); err != nil {
			return err
		}
	}
	return out.Close()
}

// mailText is the text of a mail in one of its forms.
type mailText struct{ kind, body string }

var utf8Letters = map[string]string{"charset": "utf-8"}

// texts are the forms that the mail has, of which a program shows the last that it can.
func (l *letter) texts() (out []mailText) {
	if l.text != "" || l.html == "" {
		out = append(out, mailText{"text/plain", l.text})
	}
	if l.html != "" {
		out = append(out, mailText{"text/html", l.html})
	}
	return out
}

func writeTexts(out *mail.InlineWriter, texts []mailText) error {
	for _, t := range texts {
		if err := t.write(out.CreatePart); err != nil {
			return err
		}
	}
	return out.Close()
}

func (t mailText) write(create func(mail.InlineHeader) (io.WriteCloser, error)) error {
	var h mail.InlineHeader
	h.SetContentType(t.kind, utf8Letters)
	return writePart(create, h, strings.NewReader(t.body))
}

func writePart[H any](create func(H) (io.WriteCloser, error), h H, in io.Reader) error {
	part, err := create(h)
	if err != nil {
		return err
	}
	if _, err := io.Copy(part, in); err != nil {
		return err
	}
	return part.Close()
}

func (l *letter) attach(ctx context.Context, do actions.Doer, out *mail.Writer, f value.File) error {
	in, err := reading(ctx, do, f)
	if err != nil {
		return err
	}
	defer in.Close()
	var h mail.AttachmentHeader
	kind := strings.ToLower(strings.TrimSpace(f.MediaType()))
	if strings.ContainsFunc(kind, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("()<>@,;:\\\"[]?=", r) }) || strings.Count(kind, "/") != 1 || strings.HasPrefix(kind, "multipart/") {
		kind = "application/octet-stream"
	}
	h.SetContentType(kind, nil)
	h.Set("Content-Disposition", disposition(f.Name))
	return writePart(out.CreateAttachment, h, in)
}

// shown is the mail as people see it where it is not sent.
func (l *letter) shown() actions.Shown {
	s := actions.Shown{Method: "SEND", Header: map[string]string{"Subject": l.subject}}
	for name, list := range map[string][]*mail.Address{"To": l.to, "Cc": l.cc, "Bcc": l.bcc, "Reply-To": l.replyTo, "From": {l.from}} {
		var texts []string
		for _, a := range list {
			if a != nil {
				texts = append(texts, a.String())
			}
		}
		if len(texts) > 0 {
			s.Header[name] = strings.Join(texts, ", ")
		}
	}
	maps.Copy(s.Header, l.headers)
	s.Body = l.text
	if l.html != "" {
		s.Body = strings.TrimPrefix(s.Body+"\n\n"+l.html, "\n\n")
	}
	for _, f := range l.attachments {
		s.Body += "\n\n(the file " + fault.Clip(f.Name, 200) + " of " + value.Text(f.Size) + " bytes)"
	}
	return s
}
