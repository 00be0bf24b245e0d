package outbound

import (
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
)

// asked is a server that notes what it is asked and answers as its query says: to is where it leads, with status s; n is how
// many redirects are still to come.
type asked struct {
	*httptest.Server
	mu   sync.Mutex
	list []string // method, path, body and what of the headers proves who sends
}

func newAsked(t *testing.T, start func(*httptest.Server)) *asked {
	t.Helper()
	a := &asked{}
	a.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		line := []string{r.Method, r.URL.Path, string(body)}
		for _, name := range []string{"Authorization", "Cookie", "X-Api-Key", "Idempotency-Key", "Content-Type"} {
			if text := r.Header.Get(name); text != "" {
				line = append(line, name)
			}
		}
		a.mu.Lock()
		a.list = append(a.list, strings.Join(strings.Fields(strings.Join(line, " ")), " "))
		a.mu.Unlock()
		q := r.URL.Query()
		status, _ := strconv.Atoi(q.Get("s"))
		if n, _ := strconv.Atoi(q.Get("n")); n > 0 {
			w.Header().Set("Location", fmt.Sprintf("/hop?n=%d", n-1))
			status = 302
		}
		if to := q.Get("to"); to != "" {
			w.Header().Set("Location", to)
		}
		if status > 0 {
			w.WriteHeader(status)
		}
	}))
	start(a.Server)
	t.Cleanup(a.Close)
	return a
}

// take gives what was asked since the last time.
func (a *asked) take() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	said := strings.Join(a.list, "; ")
	a.list = nil
	return said
}

// leads is the address at a server that leads to another one.
func (a *asked) leads(status int, to string) string {
	return fmt.Sprintf("%s/a?s=%d&to=%s", a.URL, status, strings.NewReplacer("?", "%3F", "&", "%26", "#", "%23", ":", "%3A").Replace(to))
}

// TestRedirects is §2.D 33: where a redirect may lead, and what goes along.
func TestRedirects(t *testing.T) {
	here, there := newAsked(t, (*httptest.Server).Start), newAsked(t, (*httptest.Server).Start)
	b := &book{connections: map[string]run.Connection{"bearer": {Connector: "core", Method: "bearer"}, "header": {Connector: "core", Method: "header"}},
		values: map[string]run.Values{"bearer": {"token": "s3cret-token", "hosts": run.Secret(here.URL)}, "header": {"name": "X-Api-Key", "value": "s3cret-key", "hosts": run.Secret(here.URL)}}}
	c := newClient(t, Config{Allow: loopback, Connections: b})
	headers := map[string]any{"X-Api-Key": "k", "Authorization": "Bearer k", "Cookie": "sid=k"}
	const proofs = "Authorization Cookie X-Api-Key Idempotency-Key"
	const first, posted = "GET /a " + proofs, `POST /a {"n":1} ` + proofs + " Content-Type"
	hops := strings.TrimSuffix(strings.Repeat("GET /hop "+proofs+"; ", maxRedirects+1), "; ")
	for _, k := range []struct {
		name, method, url, connection string
		want, says                    string // the class, and part of the message
		here, there                   string // what was asked
	}{
		{"the metadata of a cloud", "GET", here.leads(302, "http://169.254.169.254/latest"), "", "invalid_input", "--egress-allow", first, ""},
		{"the same, mapped", "GET", here.leads(302, "http://[::ffff:169.254.169.254]/"), "", "invalid_input", "--egress-allow", first, ""},
		{"a private network", "GET", here.leads(307, "http://10.0.0.1/"), "", "invalid_input", "--egress-allow", first, ""},
		{"a number", "GET", here.leads(301, "http://2130706433/"), "", "invalid_input", "no address", first, ""},
		{"a file", "GET", here.leads(302, "file:///etc/passwd"), "", "invalid_input", "must begin with http", first, ""},
		{"gopher", "GET", here.leads(302, "gopher://127.0.0.1/x"), "", "invalid_input", "must begin with http", first, ""},
		{"a user's name", "GET", here.leads(302, "http://u:p@127.0.0.1/x"), "", "invalid_input", "user name", first, ""},
		{"no address", "GET", here.leads(302, "http://[::1"), "", "invalid_input", "cannot be read", first, ""},
		{"ten hops", "GET", here.URL + "/hop?n=10", "", "", "", hops, ""},
		{"twenty hops", "GET", here.URL + "/hop?n=20", "", "invalid_input", "more than 10 times", hops, ""},
		{"the same host", "GET", here.leads(302, "/b"), "", "", "", first + "; GET /b " + proofs, ""},
		{"another host gets nothing that proves who sends", "GET", here.leads(302, there.URL+"/b"), "", "", "", first, "GET /b"},
		{"nor a connection's token", "GET", here.leads(302, there.URL+"/b"), "bearer", "", "", first, "GET /b"},
		{"nor its own header", "GET", here.leads(308, there.URL+"/b"), "header", "", "", first, "GET /b"},
		{"nor the first host again", "GET", here.leads(302, there.leads(302, here.URL+"/c")), "bearer", "", "", first + "; GET /c", "GET /a"},
		{"a body to another host, 307", "POST", here.leads(307, there.URL+"/b"), "bearer", "invalid_input", "where it is not sent", posted, ""},
		{"a body to another host, 308", "POST", here.leads(308, there.URL+"/b"), "", "invalid_input", "where it is not sent", posted, ""},
		{"without a body", "DELETE", here.leads(307, there.URL+"/b"), "", "invalid_input", "where it is not sent", "DELETE /a " + proofs, ""},
		{"a body to another host, 302", "POST", here.leads(302, there.URL+"/b"), "bearer", "", "", posted, "GET /b"},
		{"a body to the same host, 307", "POST", here.leads(307, "/b"), "", "", "", posted + "; POST /b {\"n\":1} " + proofs + " Content-Type", ""},
		{"see other", "POST", here.leads(303, "/b"), "", "", "", posted + "; GET /b " + proofs, ""},
	} {
		t.Run(k.name, func(t *testing.T) {
			input := map[string]any{"method": k.method, "url": k.url, "headers": headers}
			if k.method == "POST" {
				input["json"] = map[string]any{"n": 1}
			}
			in := call(input)
			in.Connection = k.connection
			r := invoke(t, c, in)
			if class(r) != k.want || r.Failure != nil && !strings.Contains(r.Failure.Message, k.says) {
				t.Errorf("%+v", r.Failure)
			}
			if got := here.take(); got != k.here {
				t.Errorf("the first host is asked %s", got)
			}
			if got := there.take(); got != k.there {
				t.Errorf("the other host is asked %s", got)
			}
		})
	}
}

