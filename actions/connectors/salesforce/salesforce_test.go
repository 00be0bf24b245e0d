package salesforce

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// TestLiterals: a text stays one text whatever it holds, and other values are written as SOQL has them.
func TestLiterals(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{"Ada", `'Ada'`}, {"O'Brien", `'O\'Brien'`}, {`a\`, `'a\\'`}, {`\' OR Name != '`, `'\\\' OR Name != \''`}, {"a\nb\tc\r", `'a\nb\tc\r'`}, {`say "hi"`, `'say \"hi\"'`}, {"", `''`},
		{nil, "null"}, {true, "true"}, {12, "12"}, {1.5, "1.5"}, {[]any{"a'", 2, nil}, `('a\'', 2, null)`},
	} {
		if got, err := literal(c.v); err != nil || got != c.want {
			t.Errorf("%v is %s (%v), not %s", c.v, got, err, c.want)
		}
	}
	for _, wrong := range []any{[]any{}, []any{[]any{"a"}}, map[string]any{"a": 1}} {
		if got, err := literal(wrong); err == nil {
			t.Errorf("%v is %s", wrong, got)
		}
	}
}

// whole is one literal text of SOQL and nothing beside it.
var whole = regexp.MustCompile(`^'(?:\\[nrtbf"'\\]|[^'\\\n\r])*'$`)

func FuzzQuoted(f *testing.F) {
	for _, seed := range []string{"Ada", "O'Brien", `\`, `\'`, `'' OR Id != ''`, "\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := quoted(text); !whole.MatchString(got) {
			t.Errorf("%q becomes %s, which is more than one text", text, got)
		}
	})
}

