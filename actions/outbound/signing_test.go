package outbound

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// signed is a client with one connection for HTTP requests, and a call by it.
func signed(t *testing.T, method string, values map[string]string, url string) (*Client, run.Call) {
	t.Helper()
	b := &book{connections: map[string]run.Connection{"c": {Connector: "core", Method: method, State: run.Connected}}, values: map[string]run.Values{"c": {}}}
	for name, text := range values {
		b.values["c"][name] = run.Secret(text)
	}
	in := call(map[string]any{"url": url})
	in.Connection = "c"
	return newClient(t, Config{Allow: loopback, Connections: b, Outbox: b}), in
}

// locked asks for Digest as a device does, and lets in who answers rightly. kind is what it asks: the algorithm and the quality.
func locked(t *testing.T, kind string, asked *[]string) *httptest.Server {
	member := regexp.MustCompile(`(\w+)="?([^",]*)"?`)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		said := map[string]string{}
		for _, m := range member.FindAllStringSubmatch(strings.TrimPrefix(r.Header.Get("Authorization"), "Digest "), -1) {
			said[m[1]] = m[2]
		}
		*asked = append(*asked, r.Method+" "+r.URL.RequestURI()+" "+string(body)+" "+said["username"])
		of := func(parts ...string) string {
			var h hash.Hash = md5.New()
			if strings.Contains(kind, "SHA-256") {
				h = sha256.New()
			}
			io.WriteString(h, strings.Join(parts, ":"))
			return hex.EncodeToString(h.Sum(nil))
		}
		second := []string{r.Method, r.URL.RequestURI()}
		if strings.Contains(kind, `"auth-int"`) {
			second = append(second, of(string(body)))
		}
		want := of(of("ada", "a realm", "s3cret-word"), "n0nce", of(second...))
		if strings.Contains(kind, "qop") {
			want = of(of("ada", "a realm", "s3cret-word"), "n0nce", said["nc"], said["cnonce"], said["qop"], of(second...))
		}
		if said["response"] != want || said["opaque"] != "0paque" {
			w.Header().Set("WWW-Authenticate", `Digest realm="a realm", nonce="n0nce", opaque="0paque"`+kind)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, `{"in": true, "by": %q}`, r.Header.Get("Authorization"))
	}))
	t.Cleanup(s.Close)
	return s
}

// TestDigest: what a server asks is answered, with the same request and its key, and only by who is to be let in.
func TestDigest(t *testing.T) {
	for _, kind := range []string{``, `, algorithm=MD5, qop="auth"`, `, algorithm=SHA-256, qop="auth,auth-int"`, `, algorithm=MD5, qop="auth-int"`} {
		var asked []string
		s := locked(t, kind, &asked)
		c, in := signed(t, "digest", map[string]string{"user": "ada", "password": "s3cret-word", "hosts": s.URL}, s.URL+"/a b?q=x y")
		in.Input["method"], in.Input["text"] = "POST", "body"
		if r := invoke(t, c, in); r.Failure != nil || r.Output.(map[string]any)["status"] != 200 {
			t.Errorf("%s: %+v", kind, r.Failure)
		}
		if got := strings.Join(asked, "; "); got != "POST /a%20b?q=x%20y body ; POST /a%20b?q=x%20y body ada" {
			t.Errorf("%s: it was asked %s", kind, got)
		}
		c, in = signed(t, "digest", map[string]string{"user": "ada", "password": "wr0ng-word", "hosts": s.URL}, s.URL)
		if asked = nil; class(invoke(t, c, in)) != "unauthorized" || len(asked) != 2 {
			t.Errorf("%s: a wrong password: it was asked %v", kind, asked)
		}
	}
}

