package outbound

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// signedByAWS makes the signature that a request should have, as AWS's documentation does and without its library.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func signedByAWS(r *http.Request, body []byte, secret, region string) string {
	_, rest, _ := strings.Cut(r.Header.Get("Authorization"), "SignedHeaders=")
	list, _, _ := strings.Cut(rest, ",")
	var headers strings.Builder
	for _, name := range strings.Split(list, ";") {
		text := r.Header.Get(name)
		switch name {
		case "host":
			text = r.Host
		case "content-length":
			text = fmt.Sprint(r.ContentLength)
		}
		fmt.Fprintf(&headers, "%s:%s\n", name, strings.TrimSpace(text))
	}
	sum := func(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }
	canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, headers.String(), list, sum(body)}, "\n")
	at := r.Header.Get("X-Amz-Date")
	scope := at[:8] + "/" + region + "/secretsmanager/aws4_request"
	key := []byte("AWS4" + secret)
	keyed := func(text string) []byte { m := hmac.New(sha256.New, key); io.WriteString(m, text); return m.Sum(nil) }
	for _, part := range strings.Split(scope, "/") {
		key = keyed(part)
	}
	return "Credential=AKIDEXAMPLE/" + scope + ", SignedHeaders=" + list + ", Signature=" + hex.EncodeToString(keyed("AWS4-HMAC-SHA256\n"+at+"\n"+scope+"\n"+sum([]byte(canonical))))
}

// awsServer is a Secrets Manager that checks who asks.
type awsServer struct {
	t       *testing.T
	secret  string // the access key's
	region  string
	asked   int
	got     []string // the bodies
	status  int
	answers string
	server  *httptest.Server
	file    string
	log     bytes.Buffer
}

const awsKeys = "[other]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = CANARY-other\n\n# ours\n[ default ]\naws_access_key_id = AKIDEXAMPLE\r\naws_secret_access_key=CANARY+key/==\naws_session_token = CANARY-session\nregion = mars\n"

func newAWS(t *testing.T) *awsServer {
	a := &awsServer{t: t, secret: "CANARY+key/==", region: "eu-west-1", status: 200, answers: `{"Name": "app", "SecretString": "CANARY-aws"}`, file: filepath.Join(t.TempDir(), "credentials")}
	if err := os.WriteFile(a.file, []byte(awsKeys), 0o600); err != nil {
		t.Fatal(err)
	}
	a.server = httptest.NewServer(a)
	t.Cleanup(a.server.Close)
	return a
}

func (a *awsServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a.asked++
	a.got = append(a.got, string(body))
	type answer struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	refuse := func(kind, message string) {
		w.WriteHeader(400)
		json.NewEncoder(w).Encode(answer{kind, message})
	}
	signed := r.Header.Get("Authorization")
	_, list, _ := strings.Cut(signed, "SignedHeaders=")
	for _, name := range []string{"content-length", "host", "x-amz-date", "x-amz-security-token", "x-amz-target"} {
		if names, _, _ := strings.Cut(list, ","); !slices.Contains(strings.Split(names, ";"), name) {
			refuse("IncompleteSignature", name+" is not signed")
			return
		}
	}
	switch at, _ := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date")); {
	case r.Method != "POST" || r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" || r.Header.Get("Content-Type") != "application/x-amz-json-1.1":
		refuse("UnknownOperationException", "")
	case r.Header.Get("X-Amz-Security-Token") != "CANARY-session":
		refuse("UnrecognizedClientException", "The security token CANARY-session included in the request is invalid.")
	case time.Since(at).Abs() > 24*time.Hour:
		refuse("InvalidSignatureException", "Signature expired: 20200101T000000Z is now earlier than CANARY")
	case !strings.Contains(signed, "/"+a.region+"/"):
		refuse("InvalidSignatureException", "Credential should be scoped to a valid region. CANARY")
	case signed != "AWS4-HMAC-SHA256 "+signedByAWS(r, body, a.secret, a.region):
		refuse("com.amazon.coral.service#InvalidSignatureException", "The canonical string should have been CANARY-session")
	default:
		w.WriteHeader(a.status)
		io.WriteString(w, a.answers)
	}
}

func (a *awsServer) client(now func() time.Time) *Client {
	at, err := url.Parse(a.server.URL)
	if err != nil {
		a.t.Fatal(err)
	}
	return newClient(a.t, Config{Allow: loopback, Now: now, Logger: slog.New(slog.NewTextHandler(&a.log, nil)), External: External{AWS: AWS{Region: "eu-west-1", KeyFile: a.file, Endpoint: at}}})
}

