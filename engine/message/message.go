// Package message reads mails (RFC 5322, MIME): what one says as a value, and its attachments as files. It neither takes mails in nor
// sends any.
package message

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // the character sets that mails are written in
	gomail "github.com/emersion/go-message/mail"
	"golang.org/x/text/encoding/charmap"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// What of a mail is read. What is beyond stands whole in an attachment.
const (
	maxHeader  = 256 << 10 // bytes
	maxHeaders = 1000
	maxParts   = 500
	maxDepth   = 12        // of parts within parts
	maxText    = 512 << 10 // bytes of the text, and of the HTML
	maxList    = 1000      // addresses of a header
)

// Message is a mail as a scenario sees it.
type Message struct {
	From        []string // every address of every From
	Files       []value.Large
	header      gomail.Header
	text, html  strings.Builder
	attachments []any
	parts       int
	incomplete  string // why the rest is only in the attachment message.eml; empty: it was read whole
}

// Keep keeps a file.
type Keep func(ctx context.Context, r io.Reader) (value.Large, error)

// ErrHeader is a mail whose header has more than there may be of one.
var ErrHeader = fault.New(fault.TooLarge, "The header of the mail has more than %d kB.", maxHeader>>10)

// Read reads a mail of so many bytes, which open gives from its beginning, each time. Whatever it is made of there is a message of it:
// what cannot be read is kept as it came. Its errors are ErrHeader and those of keep.
func Read(ctx context.Context, open func() io.Reader, size int64, keep Keep) (*Message, error) {
	out := &Message{}
	p := &parser{keep: keep, ctx: ctx, out: out}
	entity, err := message.ReadWithOptions(bufio.NewReader(open()), &message.ReadOptions{MaxHeaderBytes: maxHeader})
	switch {
	case entity == nil && err != nil && headerEnds(open(), size) < 0:
		return nil, ErrHeader
	case entity == nil:
		out.incomplete = "its header cannot be read"
		p.text(&out.text, open(), "body.txt", "text/plain")
	default:
		out.header = gomail.Header{Header: entity.Header}
		out.senders()
		p.part(entity, 0)
	}
	if p.failed != nil {
		return nil, p.failed
	}
	if out.incomplete != "" {
		large, err := keep(ctx, open())
		if err != nil {
			return nil, err
		}
		out.attach(large, "message.eml", "message/rfc822", nil)
	}
	return out, nil
}

// ReadHeader reads the header of a mail alone. There is nothing else of it, and so nothing of it is missing.
func ReadHeader(in io.Reader, size int64) (*Message, error) {
	head := make([]byte, min(size, maxHeader))
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	if headerEnds(bytes.NewReader(head[:n]), size) < 0 {
		return nil, ErrHeader
	}
	out := &Message{}
	entity, _ := message.ReadWithOptions(bufio.NewReader(bytes.NewReader(head[:n])), &message.ReadOptions{MaxHeaderBytes: maxHeader})
	if entity == nil {
		out.incomplete = "its header cannot be read"
		return out, nil
	}
	out.header = gomail.Header{Header: entity.Header}
	out.senders()
	return out, nil
}

// headerEnds says where the header ends, within what may be one; -1: nowhere.
func headerEnds(in io.Reader, size int64) int {
	head := make([]byte, maxHeader)
	n, _ := io.ReadFull(in, head)
	end := bytes.Index(head[:n], []byte("\r\n\r\n"))
	if end < 0 && int64(n) == size {
		return n
	}
	return end
}

// senders notes who the header says wrote the mail. One that cannot be read is noted as it stands, and is nobody's.
func (m *Message) senders() {
	fields := m.header.FieldsByKey("From")
	for fields.Next() {
		one := gomail.Header{}
		one.Add("From", fields.Value())
		list, err := one.AddressList("From")
		if err != nil || len(list) == 0 {
			m.From = append(m.From, clean(fields.Value()))
		}
		for _, a := range list {
			m.From = append(m.From, clean(a.Address))
		}
	}
}

