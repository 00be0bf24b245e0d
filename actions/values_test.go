package actions

import (
	"strings"
	"testing"
)

func TestWrongValue(t *testing.T) {
	name := Field{ID: "name", Label: "Header", Type: Text}
	key := Field{ID: "value", Label: "Value", Type: LongText, Secret: true}
	region := Field{ID: "region", Label: "Region", Type: Select, Options: []Option{{Value: "eu"}}}
	number := Field{ID: "number", Label: "Number", Help: "Of digits.", Type: Text, Form: `^[0-9]+$`}
	a := Auth{Fields: []Field{name, key, region}, Apply: []Place{{In: InHeader, Name: "{name}", Value: "{value}"}}}
	for _, c := range []struct {
		field Field
		text  string
		want  string // a part of it; empty: it can be
	}{
		{name, "X-Api-Key", ""}, {name, "Authorization", ""}, {name, "host", "The header host is set by the request itself"}, {name, "Content-Length", "itself"}, {name, "accept-encoding", "itself"},
		{name, "content-type", "itself"}, {name, "Idempotency-Key", "itself"}, {name, "X Key", "no name"}, {name, "X-Key:", "no name"},
		{key, "k", ""}, {key, "{\n\t}", ""}, {key, " \t\n", "white space"}, {key, "a\x00b", "control character"}, {key, strings.Repeat("x", maxValue+1), "16 kB"}, {key, "Host", ""},
		{name, "X\nY", "line break"}, {region, "eu", ""}, {region, "us", "not one of those that there are: eu"},
		{number, "12", ""}, {number, "x", "Number is not of the kind that is needed. Of digits."},
	} {
		if got := a.WrongValue(c.field, c.text); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s %q: %q", c.field.ID, c.text[:min(len(c.text), 20)], got)
		}
	}
}

// TestTidied: the word that stands before a credential in its header is no part of it, and of what goes elsewhere nothing is dropped.
func TestTidied(t *testing.T) {
	token := Field{ID: "token", Type: Text}
	in := func(name, value string) Auth { return Auth{Apply: []Place{{In: InHeader, Name: name, Value: value}}} }
	for _, c := range []struct {
		auth       Auth
		text, want string
	}{
		{in("Authorization", "Bearer {token}"), "Bearer ntn_1", "ntn_1"}, {in("Authorization", "Bearer {token}"), " bearer  ntn_1 ", "ntn_1"}, {in("Authorization", "{token}"), "Bearer lin_1", "lin_1"},
		{in("Authorization", "Token {token}"), "Token a-b", "a-b"}, {in("Authorization", "Bearer {token}"), "ntn_1", "ntn_1"}, {in("Authorization", "Bearer {token}"), "Basic x", "Basic x"},
		{in("{name}", "{token}"), "Bearer x", "Bearer x"}, {in("X-Api-Key", "{token}"), "Bearer x", "Bearer x"}, {in("Authorization", "Bearer {other}"), "Bearer x", "Bearer x"},
	} {
		if got := c.auth.Tidied(token, c.text); got != c.want {
			t.Errorf("%q by %v is kept as %q", c.text, c.auth.Apply, got)
		}
	}
}

// TestTakeForm: a value is held to its form where it goes to the app itself, and not where it is made up or goes elsewhere.
func TestTakeForm(t *testing.T) {
	c := Connector{ID: "acme", Name: "Acme", BaseURL: "https://api.acme.test", Auth: []Auth{{Method: "token", Fields: []Field{{ID: "token", Label: "Token", Help: "It begins with ac_.", Type: Text, Required: true, Form: "^ac_"}},
		Apply: []Place{{In: InHeader, Name: "Authorization", Value: "Bearer {token}"}}}}}
	for _, k := range []struct {
		given Given
		wrong bool
	}{
		{Given{Values: map[string]string{"token": "ac_1"}}, false}, {Given{Values: map[string]string{"token": "Bearer ac_1"}}, false}, {Given{Values: map[string]string{"token": "gh_1"}}, true},
		{Given{Values: map[string]string{"token": "gh_1"}, Sandbox: true}, false}, {Given{Values: map[string]string{"token": "gh_1"}, BaseURL: "https://own.example"}, false}, {Given{Elsewhere: []string{"token"}}, false},
	} {
		if _, values, problems := c.Take(k.given); (len(problems) > 0) != k.wrong || !k.wrong && strings.HasPrefix(values["token"], "Bearer") {
			t.Errorf("%+v: %v, %v", k.given, values, problems)
		}
	}
}
