package outbound

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/value"
)

// TestCharsets: an answer is given in the charset that it names, and one whose text would lose something is not given as text.
func TestCharsets(t *testing.T) {
	const utf16 = "\xff\xfeZ\x00\xfc\x00"
	for _, k := range []struct{ name, kind, body, want, says, logs string }{
		{"Latin 1", "text/plain; charset=iso-8859-1", "Z\xfcrich \xe9", "Zürich é", "", ""},
		{"Windows 1252 that nobody names", "text/csv", "Z\xfcrich \x80", "Zürich €", "", ""},
		{"JSON in Latin 1 that nobody names", "application/json", "{\"a\": \"\xfc\"}", `{"a":"ü"}`, "", ""},
		{"a text that is none", "text/plain", "\x89P\x00\xff", "", "it is no text (text/plain)", "no text"},
		{"in capitals and quotes", `text/plain; charset="ISO-8859-1"`, "Z\xfcrich", "Zürich", "", ""},
		{"Windows 1252", "text/html;charset=windows-1252", "5 \x80", "5 €", "", ""},
		{"Shift JIS", "text/plain; charset=Shift_JIS", "\x93\xfa\x96\x7b", "日本", "", ""},
		{"UTF-16 with a mark", "text/plain; charset=utf-16", utf16, "Zü", "", ""},
		{"UTF-16, the other way round", "text/plain; charset=utf-16", "\xfe\xff\x00Z\x00\xfc", "Zü", "", ""},
		{"UTF-16 without a mark", "text/plain; charset=utf-16be", "\x00Z\x00\xfc", "Zü", "", ""},
		{"a mark comes before the header", "text/plain; charset=iso-8859-1", "\xef\xbb\xbfZü", "Zü", "", ""},
		{"JSON with a mark", "application/json", "\xef\xbb\xbf{\"a\": \"ü\"}", `{"a":"ü"}`, "", ""},
		{"JSON in Latin 1", "application/json; charset=latin1", "{\"a\": \"\xfc\"}", `{"a":"ü"}`, "", ""},
		{"JSON in UTF-16", "application/json", "\xff\xfe{\x00}\x00", `{}`, "", ""},
		{"XML says it itself", "application/xml", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xfc</a>", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>ü</a>", "", ""},
		{"HTML says it itself", "text/html", "<html><head><meta charset=iso-8859-15><p>\xa4", "<html><head><meta charset=iso-8859-15><p>€", "", ""},
		{"HTML of old", "text/html", `<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">` + "\xff", `<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">я`, "", ""},
		{"UTF-8 in an unknown charset", "text/plain; charset=x-mine", "ü", "ü", "", ""},
		{"a header that cannot be read", "text/plain; charset", "ü", "ü", "", ""},
		{"an unknown charset", "text/plain; charset=x-mine", "\xfc", "", `its charset "x-mine" is not known`, "x-mine"},
		{"a charset that browsers refuse", "text/plain; charset=iso-2022-kr", "\x0e!!", "", "no ISO-2022-KR", "ISO-2022-KR"},
		{"bytes that are none", "text/plain; charset=utf-8", "Z\xfcrich", "", "it has bytes that are no UTF-8. Set download", "UTF-8"},
		{"an odd byte", "text/plain; charset=utf-16le", "Z\x00\xfc", "", "no UTF-16LE", "UTF-16LE"},
		{"a mark that does not hold", "text/plain", "\xff\xfeZ\x00\x00\xd8", "", "it begins as UTF-16LE and goes on otherwise", "UTF-16LE"},
		{"an image", "image/png", "\x89PNG\r\n", "", "it is no text (image/png)", "image/png"},
		{"no type", "", "\x89\x00\xff", "", "it is no text", "no text"},
		{"broken JSON", "application/json", "<html>", "<html>", "", "says that it is JSON, and is none"},
		{"JSON that stops", "application/vnd.api+json", `{"a":`, `{"a":`, "", "says that it is JSON, and is none"},
		{"a text that only looks so", "text/plain", "{broken", "{broken", "", ""},
	} {
		t.Run(k.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Content-Type"] = []string{k.kind}
				w.Write([]byte(k.body))
			}))
			defer server.Close()
			c := newClient(t, Config{Allow: loopback})
			r := invoke(t, c, call(map[string]any{"url": server.URL}))
			switch {
			case r.Failure != nil:
				t.Errorf("%+v", r.Failure)
			case k.says != "": // what was asked for has happened
				out := r.Output.(map[string]any)
				if got := value.Text(out["unread"]); out["body"] != nil || out["status"] != 200 || !strings.Contains(got, k.says) || !strings.HasSuffix(got, "Set download, which keeps it as a file as it is.") {
					t.Errorf("it is %v", out)
				}
			default:
				out := r.Output.(map[string]any)
				if got := value.Text(out["body"]); got != k.want || out["unread"] != nil {
					t.Errorf("it is %q, not %q: %v", got, k.want, out["unread"])
				}
			}
			if (k.logs == "") != (r.Said == "") || !strings.Contains(r.Said, k.logs) {
				t.Errorf("the run's log gets %q", r.Said)
			}
		})
	}
}

