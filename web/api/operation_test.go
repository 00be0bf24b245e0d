package api

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
)

// A body that does not come in whole is refused, each time with why.
func TestUnreadBodies(t *testing.T) {
	h := newHouse(t)
	server := httptest.NewServer(h.router)
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "POST /api/v1/secrets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+h.keys[run.Admin]+"\r\nContent-Length: 100\r\n\r\n{\"slug\":")
	conn.(*net.TCPConn).CloseWrite()
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	got, err := io.ReadAll(conn)
	if err != nil || !strings.Contains(string(got), "400 Bad Request") || !strings.Contains(string(got), "did not come in whole") {
		t.Errorf("half a body is answered %s, %v", got, err)
	}
	for _, key := range []string{"", "k"} {
		r, err := http.NewRequest("POST", server.URL+"/api/v1/secrets", io.LimitReader(blanks{}, maxBody+8<<20))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+h.keys[run.Admin])
		r.Header.Set("Idempotency-Key", key)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatalf("a body that is too large is reset: %v", err)
		}
		if resp.Body.Close(); resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("a body that is too large is answered %s", resp.Status)
		}
	}
	for err, want := range map[error]string{&http.MaxBytesError{}: "413 too_large The request's body is larger than", os.ErrDeadlineExceeded: "408 timeout The request's body did not come in within 30s.",
		io.ErrUnexpectedEOF: "400 invalid_input The request's body did not come in whole."} {
		w := httptest.NewRecorder()
		WriteError(w, unread(err))
		if body := w.Body.String(); w.Code != 413 && w.Code != 408 && w.Code != 400 || !strings.Contains(body, `"code":"`+strings.Fields(want)[1]+`"`) || !strings.Contains(body, strings.SplitN(want, " ", 3)[2]) {
			t.Errorf("%v is answered %d %s", err, w.Code, body)
		}
	}
}

// A refusal that was written already, as once writes it, is no failure of the server's.
func TestAnsweredStatus(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{{refusal(422, fault.InvalidInput, "No."), 422}, {access.Answered{Err: refusal(400, fault.InvalidInput, "No.")}, 400}, {access.Answered{Err: stale{fault.New(fault.Conflict, "No.")}}, 412},
		{access.Answered{Err: fault.New(fault.Internal, "No.")}, 500}, {stale{fault.New(fault.Conflict, "No.")}, 412}, {fault.New(fault.Conflict, "No."), 409}} {
		if got := StatusOf(c.err); got != c.want {
			t.Errorf("%v: %d, not %d", c.err, got, c.want)
		}
	}
}

// blanks are white space without end.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// What takes no body says so of one.
func TestNoBody(t *testing.T) {
	h := newHouse(t)
	h.want(201, "POST", "/scenarios", created(definition))
	h.want(200, "POST", "/scenarios/w1/publish", "")
	for body, status := range map[string]int{"": 200, "{}": 200, " {}\n": 200, `{"bogus": 1}`: 422, "not json": 422} {
		if a := h.want(status, "POST", "/scenarios/w1/pause", body); status == 422 && !strings.Contains(a.text, "leave the body out") {
			t.Errorf("%s", a.text)
		}
		if a := h.want(200, "GET", "/scenarios/w1", ""); status == 422 && a.body["status"] != "live" {
			t.Errorf("it is paused: %s", a.text)
		}
		h.want(200, "POST", "/scenarios/w1/resume", "")
	}
}

// deadlined notes what deadline a body's reader leaves.
type deadlined struct {
	*httptest.ResponseRecorder
	at time.Time
}

func (d *deadlined) SetReadDeadline(at time.Time) error { d.at = at; return nil }

// An operation that takes long is not cut off by the deadline of its body.
func TestDeadlineEnds(t *testing.T) {
	w := &deadlined{ResponseRecorder: httptest.NewRecorder(), at: time.Now()}
	if data, err := whole(w, httptest.NewRequest("POST", "/", strings.NewReader("{}"))); err != nil || string(data) != "{}" || !w.at.IsZero() {
		t.Errorf("%q %v, the deadline is %v", data, err, w.at)
	}
}

type fileAnswer struct {
	asFile
	Body io.ReadCloser
}

type jsonAnswer struct {
	ETag string `header:"ETag"`
	Body any
}

// answering gives what an operation that gives out answers, and the error that is left.
func answering[O any](t *testing.T, out *O, failed error) (*httptest.ResponseRecorder, error) {
	t.Helper()
	a := &api{}
	operation(a, access.Read, huma.Operation{Method: "GET", Path: "/api/v1/x"}, func(context.Context, run.Actor, *struct{}) (*O, error) { return out, failed })
	a.document = func() *huma.OpenAPI { return nil }
	a.draw()
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/api/v1/x", nil)
	if err := a.routes[0].Handle(w, r); !access.SignedOut(err) {
		t.Errorf("nobody is answered %v", err)
	}
	return w, a.routes[0].Handle(w, r.WithContext(access.WithActor(r.Context(), run.SystemActor(run.DefaultWorkspace))))
}

// What an operation gives is written as it is: a file as its bytes, and what cannot be written is an error while nothing was.
func TestAnswers(t *testing.T) {
	w, err := answering(t, &fileAnswer{fileNamed("a.bin"), io.NopCloser(strings.NewReader("\x00bytes"))}, nil)
	if err != nil || w.Code != 200 || w.Body.String() != "\x00bytes" || w.Header().Get("Content-Type") != fileType || w.Header().Get("Content-Disposition") != "attachment; filename=a.bin" {
		t.Errorf("a file is answered %d %q %v %v", w.Code, w.Body, w.Header(), err)
	}
	broken := errors.New("the disk")
	if _, err = answering(t, &fileAnswer{fileNamed("a.bin"), io.NopCloser(io.MultiReader(strings.NewReader("a"), iotest.ErrReader(broken)))}, nil); !errors.Is(err, broken) {
		t.Errorf("half a file passes for a whole one: %v", err)
	}
	if w, err = answering(t, &jsonAnswer{`"1"`, map[string]any{"a": "<b>"}}, nil); err != nil || w.Header().Get("ETag") != `"1"` || w.Body.String() != `{"a":"<b>"}`+"\n" {
		t.Errorf("%v %q %v", w.Header(), w.Body, err)
	}
	if w, err = answering(t, &jsonAnswer{"", func() {}}, nil); err == nil || w.Body.Len() > 0 || w.Header().Get("ETag") != "" {
		t.Errorf("what is no JSON is answered %q %v", w.Body, err)
	}
	if w, err = answering[jsonAnswer](t, nil, broken); !errors.Is(err, broken) || w.Body.Len() > 0 {
		t.Errorf("an error is answered %q %v", w.Body, err)
	}
	if w, err = answering[struct{}](t, nil, nil); err != nil || w.Code != 204 {
		t.Errorf("nothing is answered %d %v", w.Code, err)
	}
}