// TestAWS: secrets of AWS Secrets Manager are asked for with a signature, kept for a moment, and fetched anew once that is over.
func TestAWS(t *testing.T) {
	a := newAWS(t)
	ahead := time.Duration(0)
	client := a.client(func() time.Time { return time.Now().Add(ahead) })
	ask := func(r run.Ref) string {
		t.Helper()
		r.From = "aws"
		v, err := client.refer(t.Context(), r)
		if err != nil {
			t.Errorf("%+v: %v", r, err)
		}
		return v.Reveal()
	}
	for range 2 {
		if got := ask(run.Ref{Name: "app"}); got != "CANARY-aws" {
			t.Errorf("it gives %q", got)
		}
	}
	if a.asked != 1 || a.got[0] != `{"SecretId":"app"}` {
		t.Errorf("AWS was asked %d times, %v", a.asked, a.got)
	}
	a.answers = `{"SecretString": "CANARY-next"}`
	ahead = refKept + time.Second
	if got := ask(run.Ref{Name: "app"}); got != "CANARY-next" {
		t.Errorf("a value that was exchanged: %q", got)
	}
	a.answers = `{"SecretString": "{\"token\": \"CANARY-member\", \"port\": 5432}"}`
	arn := "arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/app-a1b2c3"
	if got := ask(run.Ref{Name: arn, Key: "token", Stage: "AWSPREVIOUS"}); got != "CANARY-member" || a.got[len(a.got)-1] != `{"SecretId":"`+arn+`","VersionStage":"AWSPREVIOUS"}` {
		t.Errorf("%q of %v", got, a.got)
	}
	ahead, a.secret = 3*refKept, "CANARY+new"
	if err := os.WriteFile(a.file, []byte(strings.Replace(awsKeys, "CANARY+key/==", "CANARY+new", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if ask(run.Ref{Name: "app"}); a.log.Len() > 0 {
		t.Errorf("it logs %s", &a.log)
	}
}

// TestAWSRefusals: every way in which there is no value says what, where and what to do, and holds nothing of a secret.
func TestAWSRefusals(t *testing.T) {
	a := newAWS(t)
	refuse := func(kind string) string {
		return `{"__type": "` + kind + `", "Message": "CANARY of arn:aws:iam::1:user/x"}`
	}
	app := run.Ref{From: "aws", Name: "app"}
	for _, c := range []struct {
		name    string
		ref     run.Ref
		status  int
		answers string
		code    fault.Code
		says    string
	}{
		{"no such secret", app, 400, refuse("ResourceNotFoundException"), fault.NotFound, "no secret app in eu-west-1, or no version AWSCURRENT"},
		{"no such version", run.Ref{From: "aws", Name: "app", Stage: "OLD"}, 400, refuse("ResourceNotFoundException"), fault.NotFound, "no version OLD"},
		{"marked for deletion", app, 400, refuse("InvalidRequestException"), fault.NotFound, "marked for deletion"},
		{"no name", app, 400, refuse("x#ValidationException"), fault.InvalidInput, "no name of a secret"},
		{"not allowed", app, 400, refuse("AccessDeniedException"), fault.Unavailable, "secretsmanager:GetSecretValue"},
		{"not decrypted", app, 400, refuse("DecryptionFailure"), fault.Unavailable, "kms:Decrypt"},
		{"keys that have expired", app, 400, refuse("ExpiredTokenException"), fault.Unavailable, "have expired"},
		{"keys that are unknown", app, 400, refuse("UnrecognizedClientException"), fault.Unavailable, "aws_session_token"},
		{"too many requests", app, 400, refuse("ThrottlingException"), fault.RateLimited, "slow down"},
		{"too many, without a word", app, 429, "", fault.RateLimited, "slow down"},
		{"an endpoint that forbids", app, 403, `{"Message": "CANARY"}`, fault.Unavailable, "403"},
		{"AWS is down", app, 503, refuse("InternalServiceError"), fault.Unavailable, "answered 503 Service Unavailable"},
		{"a redirect", app, 307, "", fault.Unavailable, "redirects"},
		{"an unknown error", app, 400, refuse("BrandNewException"), fault.Unavailable, "answered 400"},
		{"no JSON", app, 200, "CANARY", fault.Unavailable, "cannot be read"},
		{"binary", app, 200, `{"SecretBinary": "Q0FOQVJZ"}`, fault.NotFound, "is binary"},
		{"nothing", app, 200, `{}`, fault.NotFound, "no value"},
		{"an empty text", app, 200, `{"SecretString": ""}`, fault.NotFound, "empty"},
		{"no such key", run.Ref{From: "aws", Name: "app", Key: "tokn"}, 200, `{"SecretString": "{\"token\": \"CANARY\"}"}`, fault.NotFound, `no text at the key "tokn"`},
		{"a key of a number", run.Ref{From: "aws", Name: "app", Key: "n"}, 200, `{"SecretString": "{\"n\": 7}"}`, fault.NotFound, `no text at the key "n"`},
		{"a key of no object", run.Ref{From: "aws", Name: "app", Key: "k"}, 200, `{"SecretString": "CANARY"}`, fault.NotFound, "is no JSON object"},
		{"another region", run.Ref{From: "aws", Name: "arn:aws:secretsmanager:us-east-1:1:secret:app"}, 200, "", fault.InvalidInput, "lies in the region us-east-1, and this server reads eu-west-1"},
		{"an ARN of something else", run.Ref{From: "aws", Name: "arn:aws:s3:::bucket"}, 200, "", fault.InvalidInput, "no ARN of a secret"},
		{"a stage of the Vault's", run.Ref{From: "env-file", Name: "X", Stage: "AWSCURRENT"}, 200, "", fault.InvalidInput, ""},
		{"a name that breaks the line", run.Ref{From: "aws", Name: "a\r\nX: y"}, 200, "", fault.InvalidInput, "line break"},
	} {
		a.status, a.answers = c.status, c.answers
		_, err := a.client(nil).refer(t.Context(), c.ref)
		if fault.CodeOf(err) != c.code || !strings.Contains(fault.MessageOf(err), c.says) || strings.Contains(err.Error()+a.log.String(), "CANARY") {
			t.Errorf("%s: %v (%s)", c.name, err, fault.CodeOf(err))
		}
	}
}

// TestAWSSetUp: what is wrong with the server's own side says so.
func TestAWSSetUp(t *testing.T) {
	a := newAWS(t)
	app := run.Ref{From: "aws", Name: "app"}
	fails := func(name string, client *Client, says string) {
		t.Helper()
		if _, err := client.refer(t.Context(), app); err == nil || !strings.Contains(fault.MessageOf(err), says) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: %v", name, err)
		}
	}
	fails("nothing is set up", newClient(t, Config{}), "--aws-region and --aws-keys-file")
	fails("a clock that is wrong", a.client(func() time.Time { return time.Now().Add(-48 * time.Hour) }), "clock is wrong")
	a.secret = "another"
	fails("a wrong key", a.client(nil), "does not belong to the key id")
	a.region = "us-east-1"
	fails("another region's endpoint", a.client(nil), "another region than eu-west-1")
	inside := a.client(nil)
	inside.cfg.Allow, inside.guard.allow = nil, nil
	fails("an endpoint in the private network", inside, "--egress-allow")
	gone := a.client(nil)
	gone.cfg.External.AWS.Endpoint = &url.URL{Scheme: "https", Host: "secretsmanager.eu-wset-1.amazonaws.invalid"}
	fails("a region that is none", gone, "--aws-region")
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		says string
	}{
		"a file that others may read": {awsKeys, 0o644, "chmod 600"},
		"a file without our profile":  {"[other]\naws_access_key_id=a\naws_secret_access_key=CANARY\n", 0o600, "under [default]"},
		"half a key":                  {"[default]\naws_secret_access_key=CANARY\n", 0o600, "under [default]"},
	} {
		if err := os.WriteFile(a.file, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(a.file, c.mode); err != nil {
			t.Fatal(err)
		}
		fails(name, a.client(nil), c.says)
		if err := a.client(nil).cfg.External.AWS.Check(); err == nil || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: the check says %v", name, err)
		}
	}
	if err := (AWS{Region: "eu-west", KeyFile: a.file}).Check(); err == nil || !strings.Contains(err.Error(), "no region") {
		t.Errorf("a region that is none: %v", err)
	}
	for region, host := range map[string]string{"eu-west-1": "secretsmanager.eu-west-1.amazonaws.com", "cn-north-1": "secretsmanager.cn-north-1.amazonaws.com.cn", "us-gov-west-1": "secretsmanager.us-gov-west-1.amazonaws.com"} {
		if got := (AWS{Region: region}).address(); got.Host != host || !regionForm.MatchString(region) {
			t.Errorf("%s is asked at %s", region, got)
		}
	}
	os.Remove(a.file)
	fails("no file", a.client(nil), "cannot be read")
	a.server.Close()
}

// TestAWSHangs: an AWS that does not answer ends the call in time.
func TestAWSHangs(t *testing.T) {
	file := newAWS(t).file
	cfg := Config{External: External{AWS: AWS{Region: "eu-west-1", KeyFile: file, Endpoint: &url.URL{Scheme: "http", Host: "aws.test"}}}}
	hang := func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // only then the server notices that nobody waits any more
		<-r.Context().Done()
	}
	virtual(t, cfg, hang, func(t *testing.T, c *Client, _ *pipes) {
		begin := time.Now()
		_, err := c.refer(t.Context(), run.Ref{From: "aws", Name: "app"})
		if fault.CodeOf(err) != fault.Timeout || time.Since(begin) != externalLimit || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("after %s: %v", time.Since(begin), err)
		}
	})
}