// ID is what its sender calls the mail. body is the hash of what stands behind its header. One without a name that says when it was written is called by that and by all else that
// people read of it: sent again after a lost answer it is the same. Empty: nothing tells it from another that says the same.
func (m *Message) ID(body string) string {
	if id := clean(m.header.Get("Message-Id")); id != "" {
		return id
	}
	if clean(m.header.Get("Date")) == "" {
		return ""
	}
	sum := sha256.New()
	for _, name := range []string{"Date", "From", "Sender", "Reply-To", "To", "Cc", "Subject"} {
		for _, text := range m.header.Values(name) {
			fmt.Fprintf(sum, "%s: %q\n", name, text)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)) + " " + body
}

// Value is the mail as a value, that came for a recipient from an address of the envelope.
func (m *Message) Value(recipient, envelope string) map[string]any {
	out := map[string]any{"from": "", "from_name": "", "to": m.list("To"), "cc": m.list("Cc"), "reply_to": m.list("Reply-To"), "subject": "", "date": nil, "text": m.text.String(), "html": m.html.String(),
		"headers": m.headers(), "attachments": m.attachments, "message_id": clean(m.header.Get("Message-Id")), "in_reply_to": clean(m.header.Get("In-Reply-To")),
		"recipient": recipient, "envelope_from": clean(envelope), "incomplete": nil}
	if m.attachments == nil {
		out["attachments"] = []any{}
	}
	if list, err := m.header.AddressList("From"); err == nil && len(list) > 0 {
		out["from"], out["from_name"] = clean(list[0].Address), clean(list[0].Name)
	}
	if subject, err := m.header.Subject(); err == nil {
		out["subject"] = clean(subject)
	} else {
		out["subject"] = clean(m.header.Get("Subject"))
	}
	if at, err := netmail.ParseDate(m.header.Get("Date")); err == nil {
		out["date"] = at.UTC().Format(run.TimeFormat)
	}
	if m.incomplete != "" {
		out["incomplete"] = m.incomplete
	}
	return out
}

// list gives the addresses of a header.
func (m *Message) list(name string) []any {
	list, _ := m.header.AddressList(name)
	out := []any{}
	for _, a := range list {
		if len(out) == maxList {
			break
		}
		out = append(out, clean(a.Address))
	}
	return out
}

// headers gives each header its text, or the list of its texts where it stands more than once.
func (m *Message) headers() map[string]any {
	out := map[string]any{}
	fields := m.header.Fields()
	for n := 0; fields.Next() && n < maxHeaders; n++ {
		name := strings.ToLower(fields.Key())
		text, err := fields.Text()
		if err != nil {
			text = fields.Value()
		}
		text = clean(text)
		switch have := out[name].(type) {
		case nil:
			out[name] = text
		case []any:
			out[name] = append(have, text)
		default:
			out[name] = []any{have, text}
		}
	}
	return out
}

func (m *Message) attach(large value.Large, name, kind string, more map[string]any) {
	object := map[string]any{"file": large.Hash, "name": name, "type": kind, "size": large.Bytes}
	for key, v := range more {
		object[key] = v
	}
	m.attachments, m.Files = append(m.attachments, object), append(m.Files, large)
}

// clean is a text without what no text holds.
func clean(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD"))
}

// parser goes through the parts of a mail.
type parser struct {
	ctx    context.Context
	keep   Keep
	out    *Message
	failed error // the disk's
}

// give notes why the rest of a mail is not read.
func (p *parser) give(format string, args ...any) {
	if p.out.incomplete == "" {
		p.out.incomplete = fmt.Sprintf(format, args...)
	}
}

