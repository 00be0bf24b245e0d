package core

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jlaffaye/ftp"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
)

const (
	// maxControl bounds the bytes that a server may say beside the files, in one step.
	maxControl = 1 << 20
	// maxListing bounds the bytes of a folder's list.
	maxListing = 16 << 20
)

func ftpAction() actions.Action {
	return remoteAction("ftp", "Files by FTP", "Lists, downloads, uploads, renames and deletes files on a server with FTP, with TLS (FTPS) or without.", openFTP)
}

// openFTP signs in at an FTP server. Files come and go on further connections (RFC 959 3.3), each of which goes to the host that
// the connection names, whatever address the server tells.
func openFTP(ctx context.Context, line *actions.Line) (remote, error) {
	s := &ftpFiles{ctx: ctx, line: line}
	first := line.Conn
	options := []ftp.DialOption{ftp.DialWithContext(ctx)}
	var config *tls.Config
	if security := line.Values["security"]; security != "none" {
		config = line.TLS.Clone()
		config.ClientSessionCache = &lastSession{} // servers want to see that who fetches a file is who signed in
		if security == "tls" {
			first = tls.Client(first, config)
			options = append(options, ftp.DialWithTLS(config))
		} else {
			options = append(options, ftp.DialWithExplicitTLS(config))
		}
	}
	if line.Values["security"] != "tls" {
		var err error
		if first, err = greeted(ctx, line); err != nil {
			return nil, err
		}
	}
	first = &talk{Conn: first, left: maxControl, what: "says", code: true}
	options = append(options, ftp.DialWithDialFunc(func(_, address string) (net.Conn, error) {
		if first != nil {
			conn := first
			first = nil
			return conn, nil
		}
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		n, err := strconv.Atoi(port)
		if err != nil || n < 1024 || n > 65535 {
			return nil, fault.New(fault.Unavailable, "%s names the port %s for a file, which is none that files come from; whoever runs it can look at its passive ports.", line.Host, fault.Clip(port, 20))
		}
		conn, err := line.Beside(ctx, n)
		if err != nil {
			return nil, err
		}
		if s.listing {
			conn = &talk{Conn: conn, left: maxListing, what: "lists"}
		}
		if config != nil {
			secured := tls.Client(conn, config) // servers shake hands once they know what the connection is for
			if s.sending {
				return &heardOut{secured}, nil
			}
			return secured, nil
		}
		return conn, nil
	}))
	c, err := ftp.Dial(line.Conn.RemoteAddr().String(), options...)
	if err != nil {
		return nil, s.refused(err)
	}
	s.ServerConn = c
	user, password := line.Values["user"], line.Values["password"]
	if strings.ContainsAny(user+password, "\r\n\x00") {
		s.close()
		return nil, fault.New(fault.Unauthorized, "The connection's user name or password holds the end of a line or a zero byte, which FTP cannot carry; enter it again.")
	}
	if err := c.Login(user, password); err != nil {
		s.close()
		return nil, s.refused(err)
	}
	if s.home, err = c.CurrentDir(); err != nil {
		s.home = "" // then it is not gone back to
	}
	return s, nil
}

// ftpFiles are the files of a server with FTP.
type ftpFiles struct {
	*ftp.ServerConn
	ctx     context.Context
	line    *actions.Line
	home    string // the account's own folder
	listing bool   // the next file is a list
	sending bool   // it is one that is sent
}

func (s *ftpFiles) list(at string) ([]listed, error) {
	if !s.folder(at) { // of a file many servers list itself, of what is not there nothing
		kind, err := s.kind(at)
		switch {
		case err != nil:
			return nil, err
		case kind == kindNone:
			return nil, noFile(at, s.line.Host, nil)
		}
		return nil, wrong("path", "%s is no folder; give the folder that it lies in.", shownPath(at))
	}
	s.listing = true
	defer func() { s.listing = false }()
	if err := s.ChangeDir(at); err != nil { // a path with a space, or one that begins with -, is not safe behind LIST
		return nil, s.failure("be listed", at, err)
	}
	defer s.goHome()
	found, err := s.List("")
	if err != nil {
		return nil, s.failure("be listed", at, err)
	}
	var out []listed
	for _, e := range found {
		if e.Name == "." || e.Name == ".." || e.Name == "" {
			continue
		}
		out = append(out, listed{name: e.Name, kind: ftpKind(e), size: int64(min(e.Size, 1<<62)), modified: e.Time})
	}
	return out, nil
}

