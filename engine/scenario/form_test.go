package scenario

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
)

func formOf(t *testing.T, text string) (Form, error) {
	t.Helper()
	var with map[string]any
	if err := json.Unmarshal([]byte(text), &with); err != nil {
		t.Fatal(err)
	}
	return ReadForm(with)
}

func TestReadForm(t *testing.T) {
	f, err := formOf(t, `{"title": "T", "description": "D", "submit": "Go", "thanks": "Thanks", "respond": "ended", "allow": ["https://Www.example.com/", "http://localhost:3000"],
		"identity": {"secret": "verify", "field": "account"}, "fields": [
		{"name": "email", "label": "Mail", "type": "email", "required": true, "default": "a@b.c", "help": "H"},
		{"name": "kind", "type": "select", "options": ["a", {"value": 7, "label": "Seven"}], "default": 7}, {"name": "kinds", "type": "multi_select", "options": ["a", "b"], "default": ["b"]},
		{"name": "n", "type": "number", "default": 1.5}, {"name": "ok", "type": "boolean", "default": true}, {"name": "doc", "type": "file"}, {"name": "bare"}]}`)
	if err != nil {
		t.Fatal(fault.ProblemsOf(err))
	}
	if fmt.Sprint(f.Allow) != "[https://www.example.com http://localhost:3000]" || *f.Identity != (Identity{"verify", "account", true}) || !f.Ended || f.Fields[1].Options[1] != (FieldOption{7.0, "Seven"}) || f.Fields[6].Type != "text" {
		t.Errorf("%+v", f)
	}
	shape := f.Shape()
	if len(shape.Fields) != 8 || shape.Fields["ok"].Kind != "boolean" || shape.Fields["kinds"].Kind != "list" {
		t.Errorf("its shape is %+v", shape)
	}
	if f, err := formOf(t, `{"thanks": "HTTPS://example.com/done?x=1"}`); err != nil || f.Redirect != "https://example.com/done?x=1" || f.Thanks != "" {
		t.Errorf("%+v %v", f, err)
	}
	if f, err := formOf(t, `{"thanks": "javascript:alert(1)"}`); err != nil || f.Redirect != "" || f.Thanks != "javascript:alert(1)" {
		t.Errorf("%+v %v", f, err)
	}
	chat, err := formOf(t, `{"mode": "chat", "identity": {"secret": "verify"}}`)
	if err != nil || !chat.Chat || !chat.Ended || chat.Identity.Required || len(chat.Shape().Fields) != 3 {
		t.Errorf("%+v %v", chat, err)
	}
	if f, err := formOf(t, `{}`); err != nil || f.Chat || f.Ended {
		t.Errorf("%+v %v", f, err)
	}
}

func TestReadFormProblems(t *testing.T) {
	field := func(text string) string { return `{"fields": [{"name": "ok"}, ` + text + `]}` }
	for text, want := range map[string]string{
		`{"mode": "popup"}`: "/mode",
		`{"titel": "x"}`:    "/titel",
		`{"title": 7}`:      "/title",
		`{"title": " "}`:    "/title",
		`{"title": "` + strings.Repeat("x", 5000) + `"}`:                                   "/title",
		`{"submit": "` + strings.Repeat("x", 61) + `"}`:                                    "/submit",
		`{"respond": "auto"}`:                                                              "/respond",
		`{"thanks": "https://"}`:                                                           "/thanks",
		`{"thanks": "http://user:pass@example.com"}`:                                       "/thanks",
		`{"thanks": "https://example.com/a b"}`:                                            "/thanks",
		`{"thanks": "https://example.com/\r\nSet-Cookie: x=y"}`:                            "/thanks",
		`{"thanks": "https://example.com/x;y"}`:                                            "/thanks",
		`{"thanks": "https://example.com", "respond": "ended"}`:                            "/thanks",
		`{"allow": "https://example.com"}`:                                                 "/allow",
		`{"allow": ["https://example.com", "*"]}`:                                          "/allow/1",
		`{"allow": ["https://*.example.com"]}`:                                             "/allow/0",
		`{"allow": ["https://example.com/x"]}`:                                             "/allow/0",
		`{"allow": ["https://example.com; script-src *"]}`:                                 "/allow/0",
		`{"allow": ["data:"]}`:                                                             "/allow/0",
		`{"allow": ["'unsafe-inline'"]}`:                                                   "/allow/0",
		`{"identity": "verify"}`:                                                           "/identity",
		`{"identity": {"field": "u"}}`:                                                     "/identity",
		`{"identity": {"secret": "S P"}}`:                                                  "/identity",
		`{"identity": {"secret": "s", "field": "user-id"}}`:                                "/identity/field",
		`{"identity": {"secret": "s", "field": "user_hash"}}`:                              "/identity/field",
		`{"identity": {"secret": "s", "required": "yes"}}`:                                 "/identity/required",
		`{"identity": {"secret": "s", "salt": "x"}}`:                                       "/identity/salt",
		`{"identity": {"secret": "s"}, "fields": [{"name": "user_id"}]}`:                   "/fields/0/name",
		`{"identity": {"secret": "s"}, "fields": [{"name": "user_hash"}]}`:                 "/fields/0/name",
		`{"mode": "chat", "fields": [{"name": "x"}]}`:                                      "/fields",
		`{"mode": "chat", "thanks": "x"}`:                                                  "/thanks",
		`{"fields": {"name": "x"}}`:                                                        "/fields",
		`{"fields": ["x"]}`:                                                                "/fields/0",
		field(`{"label": "x"}`):                                                            "/fields/1",
		field(`{"name": "form-token"}`):                                                    "/fields/1",
		field(`{"name": "ok"}`):                                                            "/fields/1/name",
		field(`{"name": "x", "type": "colour"}`):                                           "/fields/1/type",
		field(`{"name": "x", "required": 1}`):                                              "/fields/1/required",
		field(`{"name": "x", "html": "<b>"}`):                                              "/fields/1/html",
		field(`{"name": "x", "type": "select"}`):                                           "/fields/1",
		field(`{"name": "x", "type": "select", "options": []}`):                            "/fields/1/options /fields/1",
		field(`{"name": "x", "options": ["a"]}`):                                           "/fields/1/options",
		field(`{"name": "x", "type": "select", "options": ["a", "a"]}`):                    "/fields/1/options/1",
		field(`{"name": "x", "type": "select", "options": [true]}`):                        "/fields/1/options/0",
		field(`{"name": "x", "type": "select", "options": ["a"], "default": "b"}`):         "/fields/1/default",
		field(`{"name": "x", "type": "multi_select", "options": ["a"], "default": "a"}`):   "/fields/1/default",
		field(`{"name": "x", "type": "multi_select", "options": ["a"], "default": ["b"]}`): "/fields/1/default",
		field(`{"name": "x", "type": "number", "default": "1"}`):                           "/fields/1/default",
		field(`{"name": "x", "type": "boolean", "default": 1}`):                            "/fields/1/default",
		field(`{"name": "x", "type": "file", "default": "a"}`):                             "/fields/1/default",
		field(`{"name": "x", "default": 1}`):                                               "/fields/1/default",
	} {
		_, err := formOf(t, text)
		var got []string
		for _, p := range fault.ProblemsOf(err) {
			got = append(got, p.Path)
		}
		if first, _, _ := strings.Cut(want, " "); len(got) == 0 || got[0] != first || len(got) > 1 && strings.Join(got, " ") != want {
			t.Errorf("%.90s has problems at %v, want %s", text, got, want)
		}
	}
}
