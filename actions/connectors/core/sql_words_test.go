package core

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestCheckQuery: a statement is written out, and may do what it does.
func TestCheckQuery(t *testing.T) {
	for _, c := range []struct {
		query, access string
		written       bool
		path          string
	}{
		{"select {{ event.id }}", "", false, "/query"},
		{"delete from x", "", true, "/access"},
		{"-- gone\nwith a as (select 1) delete from x", "read", true, "/access"},
		{"delete from x", "write", true, ""},
		{"select 'delete from x'", "", true, ""},
		{"(select 1)", "", true, ""},
		{"-- x", "", true, "/query"},
		{" ;", "", true, "/query"},
		{"/* x */ copy x to stdout", "write", true, "/query"},
		{"with a as (delete from x returning 1) select * from a", "", true, ""}, // the database says it
	} {
		with := map[string]any{"query": c.query}
		if c.access != "" {
			with["access"] = c.access
		}
		found := checkQuery(with, func(name string) bool { return name != "query" || c.written })
		if c.path == "" && len(found) > 0 || c.path != "" && (len(found) != 1 || found[0].Path != c.path) {
			t.Errorf("%s gives %v", c.query, found)
		}
	}
}

// TestVerbs: what stands in texts, names and comments is no verb.
func TestVerbs(t *testing.T) {
	for query, want := range map[string]string{
		"":                                      " false false",
		"  insert into x values (1)":            "INSERT false false",
		"insert into x values (1) returning id": "INSERT true false",
		"insert into x values ('returning')":    "INSERT false false",
		`insert into "returning" values (E'\' returning')`:          "INSERT false false",
		"/* update */ select 1":                                     "SELECT false false",
		"with a as (insert into b values (1) returning 1) select 1": "SELECT false false",
		"do $x$ begin delete from a; end $x$":                       "DO false false",
		"do $$ a; b $$; select 1":                                   "DO false true",
		"select 1;":                                                 "SELECT false false",
		"select 1; ":                                                "SELECT false false",
		"select 1; -- x\n":                                          "SELECT false false",
		"select 1; select 2":                                        "SELECT false true",
		"select $1, $2 returning":                                   "SELECT true false",
		"; select a":                                                "SELECT false false",
		"select 1; -- x; y":                                         "SELECT false false",
		"create temp trigger t begin a; update b set c = case when d then 1 end; end; -- x": "CREATE false false",
		"create trigger t begin a; end; drop table x":                                       "CREATE false true",
		"create table t (x); drop table t":                                                  "CREATE false true",
		"create trigger t begin a; b; end":                                                  "CREATE false false",
		"select 'open":                                                                      "SELECT false false",
		"select /* open":                                                                    "SELECT false false",
		"select $a":                                                                         "SELECT false false",
	} {
		verb, returns := verbOf(query, false)
		if got := fmt.Sprint(verb, " ", returns, " ", several(query)); got != want {
			t.Errorf("%q: %q, not %q", query, got, want)
		}
	}
	if _, returns := verbOf(`insert into x values ('\' returning', 1)`, true); returns {
		t.Error("a quote behind a backslash ends a text of MySQL")
	}
}

func FuzzVerbs(f *testing.F) {
	f.Add("with a as (select $x$ 'a' $x$) /* b */ insert into c values (E'\\'')")
	f.Fuzz(func(_ *testing.T, query string) {
		verbOf(query, true)
		verbOf(query, false)
		several(query)
	})
}

// FuzzBlank: of what is not blank SQLite's driver never makes a statement that is none, at which it would crash.
func FuzzBlank(f *testing.F) {
	at := filepath.Join(f.TempDir(), "db")
	if err := os.WriteFile(at, nil, 0o600); err != nil {
		f.Fatal(err)
	}
	conn, err := sqliteFile{at: at}.Connect(context.Background())
	if err != nil {
		f.Fatal(err)
	}
	defer conn.Close()
	for _, seed := range []string{"", ";", "-- x", "/* x */", "/*/ x", "/* open", "\ufeff", ";;-- x\n/**/", "select 1", "-- x\nselect 1", "\v\f\u00a0", "/*", "'a", "$$ a", "select 1; -- x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		if strings.ContainsRune(query, 0) || blank(query) {
			return
		}
		prepared, err := conn.Prepare(query)
		if err != nil {
			return
		}
		defer prepared.Close()
		if reflect.ValueOf(prepared).Elem().FieldByName("s").IsNil() {
			t.Errorf("%q is no statement", query)
		}
	})
}
