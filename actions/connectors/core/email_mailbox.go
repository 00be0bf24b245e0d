package core

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/message"
	"github.com/stepmill/stepmill/engine/value"
)

const (
	maxMessage  = 50 << 20 // bytes; of a larger one only the header is read
	enoughBytes = 8 << 20  // of messages: further ones are left for the next time
)

// mailbox is a mailbox that is looked at.
type mailbox struct {
	*imapclient.Client
	*look
	ctx  context.Context
	do   actions.Doer
	line *actions.Line
	read []imap.UID
}

// about is what is known of a message before it is read.
type about struct {
	seen bool
	size int64
}

// take reads the messages that are looked for.
func (m *mailbox) take() (any, error) {
	reads := !m.seen && m.moveTo == ""
	if m.moveTo != "" { // what is marked, and then cannot be moved, would not be found again
		if _, err := m.Status(m.moveTo, &imap.StatusOptions{NumMessages: true}).Wait(); err != nil {
			return nil, m.failure("does not open the mailbox "+shown(m.moveTo), err)
		}
	}
	if _, err := m.Select(m.look.mailbox, &imap.SelectOptions{ReadOnly: reads}).Wait(); err != nil {
		return nil, m.failure("does not open the mailbox "+shown(m.look.mailbox), err)
	}
	found := m.uids
	if len(found) == 0 {
		data, err := m.UIDSearch(&m.criteria, nil).Wait()
		if err != nil {
			return nil, m.failure("does not search the mailbox", err)
		}
		found, _ = data.All.(imap.UIDSet)
	}
	uids, more := someOf(found, m.limit, m.newest)
	known, err := m.about(uids)
	if err != nil {
		return nil, err
	}
	list, size := []any{}, 0
	for _, uid := range uids {
		a, there := known[uid]
		if !there { // it was deleted since, or there never was one
			continue
		}
		if size > enoughBytes {
			more = true
			break
		}
		got, err := m.message(uid, a)
		if err != nil {
			return nil, err
		}
		if got == nil {
			continue
		}
		size += value.Size(got, enoughBytes)
		list, m.read = append(list, got), append(m.read, uid)
	}
	return map[string]any{"mailbox": m.look.mailbox, "messages": list, "more": more}, nil
}

// someOf are the first or the last of a set, and whether there are more. What a server says that there is is not believed: of a
// range of billions only those are made that are taken.
func someOf(set imap.UIDSet, most int, last bool) (out []imap.UID, more bool) {
	for i := range set {
		r := set[i]
		if last {
			r = set[len(set)-1-i]
		}
		if r.Start == 0 || r.Stop < r.Start {
			continue
		}
		for n := uint64(r.Start); n <= uint64(r.Stop); n++ {
			if len(out) == most {
				return out, true
			}
			uid := n
			if last {
				uid = uint64(r.Stop) - (n - uint64(r.Start))
			}
			out = append(out, imap.UID(uid))
		}
	}
	return out, false
}

// about asks which of the messages there are, how large they are and whether they were read.
func (m *mailbox) about(uids []imap.UID) (map[imap.UID]about, error) {
	out := map[imap.UID]about{}
	if len(uids) == 0 {
		return out, nil
	}
	fetch := m.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{UID: true, Flags: true, RFC822Size: true})
	defer fetch.Close()
	for data := fetch.Next(); data != nil; data = fetch.Next() {
		got, err := data.Collect()
		if err != nil {
			return nil, m.failure("does not give the messages", err)
		}
		a := about{size: got.RFC822Size}
		for _, f := range got.Flags {
			a.seen = a.seen || strings.EqualFold(string(f), string(imap.FlagSeen))
		}
		out[got.UID] = a
	}
	if err := fetch.Close(); err != nil {
		return nil, m.failure("does not give the messages", err)
	}
	return out, nil
}