// TestNames: nothing but a name stands where a query has one.
func TestNames(t *testing.T) {
	for _, good := range []string{"Name", "Region__c", "Account.Owner.Name", "ns__Field__c"} {
		if _, err := name("x", good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "1a", "Name ", "Name = 'x'", "a.", ".a", "a--b", "COUNT()", "Näme", "a,b"} {
		if _, err := name("x", bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// TestMoments: a time is written in UTC and without quotes, a day as the day that it is where it was said.
func TestMoments(t *testing.T) {
	if got, err := clock("2026-01-31T00:30:00.5+01:00"); err != nil || got != "2026-01-30T23:30:00.500Z" {
		t.Errorf("the time is %s (%v)", got, err)
	}
	for text, want := range map[string]string{"2026-01-31": "2026-01-31", "2026-01-31T00:30:00+01:00": "2026-01-31"} {
		if got, err := date(text); err != nil || got != want {
			t.Errorf("the day is %s (%v)", got, err)
		}
	}
	for _, wrong := range []string{"", "tomorrow", "2026-02-30", "2026-01-31' OR Id != '"} {
		if got, err := clock(wrong); err == nil {
			t.Errorf("%q is the time %s", wrong, got)
		}
		if got, err := date(wrong); err == nil {
			t.Errorf("%q is the day %s", wrong, got)
		}
	}
}

// TestQueries: what lists, triggers and written queries ask for; or what is wrong, by the input's name.
func TestQueries(t *testing.T) {
	ask := func(object string) func(map[string]any) (actions.Parts, error) {
		return func(in map[string]any) (actions.Parts, error) { return listed(object, in) }
	}
	wait := func(at string) func(map[string]any) (actions.Parts, error) {
		return func(in map[string]any) (actions.Parts, error) { return since("Opportunity", at, in) }
	}
	bind := func(in map[string]any) (actions.Parts, error) {
		parameters, _ := in["parameters"].(map[string]any)
		times, _ := in["times"].(map[string]any)
		q, err := bound(value.Text(in["soql"]), parameters, times)
		return actions.Parts{Query: map[string]any{"q": q}}, err
	}
	one := func(field, operator string, v any, as string) []any {
		return []any{map[string]any{"field": field, "operator": operator, "value": v, "as": as}}
	}
	for _, c := range []struct {
		of   func(map[string]any) (actions.Parts, error)
		in   map[string]any
		want string // or "!" and what the error begins with
	}{
		{ask("Account"), map[string]any{}, "SELECT Id FROM Account ORDER BY CreatedDate ASC, Id ASC"},
		{ask("Account"), map[string]any{"return_fields": []any{"id", "Name", "name"}, "limit": 2}, "SELECT Id, Name FROM Account ORDER BY CreatedDate ASC, Id ASC LIMIT 3"},
		{ask("Account"), map[string]any{"filters": one("Name", "IN", "a'b", "")}, `SELECT Id FROM Account WHERE Name IN ('a\'b') ORDER BY CreatedDate ASC, Id ASC`},
		{ask("Account"), map[string]any{"filters": one("Due__c", "<", "2026-01-31", "day"), "created_since": "2026-01-01T00:00:00Z", "changed_since": "2026-01-02T00:00:00Z"},
			"SELECT Id FROM Account WHERE Due__c < 2026-01-31 AND CreatedDate >= 2026-01-01T00:00:00.000Z AND SystemModstamp >= 2026-01-02T00:00:00.000Z ORDER BY SystemModstamp ASC, Id ASC"},
		{ask("Account"), map[string]any{"filters": append(one("A", "=", nil, ""), one("B", "!=", 1, "")...), "match": "any"}, "SELECT Id FROM Account WHERE (A = null OR B != 1) ORDER BY CreatedDate ASC, Id ASC"},
		{ask("Account x"), map[string]any{}, "!The input object:"},
		{ask("Account"), map[string]any{"return_fields": []any{"Name FROM User"}}, "!The input return_fields:"},
		{ask("Account"), map[string]any{"filters": one("A = 1 OR B", "=", 1, "")}, "!The input filters/0/field:"},
		{ask("Account"), map[string]any{"filters": one("A", "=", []any{1}, "")}, "!The input filters/0/value:"},
		{ask("Account"), map[string]any{"filters": one("A", ">", "1 OR Id != ''", "time")}, "!The input filters/0/value:"},
		{ask("Account"), map[string]any{"changed_since": "yesterday"}, "!The input changed_since:"},
		{wait("CreatedDate"), map[string]any{}, "SELECT Id, CreatedDate FROM Opportunity ORDER BY CreatedDate ASC, Id ASC"},
		{wait("LastStageChangeDate"), map[string]any{"stage": "It's won"}, `SELECT Id, LastStageChangeDate FROM Opportunity WHERE StageName = 'It\'s won' AND LastStageChangeDate != null ORDER BY LastStageChangeDate ASC, Id ASC`},
		{wait("SystemModstamp"), map[string]any{"since": "2026-01-01T00:00:00Z"}, "SELECT Id, SystemModstamp FROM Opportunity WHERE SystemModstamp >= 2026-01-01T00:00:00.000Z ORDER BY SystemModstamp ASC, Id ASC"},
		{bind, map[string]any{"soql": "SELECT Id FROM A WHERE B = :b AND C != 'it\\'s :b' AND D IN :d AND E > :e AND F = LAST_N_DAYS:30", "parameters": map[string]any{"b": "x' OR 'y", "d": []any{"1", 2}}, "times": map[string]any{"e": "2026-01-01T00:00:00Z"}},
			`SELECT Id FROM A WHERE B = 'x\' OR \'y' AND C != 'it\'s :b' AND D IN ('1', 2) AND E > 2026-01-01T00:00:00.000Z AND F = LAST_N_DAYS:30`},
		{bind, map[string]any{"soql": "SELECT Id FROM A WHERE B = :b"}, "!The input parameters/b:"},
		{bind, map[string]any{"soql": "SELECT Id FROM A WHERE B = :b", "parameters": map[string]any{"b": map[string]any{}}}, "!The input parameters/b:"},
		{bind, map[string]any{"soql": "SELECT Id FROM A WHERE B > :b", "times": map[string]any{"b": "now"}}, "!The input parameters/b:"},
	} {
		got, err := c.of(c.in)
		if wrong, ok := strings.CutPrefix(c.want, "!"); ok {
			if err == nil || !strings.HasPrefix(err.Error(), wrong) || fault.CodeOf(err) != fault.InvalidInput {
				t.Errorf("%v says %v, not %s", c.in, err, wrong)
			}
		} else if err != nil || got.Query["q"] != c.want {
			t.Errorf("%v asks\n%v (%v), not\n%s", c.in, got.Query["q"], err, c.want)
		}
	}
}

// TestBodies: what of a record is written, and what is refused before it is sent.
func TestBodies(t *testing.T) {
	fields := []actions.Field{{ID: "name", Name: "Name"}, {ID: "close", Name: "CloseDate", In: actions.InNone}, moreFields()}
	write := func(in map[string]any) (actions.Parts, error) {
		b, err := body(fields, in)
		return actions.Parts{Body: b}, err
	}
	key := func(in map[string]any) (actions.Parts, error) { return keyed(fields, in) }
	for _, c := range []struct {
		of   func(map[string]any) (actions.Parts, error)
		in   map[string]any
		want string
	}{
		{write, map[string]any{"name": "x"}, `{}`}, // a typed one stands there already
		{write, map[string]any{"close": "2026-03-31", "fields": map[string]any{"Fax": nil}}, `{"CloseDate":"2026-03-31","Fax":null}`},
		{write, map[string]any{"fields": map[string]any{}}, "!The input fields:"},
		{write, map[string]any{"close": "soon"}, "!The input close:"},
		{key, map[string]any{"key_field": "Ext__c", "fields": map[string]any{"A": 1}}, `{"A":1}`},
		{key, map[string]any{"key_field": "Ext__c", "fields": map[string]any{"EXT__C": 1}}, "!The input fields/EXT__C:"},
		{key, map[string]any{"key_field": "Ext__c"}, "!The input fields:"},
		{collection, map[string]any{"object": "Account", "records": []any{map[string]any{"A": 1}}}, `{"records":[{"A":1,"attributes":{"type":"Account"}}]}`},
		{collection, map[string]any{"records": []any{"x"}}, "!The input records/0:"},
		{collection, map[string]any{"records": make([]any, 201)}, "!The input records:"},
		{member, map[string]any{"contact": "1"}, "null"},
		{member, map[string]any{"contact": "1", "lead": "2"}, "!The input contact:"},
	} {
		got, err := c.of(c.in)
		if wrong, ok := strings.CutPrefix(c.want, "!"); ok {
			if err == nil || !strings.HasPrefix(err.Error(), wrong) {
				t.Errorf("%v says %v, not %s", c.in, err, wrong)
			}
			continue
		}
		text := "null"
		if got.Body != nil {
			text = value.Text(got.Body)
		}
		if err != nil || text != c.want {
			t.Errorf("%v is %s (%v), not %s", c.in, text, err, c.want)
		}
	}
}

// TestLinks: an id is found in a record's address, and a host in that of any page.
func TestLinks(t *testing.T) {
	record, host := recordID("Record"), actions.Field{Link: hostLink}
	for text, want := range map[string]string{
		"https://acme.lightning.force.com/lightning/r/Account/001D000000INjVeIAL/view": "001D000000INjVeIAL", "https://acme--dev.sandbox.lightning.force.com/lightning/r/Invoice__c/a01D000000INjVe/view?x=1": "a01D000000INjVe",
		"https://acme.lightning.force.com/lightning/r/001D000000INjVeIAL/view": "001D000000INjVeIAL", "https://acme.my.salesforce.com/001D000000INjVe": "001D000000INjVe", "https://acme.my.salesforce.com/001D000000INjVeIAL?srPos=0": "001D000000INjVeIAL",
		"https://acme.lightning.force.com/one/one.app#/sObject/001D000000INjVeIAL/view": "001D000000INjVeIAL", " 001D000000INjVeIAL\n": "001D000000INjVeIAL", "https://other.test/001D000000INjVe": "https://other.test/001D000000INjVe",
	} {
		if got := record.Tidy(text); got != want {
			t.Errorf("%q gives %q", text, got)
		}
	}
	for _, text := range []string{"acme.my.salesforce.com", " https://acme.my.salesforce.com/ ", "https://acme.my.salesforce.com/services/oauth2/token", "acme.my.salesforce.com/"} {
		if got := host.Tidy(text); got != "acme.my.salesforce.com" {
			t.Errorf("%q gives %q", text, got)
		}
	}
}

// TestAnswers: what is made of Salesforce's answers, and of the fields of a single record.
func TestAnswers(t *testing.T) {
	if got, err := made(actions.Response{Value: map[string]any{"id": "1", "success": true}}); err != nil || value.At(got, "/Id") != "1" {
		t.Errorf("a new record is %v (%v)", got, err)
	}
	if _, err := made(actions.Response{}); err == nil {
		t.Error("nothing is a new record")
	}
	got, err := collected(actions.Response{Value: []any{map[string]any{"success": true}, map[string]any{"success": false}}})
	if err != nil || value.At(got, "/failed") != 1 {
		t.Errorf("the results are %v (%v)", got, err)
	}
	if _, err := collected(actions.Response{Value: map[string]any{}}); err == nil {
		t.Error("an object is a list of results")
	}
	if parts, err := only(map[string]any{"return_fields": []any{"Name", "Region__c"}}); err != nil || parts.Query["fields"] != "Name,Region__c" {
		t.Errorf("a record is asked for %v (%v)", parts.Query, err)
	}
	if _, err := only(map[string]any{"return_fields": []any{"Name&x=1"}}); err == nil {
		t.Error("anything is a field")
	}
}

// TestChosen: options that a query gives show nothing but what it asks for.
func TestChosen(t *testing.T) {
	shown, seen := regexp.MustCompile(`/([A-Za-z]+)`), 0
	for _, a := range all() {
		for _, f := range a.Input {
			if f.Choices == nil || f.Choices.Request.Query["q"] == "" {
				continue
			}
			seen++
			asked, _, _ := strings.Cut(f.Choices.Request.Query["q"], " FROM ")
			for _, m := range shown.FindAllStringSubmatch(f.Choices.Value+f.Choices.Label, -1) {
				if !strings.Contains(strings.ReplaceAll(asked, "SELECT", ",")+",", " "+m[1]+",") {
					t.Errorf("the options of %s of %s show %s, which %s does not ask for", f.ID, a.ID, m[1], asked)
				}
			}
		}
	}
	if seen == 0 {
		t.Error("no options are asked for by a query")
	}
}
