package googlesheets

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// TestLetters: columns are named as the sheet shows them.
func TestLetters(t *testing.T) {
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"} {
		if got := letters(i); got != want {
			t.Errorf("%d: %s, not %s", i, got, want)
		}
	}
}

// TestTable: cells go by the headings and come back by them, whatever stands between, before and behind.
func TestTable(t *testing.T) {
	heads := headings([]any{"", "Name", " Email ", "", "Name", 2026})
	for given, want := range map[string]string{
		`{"Name":"Ada","2026":7}`:      `["Ada",null,null,null,7]`,
		`{"email":"a@example.com"}`:    `[null,"a@example.com"]`,
		`{"Name":"=1+1","Email":null}`: `["'=1+1"]`,
		`{"Name":""}`:                  `[""]`,
		`{"Mail":"x"}`:                 `no column "Mail"`,
		`{"":"x"}`:                     `no column ""`,
		`{"Name":["a"]}`:               `input values/Name: a cell holds`,
	} {
		v, _ := value.Decode([]byte(given), value.Limits{})
		got, err := heads.keyed(v.(map[string]any), map[string]any{}, "values")
		if err != nil && !strings.Contains(err.Error(), want) || err == nil && value.Text(got) != want {
			t.Errorf("%s: %s %v", given, value.Text(got), err)
		}
	}
	if got := value.Text(heads.named([]any{"x", "Ada", "a@example.com", 1, "Eve", 5, "more"})); got != `{"2026":5,"A":"x","D":1,"Email":"a@example.com","G":"more","Name":"Ada"}` {
		t.Errorf("named: %s", got)
	}
	if heads.first() != 1 || (table{}).first() != 0 {
		t.Errorf("the table begins at %d", heads.first())
	}
}

// TestRanges: names are quoted, and a quote within one stands twice.
func TestRanges(t *testing.T) {
	in := map[string]any{"sheet": "It's", "cells": "A1:C2"}
	if got := rangeOf(in, "A2:C"); got != "'It''s'!A2:C" {
		t.Error(got)
	}
	if got, err := cells(in); err != nil || got.Path["range"] != "'It''s'!A1:C2" {
		t.Error(got, err)
	}
	for _, c := range []struct {
		first, last any
		want        string
	}{{2, nil, "'It''s'!A2:ZZ"}, {3, 5, "'It''s'!3:5"}, {5, 3, "before"}, {0, nil, "from 1"}} {
		got, err := rowsPart(map[string]any{"sheet": "It's", "first_row": c.first, "last_row": c.last})
		if err != nil && !strings.Contains(err.Error(), c.want) || err == nil && got.Path["range"] != c.want {
			t.Errorf("%v: %v %v", c, got, err)
		}
	}
	if _, err := grid(map[string]any{"sheet": "S", "values": []any{1}}); fault.CodeOf(err) != fault.InvalidInput {
		t.Error(err)
	}
	if got, err := grid(map[string]any{"sheet": "S", "cells": "A1", "values": []any{[]any{nil, "=x"}}}); err != nil || value.Text(any(got.Body)) != `{"majorDimension":"ROWS","values":[["","'=x"]]}` {
		t.Error(got, err)
	}
}

// TestPieces: only what is given is written.
func TestPieces(t *testing.T) {
	got := pieces([]any{nil, 1, "", nil, nil, true}, map[string]any{"sheet": "S"}, 1, 7)
	if text := value.Text(got); text != `[{"majorDimension":"ROWS","range":"'S'!C7","values":[[1,""]]},{"majorDimension":"ROWS","range":"'S'!G7","values":[[true]]}]` {
		t.Error(text)
	}
	if got := pieces([]any{nil}, nil, 0, 1); len(got) != 0 {
		t.Error(got)
	}
}

// TestSame: a value is compared as a text, and an empty cell is not nothing.
func TestSame(t *testing.T) {
	for _, c := range []struct {
		cell any
		text string
		any  bool
		want bool
	}{{120, "120", false, true}, {" Ada ", "Ada", false, true}, {"ADA", "ada", false, false}, {"ADA", "ada", true, true}, {nil, "", false, false}, {true, "true", false, true}} {
		if same(c.cell, c.text, c.any) != c.want {
			t.Errorf("%v", c)
		}
	}
	for text, want := range map[string]any{"'A!B'!AB42:F42": 42, "Closed!A7": 7, "": nil} {
		if got := rowNumber(map[string]any{"updates": map[string]any{"updatedRange": text}}); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