// message reads one message without marking it as read; nil: it is gone.
func (m *mailbox) message(uid imap.UID, a about) (map[string]any, error) {
	section := &imap.FetchItemBodySection{Peek: true}
	if m.header || a.size > maxMessage {
		section.Specifier = imap.PartSpecifierHeader
	}
	whole, err := m.body(uid, section)
	if err != nil || whole == nil {
		return nil, err
	}
	defer whole.Close()
	keep := func(ctx context.Context, r io.Reader) (value.Large, error) {
		f, err := m.do.Keep(ctx, "", "", r)
		return value.Large{Hash: f.Hash, Bytes: f.Size}, err
	}
	var read *message.Message
	if section.Specifier == imap.PartSpecifierHeader {
		read, err = message.ReadHeader(io.NewSectionReader(whole, 0, whole.size), whole.size)
	} else {
		read, err = message.Read(m.ctx, func() io.Reader { return io.NewSectionReader(whole, 0, whole.size) }, whole.size, keep)
	}
	if errors.Is(err, message.ErrHeader) {
		return nil, fault.New(fault.TooLarge, "The message %d in %s: %s Leave it out by a narrower search.", uid, shown(m.look.mailbox), fault.MessageOf(err))
	}
	if err != nil {
		return nil, err
	}
	out := read.Value("", "")
	headers, _ := out["headers"].(map[string]any)
	out["recipient"], out["envelope_from"] = headerText(headers["delivered-to"]), strings.Trim(headerText(headers["return-path"]), "<> ")
	out["uid"], out["seen"], out["size"] = int(uid), a.seen, int(a.size)
	if a.size > maxMessage && !m.header {
		out["incomplete"] = fmt.Sprintf("it has %d MB; of more than %d MB only the header is read", a.size>>20, maxMessage>>20)
	}
	return out, nil
}

// headerText is a header, or the first of those that stand there several times.
func headerText(v any) string {
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	text, _ := v.(string)
	return text
}

// body takes in a section of a message; nil: there is none.
func (m *mailbox) body(uid imap.UID, section *imap.FetchItemBodySection) (out *spooled, err error) {
	fetch := m.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}})
	for data := fetch.Next(); data != nil; data = fetch.Next() {
		for item := data.Next(); item != nil; item = data.Next() {
			b, is := item.(imapclient.FetchItemDataBodySection)
			if !is || b.Literal == nil || out != nil || err != nil {
				continue
			}
			var own *fault.Error
			if out, err = spoolAll(b.Literal, maxMessage, fmt.Sprintf("The message %d", uid)); err == nil && out.size != b.Literal.Size() {
				out.Close()
				err = io.ErrUnexpectedEOF
			}
			if err != nil && !errors.As(err, &own) { // the line is cut: the client's own reader has it, and ends
				return nil, m.failure("does not give the message", err)
			}
		}
	}
	if closed := fetch.Close(); err == nil {
		err = closed
	}
	if err != nil {
		if out != nil {
			out.Close()
		}
		return nil, m.failure("does not give the message", err)
	}
	return out, nil
}

// settle marks and moves what was read.
func (m *mailbox) settle() error {
	if len(m.read) == 0 || !m.seen && m.moveTo == "" {
		return nil
	}
	set := imap.UIDSetNum(m.read...)
	if m.moveTo != "" && !m.Caps().Has(imap.CapMove) && !m.Caps().Has(imap.CapUIDPlus) {
		return fault.New(fault.InvalidInput, "%s cannot move messages without deleting others too (it has neither MOVE nor UIDPLUS); only mark them as read.", m.line.Host)
	}
	m.line.Sent(true)
	err := m.mark(set)
	var said *imap.Error
	if err == nil || errors.As(err, &said) && said.Type != imap.StatusResponseTypeBye {
		m.line.Sent(false)
	}
	return err
}

func (m *mailbox) mark(set imap.UIDSet) error {
	flagged := func(flag imap.Flag) error {
		return m.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{flag}}, nil).Close()
	}
	if m.seen {
		if err := flagged(imap.FlagSeen); err != nil {
			return m.failure("does not mark the messages as read", err)
		}
	}
	if m.moveTo == "" {
		return nil
	}
	what := "does not move the messages to " + shown(m.moveTo)
	if m.Caps().Has(imap.CapMove) {
		if _, err := m.Move(set, m.moveTo).Wait(); err != nil {
			return m.failure(what, err)
		}
		return nil
	}
	// One after the other: the library's own way sends all three at once, and would delete what could not be copied.
	if _, err := m.Copy(set, m.moveTo).Wait(); err != nil {
		return m.failure(what, err)
	}
	if err := flagged(imap.FlagDeleted); err != nil {
		return m.failure(what, err)
	}
	if err := m.UIDExpunge(set).Close(); err != nil {
		return m.failure(what, err)
	}
	return nil
}

func (m *mailbox) failure(what string, err error) error {
	if m.ctx.Err() != nil {
		return m.line.Failure(err)
	}
	return imapFailure(m.line, what, err)
}