// TestDigestElsewhere: a server that asks nothing gets no password, and one that asks for what is not known is named.
func TestDigestElsewhere(t *testing.T) {
	ask := ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("it gets credentials")
		}
		if ask != "" {
			w.Header().Set("WWW-Authenticate", ask)
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer s.Close()
	values := map[string]string{"user": "ada", "password": "s3cret-word", "hosts": s.URL}
	for _, k := range []struct{ ask, class, says string }{
		{"", "", ""},
		{`Basic realm="r"`, "unauthorized", "401"},
		{`Digest realm="r", nonce="n", algorithm=WHIRLPOOL`, "unauthorized", "asks for a kind of Digest that is not known here"},
		{`Digest realm="r", nonce="n", qop="other"`, "unauthorized", "asks for a kind of Digest that is not known here"},
	} {
		ask = k.ask
		c, in := signed(t, "digest", values, s.URL)
		if r := invoke(t, c, in); class(r) != k.class || r.Failure != nil && !strings.Contains(r.Failure.Message, k.says) {
			t.Errorf("%s: %+v", k.ask, r.Failure)
		}
	}
	other := newAsked(t, (*httptest.Server).Start)
	c, in := signed(t, "digest", values, other.URL)
	if r := invoke(t, c, in); class(r) != "invalid_input" || !strings.Contains(r.Failure.Message, "are not sent to") || other.take() != "" {
		t.Errorf("another host: %+v", r.Failure)
	}
}

// TestAWSSignature: what arrives is what was signed, for paths, parameters, bodies and headers of every kind.
func TestAWSSignature(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	keys := aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "s3cret-key-of-aws", SessionToken: "t0ken-of-a-session"}
	holds := regexp.MustCompile(`SignedHeaders=([^,]*),`)
	service := ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sum := sha256.Sum256(body)
		given, header := r.Header.Get("Authorization"), http.Header{}
		for _, name := range strings.Split(holds.FindStringSubmatch(given + "SignedHeaders=,")[1], ";") {
			if v := r.Header.Values(name); len(v) > 0 && name != "content-length" {
				header[http.CanonicalHeaderKey(name)] = v
			}
		}
		again := &http.Request{Method: r.Method, URL: r.URL, Host: r.Host, Header: header, ContentLength: r.ContentLength}
		at, _ := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
		if err := v4.NewSigner().SignHTTP(r.Context(), keys, again, hex.EncodeToString(sum[:]), service, "eu-west-1", at, func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" }); err != nil {
			t.Error(err)
		}
		if given != again.Header.Get("Authorization") || !at.Equal(now) || r.Header.Get("X-Amz-Content-Sha256") != hex.EncodeToString(sum[:]) || strings.Contains(given, "accept-encoding") {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer s.Close()
	values := map[string]string{"access_key": keys.AccessKeyID, "secret_key": keys.SecretAccessKey, "session_token": keys.SessionToken, "region": "eu-west-1", "hosts": s.URL}
	ask := func(input map[string]any) run.Result {
		values["service"] = service
		c, in := signed(t, "aws", values, s.URL)
		c.cfg.Now = func() time.Time { return now }
		for name, v := range input {
			in.Input[name] = v
		}
		return invoke(t, c, in)
	}
	for _, service = range []string{"execute-api", "s3"} {
		for _, input := range []map[string]any{
			{"url": s.URL},
			{"url": s.URL + "/a b/ü+c%2Fd?q=x y&b=%2F&a=1&flag"},
			{"url": s.URL + "/", "query": map[string]any{"n": []any{"2", "1"}, "s": "a+b c"}},
			{"url": s.URL + "/x", "method": "POST", "json": map[string]any{"a": "ü"}, "headers": map[string]any{"X-Amz-Target": "T.Do", "X-Other": "o"}},
			{"url": s.URL + "/x", "method": "PUT", "text": ""},
			{"url": s.URL + "/x", "method": "POST", "multipart": map[string]any{"a": "b"}},
		} {
			if r := ask(input); r.Failure != nil {
				t.Errorf("%s %v: %+v", service, input, r.Failure)
			}
		}
	}
	values["secret_key"] = "an0ther-key-of-aws"
	if r := ask(nil); class(r) != "unauthorized" {
		t.Errorf("a wrong key: %+v", r.Failure)
	}
	values["region"] = ""
	if r := ask(nil); class(r) != "unauthorized" || !strings.Contains(r.Failure.Message, "has no region") {
		t.Errorf("no region: %+v", r.Failure)
	}
	values["region"] = "eu\n1"
	if r := ask(nil); class(r) != "unauthorized" || !strings.Contains(r.Failure.Message, "control character") {
		t.Errorf("a region of two lines: %+v", r.Failure)
	}
	other := newAsked(t, (*httptest.Server).Start)
	if r := ask(map[string]any{"url": other.URL}); class(r) != "invalid_input" || other.take() != "" {
		t.Errorf("another host: %+v", r.Failure)
	}
}

