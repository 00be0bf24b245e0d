package main

import (
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
		`[{"slug":"c","connector":"core","method":"bearer","values":{"token":"t","hosts":"api.test"}}]`:                       "",
		`[{"slug":"c","connector":"core","method":"oauth","values":{"access_token":"t","hosts":"api.test"}}]`:                 "",
		`[{"slug":"c","connector":"core","method":"bearer","values":{"token":"t","hosts":"api.test"},"limits":{"rate":"x"}}]`: `"x" is no rate`,
		`[{"slug":"c","connector":"core","method":"bearer","values":{"hosts":"api.test"}}]`:                                   "Token is missing",
		`[{"slug":"c","connector":"core","method":"bearer","sandbox":true}]`:                                                  "",
		`[{"slug":"c","connector":"core","method":"bearer","values":{"token":"t","tokn":"t","hosts":"api.test"}}]`:            `asks for no "tokn"`,
		`[{"slug":"c","connector":"core","method":"bearer","values":{"token":" ","hosts":"api.test"}}]`:                       "nothing but white space",
		`[{"slug":"c","connector":"core","method":"header","values":{"name":"Content-Type","value":"x","hosts":"api.test"}}]`: "The header Content-Type is set by the request itself",
		`[{"slug":"c","connector":"core","method":"nope"}]`:                                                                   `no way to sign in that is called "nope"`,
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