func (s *ftpFiles) goHome() {
	if s.home != "" {
		_ = s.ChangeDir(s.home)
	}
}

func (s *ftpFiles) folder(at string) bool {
	if s.ChangeDir(at) != nil {
		return false
	}
	s.goHome()
	return true
}

func ftpKind(e *ftp.Entry) string {
	switch e.Type {
	case ftp.EntryTypeFolder:
		return kindFolder
	case ftp.EntryTypeLink:
		return kindLink
	}
	return kindFile
}

func (s *ftpFiles) kind(at string) (string, error) {
	entry, err := s.GetEntry(at)
	if err == nil {
		return ftpKind(entry), nil
	}
	// There is nothing, or the server knows no MLST (RFC 3659 7), or answers it in a way of its own.
	if _, err := s.FileSize(at); err == nil {
		return kindFile, nil
	} else if ftpCode(err) == 0 {
		return kindNone, s.failure("be looked at", at, err)
	}
	if s.folder(at) {
		return kindFolder, nil
	}
	return kindNone, nil
}

func (s *ftpFiles) get(at string, into io.Writer) error {
	size, err := s.FileSize(at)
	if err != nil { // not every server knows SIZE; the file's own command says what is wrong
		size = 0
	}
	from, err := s.Retr(at)
	if err != nil {
		return s.failure("be read", at, err)
	}
	out := &sink{Writer: into}
	_, err = io.Copy(out, from)
	if closed := from.Close(); err == nil { // the server says then whether that was all
		err = closed
	}
	switch {
	case out.err != nil:
		return out.err
	case err != nil:
		return s.failure("be read", at, err)
	}
	return short(at, s.line.Host, out.n, size)
}

func (s *ftpFiles) put(at string, from *source) error {
	s.sending = true
	defer func() { s.sending = false }()
	if err := s.Stor(at, from); err != nil {
		return s.failure("be written", at, err)
	}
	return nil
}

func (s *ftpFiles) makeFolders(at string) error {
	var made string
	if strings.HasPrefix(at, "/") {
		made = "/"
	}
	for name := range strings.SplitSeq(strings.Trim(at, "/"), "/") {
		if name == "" || name == "." {
			continue
		}
		made += name
		if !s.folder(made) {
			if err := s.MakeDir(made); err != nil && !s.folder(made) { // another may have made it meanwhile
				return s.failure("be made", made, err)
			}
		}
		made += "/"
	}
	return nil
}

func (s *ftpFiles) move(from, to string, over bool) error {
	err := s.Rename(from, to)
	if err != nil && over && ftpCode(err) >= 500 { // some servers rename over nothing
		if s.Delete(to) == nil {
			err = s.Rename(from, to)
		}
	}
	switch {
	case err == nil:
		return nil
	case over:
		return s.failure("be written", to, err)
	}
	return s.failure("be renamed", from, err)
}

func (s *ftpFiles) remove(at, kind string) error {
	remove := s.Delete
	if kind == kindFolder {
		remove = s.RemoveDir
	}
	if err := remove(at); err != nil {
		return s.failure("be deleted", at, err)
	}
	return nil
}

func (s *ftpFiles) close() {
	if s.ServerConn != nil {
		_ = s.Quit()
	}
}

// ftpCode is the code of a server's answer that an error carries; 0: it carries none.
func ftpCode(err error) int {
	var said *textproto.Error
	if errors.As(err, &said) {
		return said.Code
	}
	return 0
}

// saidBy is what a server said.
func saidBy(err error) string {
	return fault.Clip(strings.ToValidUTF8(strings.Join(strings.Fields(err.Error()), " "), "\uFFFD"), 200)
}

// refusedUser says that an error is a server's words upon the user name, which the library gives without their code.
func refusedUser(err error) bool {
	var cut net.Error
	var record tls.RecordHeaderError
	var certificate *tls.CertificateVerificationError
	var odd textproto.ProtocolError
	return ftpCode(err) == 0 && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.As(err, &cut) && !errors.As(err, &record) &&
		!errors.As(err, &certificate) && !errors.As(err, &odd) && !strings.HasPrefix(err.Error(), "tls: ")
}

