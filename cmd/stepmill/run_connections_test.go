package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// TestFileConnections: a connection of a file is held to what one that is posted is held to, and its values are kept as there.
func TestFileConnections(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.json")
	for list, want := range map[string]string{
		`[{"slug":"c","connector":"core","method":"bearer","values":{"token":"t","hosts":"api.test"}}]`:                        "",
		`[{"slug":"c","connector":"core","method":"oauth","values":{"access_token":"t","hosts":"api.test"}}]`:                  "",
		`[{"slug":"c","connector":"core","method":"bearer","values":{"token":"t","hosts":"api.test"},"limits":{"rate":"x"}}]`:  `"x" is no rate`,
		`[{"slug":"c","connector":"core","method":"bearer","values":{"hosts":"api.test"}}]`:                                    "Token is missing",
		`[{"slug":"c","connector":"core","method":"bearer","sandbox":true}]`:                                                   "",
		`[{"slug":"c","connector":"core","method":"bearer","values":{"token":"t","tokn":"t","hosts":"api.test"}}]`:             `asks for no "tokn"`,
		`[{"slug":"c","connector":"core","method":"bearer","values":{"token":" ","hosts":"api.test"}}]`:                        "nothing but white space",
		`[{"slug":"c","connector":"core","method":"header","values":{"name":"Content-Type","value":"x","hosts":"api.test"}}]`:  "The header Content-Type is set by the request itself",
		`[{"slug":"c","connector":"core","method":"nope"}]`:                                                                    `no way to sign in that is called "nope"`,
		`[{"slug":"c","connector":"core","method":"oauth","values":{"client_id":"i","client_secret":"s","hosts":"api.test"}}]`: "nobody signs in over a browser here; give its values an access_token that is good, as a server got it, or take another method: none, bearer, header",
		`[{"slug":"c","connector":"dropbox","method":"oauth","values":{"client_id":"i","client_secret":"s"}}]`:                 "an access_token that is good, as a server got it.",
		`[{"slug":"c","connector":"core","method":"oauth","sandbox":true}]`:                                                    "",
		`[{"slug":"c","connector":"nope"}]`:  `there is no connector "nope"`,
		`[{"slug":"C","connector":"slack"}]`: "its slug has lower-case letters",
		`[{"slug":"c","connector":"slack","method":"token","base_url":"ftp://x","values":{"token":"t"}}]`: "base_url: An address begins with",
	} {
		if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
			t.Fatal(err)
		}
		book, err := readConnections(file)
		if err == nil {
			err = book.check(file, func(run.Connection, run.Values) error { return nil })
		}
		if text := fault.MessageOf(err); (want == "") != (err == nil) || !strings.Contains(text, want) {
			t.Errorf("%s: %v, want %s", list, err, want)
		}
	}
}

// TestFileTokens: where a connection of a file gets its token by itself, the run does, and again where it is not taken any more; one
// that somebody signed in with is not renewed.
func TestFileTokens(t *testing.T) {
	given := 0
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/token":
			given++
			fmt.Fprintf(w, `{"access_token": "A%d", "token_type": "Bearer", "expires_in": 3600}`, given)
		case r.Header.Get("Authorization") != "Bearer A2": // the first is withdrawn at once
			w.WriteHeader(http.StatusUnauthorized)
		default:
			io.WriteString(w, `{}`)
		}
	}))
	defer vendor.Close()
	dir := t.TempDir()
	file, connections := filepath.Join(dir, "s.json"), filepath.Join(dir, "c.json")
	step := func(id string) string {
		return `{"id": "` + id + `", "uses": "core.http_request", "connection": "api", "with": {"method": "GET", "url": "` + vendor.URL + `/things"}}`
	}
	write := func(file, text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(file, `{"stepmill": 1, "name": "S", "trigger": {"uses": "manual"}, "steps": [`+step("one")+`, `+step("two")+`]}`)
	values := `"token_url": "` + vendor.URL + `/token", "hosts": "` + vendor.URL + `"`
	write(connections, `[{"slug": "api", "connector": "core", "method": "server", "values": {"client_id": "i", "client_secret": "s", `+values+`}}]`)
	carriedOut(t, file, "--connections", connections, "--egress-allow", "127.0.0.0/8")
	if given != 2 {
		t.Errorf("it asked for %d tokens", given)
	}
	write(connections, `[{"slug": "api", "connector": "core", "method": "oauth", "values": {"access_token": "old", "refresh_token": "r", `+values+`}}]`)
	out, said, status := stepmill(t, "run", file, "--connections", connections, "--egress-allow", "127.0.0.0/8")
	if status != 1 || given != 2 || !strings.Contains(out+said, `The access_token of the connection "api" is not taken any more, and only a server renews one`) {
		t.Errorf("it ends with %d after %d tokens: %s%s", status, given, out, said)
	}
}