// page gives a file whole for so many times, then a broken one, and then none.
type page struct {
	shelf
	left *int
	open *atomic.Int32 // how many are
}

// counted is a file that says that it is closed.
type counted struct {
	io.Reader
	open *atomic.Int32
}

func (c counted) Close() error {
	c.open.Add(-1)
	return nil
}

func (p page) RunFile(context.Context, string, string, string) (io.ReadCloser, error) {
	switch *p.left--; {
	case *p.left >= 0:
		p.open.Add(1)
		return counted{strings.NewReader("a page"), p.open}, nil
	case *p.left == -1:
		return io.NopCloser(iotest.ErrReader(fault.New(fault.Internal, "The file is damaged."))), nil
	}
	return nil, fault.New(fault.NotFound, "There is no file.")
}

// TestSigningFiles: a file is read once to sign it and once to send it; what is wrong with it is said.
func TestSigningFiles(t *testing.T) {
	var asked []string
	s := locked(t, `, qop="auth-int"`, &asked)
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if sum := sha256.Sum256(body); r.Header.Get("X-Amz-Content-Sha256") != hex.EncodeToString(sum[:]) || string(body) != "a page" {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer plain.Close()
	for _, k := range []struct {
		method, url string
		whole       int // how often the file can be read
		class, says string
	}{
		{"digest", s.URL, 3, "", ""},
		{"digest", s.URL, 1, "unauthorized", "asks for by Digest cannot be answered"},
		{"aws", plain.URL, 2, "", ""},
		{"aws", plain.URL, 1, "internal", "damaged"},
		{"aws", plain.URL, 0, "invalid_input", "is not one of this run's"},
	} {
		c, in := signed(t, k.method, map[string]string{"user": "ada", "password": "s3cret-word", "access_key": "AKID", "secret_key": "s3cret-word", "region": "eu-west-1", "service": "s3", "hosts": k.url}, k.url)
		left, open := k.whole, atomic.Int32{}
		c.cfg.Files = page{left: &left, open: &open}
		in.Input["method"], in.Input["file"] = "PUT", value.File{Hash: strings.Repeat("ab", 32), Name: "a.txt", Type: "text/plain", Size: 6}.Value()
		if r := invoke(t, c, in); class(r) != k.class || r.Failure != nil && !strings.Contains(r.Failure.Message, k.says) {
			t.Errorf("%s, %d: %+v", k.method, k.whole, r.Failure)
		}
		if c.Close(); open.Load() != 0 {
			t.Errorf("%s, %d: %d files are still open", k.method, k.whole, open.Load())
		}
	}
}

// TestSigningInASandbox: what would be signed is shown without what signs it.
func TestSigningInASandbox(t *testing.T) {
	for method, want := range map[string]string{"digest": `Digest username="ada", ***`, "aws": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/***/eu-west-1/s3/aws4_request, ***"} {
		c, in := signed(t, method, map[string]string{"user": "ada", "password": "s3cret-word", "access_key": "AKIDEXAMPLE", "secret_key": "s3cret-word", "region": "eu-west-1", "service": "s3", "hosts": "api.test"}, "https://api.test/")
		b := c.cfg.Connections.(*book)
		one := b.connections["c"]
		one.Sandbox = true
		b.connections["c"] = one
		if r := invoke(t, c, in); r.Failure != nil || len(b.recorded) != 1 || b.recorded[0].Header["Authorization"] != want {
			t.Errorf("%s: %+v %+v", method, r.Failure, b.recorded)
		}
	}
}

// TestStrictPath: a path is signed and sent with all escaped that AWS escapes, and what stands escaped stays what it is.
func TestStrictPath(t *testing.T) {
	for text, want := range map[string]string{
		"https://s3.test/a+b/k~(1)*!'.txt": "/a%2Bb/k~%281%29%2A%21%27.txt",
		"https://s3.test/a%2Fb/%C3%A4%20":  "/a%2Fb/%C3%A4%20",
		"https://s3.test/":                 "/",
		"https://s3.test":                  "",
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if u.RawPath = strictPath(u); u.RawPath != want || u.EscapedPath() != want {
			t.Errorf("%s: %s, sent as %s", text, u.RawPath, u.EscapedPath())
		}
	}
}