func (p *parser) part(e *message.Entity, depth int) {
	if p.out.parts++; p.out.parts > maxParts {
		p.give("it has more than %d parts", maxParts)
		return
	}
	kind, params, err := e.Header.ContentType()
	if err != nil || kind == "" {
		kind = "text/plain"
	}
	if parts := e.MultipartReader(); parts != nil {
		p.multipart(parts, params["boundary"], depth)
		return
	}
	if strings.HasPrefix(kind, "multipart/") {
		p.give("a part of several parts names no boundary")
	}
	disposition, named, _ := e.Header.ContentDisposition()
	name := named["filename"]
	if name == "" {
		name = params["name"]
	}
	switch {
	case disposition == "attachment" || name != "" || kind != "text/plain" && kind != "text/html" && !strings.HasPrefix(kind, "multipart/"):
		p.attachment(e, name, kind, disposition)
	case kind == "text/html":
		p.text(&p.out.html, e.Body, "body.html", kind)
	default:
		p.text(&p.out.text, e.Body, "body.txt", "text/plain")
	}
}

func (p *parser) multipart(parts message.MultipartReader, boundary string, depth int) {
	switch {
	case depth >= maxDepth:
		p.give("it has parts within parts, more than %d deep", maxDepth)
		return
	case boundary == "":
		p.give("a part of several parts names no boundary")
		return
	}
	for p.failed == nil && p.out.parts <= maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return
		}
		if part == nil {
			p.give("a boundary or a header within it is wrong")
			return
		}
		p.part(part, depth+1) // its character set or coding may be unknown; then its bytes are taken as they are
	}
}

func (p *parser) attachment(e *message.Entity, name, kind, disposition string) {
	large, err := p.keep(p.ctx, e.Body)
	if err != nil {
		p.wrong(err)
		return
	}
	more := map[string]any{}
	if id := strings.Trim(clean(e.Header.Get("Content-Id")), "<>"); id != "" {
		more["content_id"] = id
	}
	if disposition == "inline" {
		more["inline"] = true
	}
	p.out.attach(large, value.FileName(name), fault.Clip(clean(kind), 100), more)
}

// text reads a text. One that is too long is cut, and stands whole in an attachment.
func (p *parser) text(into *strings.Builder, body io.Reader, name, kind string) {
	var b bytes.Buffer
	_, err := io.Copy(&b, io.LimitReader(body, maxText+1))
	if err != nil {
		p.give("a text within it ends too early, or cannot be decoded")
	}
	if b.Len() > maxText && err == nil {
		large, err := p.keep(p.ctx, io.MultiReader(bytes.NewReader(b.Bytes()), body))
		if err != nil {
			p.wrong(err)
			return
		}
		p.out.attach(large, name, kind, nil)
		b.Truncate(maxText)
	}
	text := strings.ReplaceAll(strings.ReplaceAll(inUTF8(b.Bytes()), "\x00", "\uFFFD"), "\r\n", "\n")
	if into.Len() > 0 {
		into.WriteString("\n")
	}
	if into.Len()+len(text) > maxText+1 {
		p.give("its texts are longer than %d kB", maxText>>10)
		text = fault.Clip(text, max(0, maxText-into.Len()))
	}
	into.WriteString(text)
}

// inUTF8 is a text whose bytes are of no character set that its part names. Where nothing in it looks like UTF-8 it is read as mail programs
// do, as Windows 1252; otherwise what is none is marked.
func inUTF8(b []byte) string {
	if !utf8.Valid(b) && !bytes.ContainsFunc(b, func(r rune) bool { return r >= utf8.RuneSelf && r != utf8.RuneError }) {
		if text, err := charmap.Windows1252.NewDecoder().Bytes(b); err == nil {
			return string(text)
		}
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

// wrong tells the disk's errors from those of what was to be decoded.
func (p *parser) wrong(err error) {
	if fault.CodeOf(err) == fault.Unavailable || fault.CodeOf(err) == fault.Internal && isFault(err) {
		p.failed = err
		return
	}
	p.give("an attachment cannot be decoded")
}

func isFault(err error) bool {
	var own *fault.Error
	return errors.As(err, &own)
}