// TestStays: a redirect that is not gone after is the answer, and nobody else is asked.
func TestStays(t *testing.T) {
	here, there := newAsked(t, (*httptest.Server).Start), newAsked(t, (*httptest.Server).Start)
	c := newClient(t, Config{Allow: loopback})
	for _, method := range []string{"GET", "POST"} {
		r := invoke(t, c, call(map[string]any{"method": method, "url": here.leads(302, there.URL+"/b?c=d"), "follow_redirects": false}))
		out, _ := r.Output.(map[string]any)
		headers, _ := out["headers"].(map[string]any)
		if r.Failure != nil || out["status"] != 302 || headers["location"] != there.URL+"/b?c=d" || there.take() != "" {
			t.Errorf("%s: %+v %v", method, r.Failure, out)
		}
	}
	r := invoke(t, c, call(map[string]any{"url": here.leads(302, there.URL+"/b"), "follow_redirects": false, "fail_on_status": []any{"3xx"}}))
	if r.Failure == nil || r.Failure.Status != 302 {
		t.Errorf("of a status that fails it is %+v", r.Failure)
	}
}

// TestLoops is §2.D 33: addresses that lead to themselves, or to one another, are left.
func TestLoops(t *testing.T) {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		http.Redirect(w, r, map[string]string{"/self": "/self", "/one": "/two", "/two": "/one"}[r.URL.Path], http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	c := newClient(t, Config{Allow: loopback})
	for _, path := range []string{"/self", "/one"} {
		requests = 0
		if r := invoke(t, c, call(map[string]any{"url": server.URL + path})); class(r) != "invalid_input" || !strings.Contains(r.Failure.Message, "more than 10 times") || requests != maxRedirects+1 {
			t.Errorf("%s: %+v after %d requests", path, r.Failure, requests)
		}
	}
}

// TestNoTLSAfterTLS is §2.D 33: what was asked for over TLS is not asked for without.
func TestNoTLSAfterTLS(t *testing.T) {
	plain, safe := newAsked(t, (*httptest.Server).Start), newAsked(t, (*httptest.Server).StartTLS)
	roots := x509.NewCertPool()
	roots.AddCert(safe.Certificate())
	c := newClient(t, Config{Allow: loopback, RootCAs: roots})
	if r := invoke(t, c, call(map[string]any{"url": safe.leads(302, plain.URL+"/b")})); class(r) != "invalid_input" || !strings.Contains(r.Failure.Message, "from https to http") {
		t.Errorf("%+v", r.Failure)
	}
	if got := plain.take(); got != "" {
		t.Errorf("it was asked %s", got)
	}
	if r := invoke(t, c, call(map[string]any{"url": plain.leads(302, safe.URL+"/b")})); r.Failure != nil {
		t.Errorf("from http to https: %+v", r.Failure)
	}
}