// TestLargeCharsets: what grows while it is read keeps to the same bound.
func TestLargeCharsets(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=iso-8859-1")
		w.Write(bytes.Repeat([]byte("\xfc"), map[string]int{"/half": maxAnswer / 2, "/more": maxAnswer/2 + 1}[r.URL.Path]))
	}))
	defer server.Close()
	c := newClient(t, Config{Allow: loopback})
	r := invoke(t, c, call(map[string]any{"url": server.URL + "/half"}))
	if r.Failure != nil || len(r.Output.(map[string]any)["body"].(string)) != maxAnswer {
		t.Errorf("%+v", r.Failure)
	}
	if r.Done != nil {
		r.Done()
	}
	if r := invoke(t, c, call(map[string]any{"url": server.URL + "/more"})); class(r) != "too_large" {
		t.Errorf("%+v", r.Failure)
	}
}

// TestSecretsInCharsets: a secret that an answer repeats is masked in whatever charset it does.
func TestSecretsInCharsets(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-16le")
		for _, b := range []byte(r.Header.Get("Authorization")) {
			w.Write([]byte{b, 0})
		}
	}))
	defer server.Close()
	c, in := signed(t, "bearer", map[string]string{"token": "s3cret-token", "hosts": server.URL}, server.URL)
	if r := invoke(t, c, in); r.Failure != nil || r.Output.(map[string]any)["body"] != "Bearer ***" {
		t.Errorf("%+v %+v", r.Failure, r.Output)
	}
}

// TestEncodedSecrets: a secret that an answer repeats is masked in the forms in which programs write bytes, also amid others.
func TestEncodedSecrets(t *testing.T) {
	const secret = "s3cret/token+of?mine&\"more\""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := r.Header.Get("Authorization")[len("Bearer "):]
		percent := ""
		for _, b := range []byte(got) {
			percent += fmt.Sprintf("%%%02X", b)
		}
		out := map[string]string{"plain": got, "hex": hex.EncodeToString([]byte(got)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(got))), "percent": percent, "query": url.QueryEscape(got), "lower": escapes.ReplaceAllStringFunc(url.QueryEscape(got), strings.ToLower), "html": html.EscapeString(got),
			"base64": base64.StdEncoding.EncodeToString([]byte(got)), "url": base64.RawURLEncoding.EncodeToString([]byte(got))}
		for before := range 4 {
			for after := range 4 {
				out[fmt.Sprint(before, after)] = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("b", before) + got + strings.Repeat("a", after)))
			}
		}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.Encode(out)
		if r.URL.Path == "/php" {
			b = *bytes.NewBuffer(bytes.ReplaceAll(b.Bytes(), []byte("/"), []byte(`\/`)))
		}
		w.Write(b.Bytes())
	}))
	defer server.Close()
	c, in := signed(t, "bearer", map[string]string{"token": secret, "hosts": server.URL}, server.URL)
	for _, path := range []string{"/", "/php"} {
		in.Input["url"] = server.URL + path
		r := invoke(t, c, in)
		if r.Failure != nil {
			t.Fatal(r.Failure)
		}
		for how, v := range r.Output.(map[string]any)["body"].(map[string]any) {
			text := v.(string)
			if !strings.Contains(text, "***") || len(text) > len("***")+2*6 { // of base64 what shares a letter with what stands beside it is left
				t.Errorf("%s, %s: %s", path, how, text)
			}
		}
	}
}