// refused makes the error of a sign-in that did not come about.
func (s *ftpFiles) refused(err error) error {
	code := ftpCode(err)
	switch {
	case own(err) != nil || s.ctx.Err() != nil:
		return s.unanswered(err)
	case code == ftp.StatusNotLoggedIn || refusedUser(err):
		return fault.Wrap(err, fault.Unauthorized, "%s does not take the user %s with that password and encryption: it says %s.", s.line.Host, fault.Clip(s.line.Values["user"], 60), saidBy(err))
	case code == ftp.StatusNotAvailable || code == 431 || code == 434:
		return fault.Wrap(err, fault.Unavailable, "%s lets nobody in at present: it says %s.", s.line.Host, saidBy(err))
	case code >= 500 && s.line.Values["security"] == "starttls":
		return fault.Wrap(err, fault.InvalidInput, "%s does not sign in over TLS: it says %s. Choose another encryption in the connection.", s.line.Host, saidBy(err))
	case code != 0:
		return fault.Wrap(err, fault.InvalidInput, "%s does not sign in: it says %s. Look at the connection's encryption.", s.line.Host, saidBy(err))
	}
	return s.unanswered(err)
}

// unanswered makes the error of what no answer of the server's says.
func (s *ftpFiles) unanswered(err error) error {
	var odd textproto.ProtocolError
	switch {
	case own(err) != nil:
		return own(err)
	case s.ctx.Err() == nil && errors.As(err, &odd):
		return unlike(s.line, "FTP", err)
	}
	return s.line.Failure(err)
}

// failure makes the error of what the server answered, or did not (RFC 959 4.2).
func (s *ftpFiles) failure(what, at string, err error) error {
	code := ftpCode(err)
	switch {
	case own(err) != nil || s.ctx.Err() != nil:
		return s.unanswered(err)
	case code == ftp.StatusNotAvailable, code == ftp.StatusCanNotOpenDataConnection, code == ftp.StatusTransfertAborted, code == 451:
		return fault.Wrap(err, fault.Unavailable, "%s on %s cannot %s now: the server says %s.", shownPath(at), s.line.Host, what, saidBy(err))
	case code == ftp.StatusFileUnavailable && what != "be written" && what != "be made" && s.nothing(at):
		return noFile(at, s.line.Host, err)
	case code == 452 || code == ftp.StatusExceededStorage:
		return fault.Wrap(err, fault.InvalidInput, "%s on %s cannot %s: there is no room for it, the server says %s.", shownPath(at), s.line.Host, what, saidBy(err))
	case code != 0:
		return fault.Wrap(err, fault.InvalidInput, "%s on %s cannot %s: the server says %s. Look at the path, and at what the account may do.", shownPath(at), s.line.Host, what, saidBy(err))
	}
	return s.unanswered(err)
}

// nothing says that nothing lies at a path, as far as the server tells.
func (s *ftpFiles) nothing(at string) bool {
	kind, err := s.kind(at)
	return err == nil && kind == kindNone
}

// heardOut is a connection that a file is sent on. When all is sent it is read to its end, since a server of TLS 1.3 says something
// too (its tickets): closed with that unread the connection would be reset, and with it what the server has not read yet.
type heardOut struct{ *tls.Conn }

// hearFor is how long a server may take to close its side.
const hearFor = 10 * time.Second

func (h *heardOut) Close() error {
	if h.CloseWrite() == nil && h.SetReadDeadline(time.Now().Add(hearFor)) == nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(h.Conn, maxControl)) // what it says then is said on the other connection too
	}
	return h.Conn.Close()
}

// lastSession remembers the session of the sign-in for the connections of its files. crypto/tls forgets a ticket of TLS 1.3
// with its first use, and there is one for a connection.
type lastSession struct {
	mu   sync.Mutex
	last *tls.ClientSessionState
}

func (l *lastSession) Get(string) (*tls.ClientSessionState, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last, l.last != nil
}

func (l *lastSession) Put(_ string, session *tls.ClientSessionState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if session != nil {
		l.last = session
	}
}

// talk is a connection whose server may send only so much, and no line without an end.
type talk struct {
	net.Conn
	left int
	what string
	code bool // it begins with the code of an answer
}

func (b *talk) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fault.New(fault.TooLarge, "The server %s more than this step takes.", b.what)
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	if b.code && n > 0 {
		if b.code = false; p[0] < '1' || p[0] > '5' {
			return 0, textproto.ProtocolError("no answer of FTP")
		}
	}
	return n, err
}
