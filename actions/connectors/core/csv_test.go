package core

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func TestCSV(t *testing.T) {
	cases{
		{"RFC 4180", "csv", `{"text":"\ufeffa,b\r\n\"x\"\"y\",\"1\r\n2\"\r\n,\r\n"}`, `[{"a":"x\"y","b":"1\r\n2"},{"a":"","b":""}]`},
		{"semicolons are found", "csv", `{"text":"a;b,c\n1;2"}`, `[{"a":"1","b,c":"2"}]`},
		{"tabs are found", "csv", `{"text":"a\tb\r1\t2\r"}`, `[{"a":"1","b":"2"}]`},
		{"types", "csv", `{"types":"guess","text":"a,b,c,d,e,f\n1,1.50,TRUE,,007,\"1\"\n12345678901234567890,-1e3,no, ,+1,1"}`, `[{"a":1,"b":1.5,"c":true,"d":null,"e":"007","f":"1"},{"a":12345678901234567890,"b":-1000,"c":"no","d":null,"e":"+1","f":1}]`},
		{"no header", "csv", `{"header":false,"text":"1,2\n3,4"}`, `[["1","2"],["3","4"]]`},
		{"names", "csv", `{"header":false,"columns":["x","y"],"text":"1,2"}`, `[{"x":"1","y":"2"}]`},
		{"other names", "csv", `{"columns":["x","y"],"text":"a,b\n1,2"}`, `[{"x":"1","y":"2"}]`},
		{"names twice and none", "csv", `{"text":"a,,a\n1,2,3"}`, `[{"a":"1","a_2":"3","column_2":"2"}]`},
		{"trim", "csv", `{"trim":true,"text":"a , b\n 1 , \" 2 \" "}`, `[{"a":"1","b":" 2 "}]`},
		{"another quote", "csv", `{"quote":"'","text":"a,b\n'x,y',5\" pipe"}`, `[{"a":"x,y","b":"5\" pipe"}]`},
		{"skip", "csv", `{"skip_rows":2,"text":"Report\n\na,b\n1,2"}`, `[{"a":"1","b":"2"}]`},
		{"uneven", "csv", `{"text":"a,b\n1,2\n\n\"x\ny\",2\n3"}`, `!The CSV has 1 cell on line 6, where 2 cells are expected.`},
		{"uneven is filled", "csv", `{"ragged":"fill","text":"a,b\n1\n1,2,3"}`, `[{"a":"1","b":""},{"a":"1","b":"2"}]`},
		{"an open quote", "csv", `{"text":"a,b\n1,\"2\n3,4"}`, `!The CSV has a quote on line 2 that is never closed`},
		{"behind a quote", "csv", `{"text":"a\n\"x\"y"}`, `!The CSV has text behind a closing quote on line 2: "y"`},
		{"in parts", "csv", `{"skip":1,"limit":1,"text":"a,b\n1,2\n3,4\n5,6"}`, `[{"a":"3","b":"4"}]`},
		{"behind the end", "csv", `{"skip":3,"limit":9,"text":"a,b\n1,2\n3,4\n5,6"}`, `[]`},
		{"no row", "csv", `{"limit":0,"text":"a,b\n1,2"}`, `[]`},
		{"lists in parts", "csv", `{"header":false,"skip":1,"text":"1,2\n3,4\n5,6"}`, `[["3","4"],["5","6"]]`},
		{"a limit that is none", "csv", `{"limit":-1,"text":"a"}`, `!The input limit: it is from 0 to`},
		{"a skip that is none", "csv", `{"skip":-1,"text":"a"}`, `!The input skip: it is from 0 to`},
		{"Excel's separator", "csv", `{"text":"\ufeffsep=|\r\na,b|c;;;;\r\n1|2"}`, `[{"a,b":"1","c;;;;":"2"}]`},
		{"Excel's separator left out", "csv", `{"skip_rows":1,"text":"SEP=;\na;b\n1;2"}`, `[{"a":"1","b":"2"}]`},
		{"another than Excel's separator", "csv", `{"delimiter":",","text":"sep=;\na;b,c\n1,2"}`, `[{"a;b":"1","c":"2"}]`},
		{"a column named so", "csv", `{"text":"sep=;,b\n1,2"}`, `[{"b":"2","sep=;":"1"}]`},
		{"written it is a text", "csv", `{"mode":"write","line_end":"lf","header":false,"list":[["sep=",""]]}`, "\"sep=\",\n"},
		{"names that look counted", "csv", `{"text":"a_2,a,a,a,\n1,2,3,4,5"}`, `[{"a":"2","a_2":"1","a_3":"3","a_4":"4","column_5":"5"}]`},
		{"nothing", "csv", `{"text":""}`, `[]`},
		{"a header only", "csv", `{"text":"a,b\n"}`, `[]`},
		{"delimiter", "csv", `{"delimiter":";;","text":"a"}`, `!The input delimiter: ";;" is no single character`},
		{"same signs", "csv", `{"delimiter":"\"","text":"a"}`, `!The input quote: it is the delimiter too`},
		{"write", "csv", `{"mode":"write","list":[{"b":1,"a":"x,\"y\""},{"c":[1,{"z":null}],"a":null}]}`, "a,b,c\r\n\"x,\"\"y\"\"\",1,\r\n,,\"[1,{\"\"z\"\":null}]\"\r\n"},
		{"write columns", "csv", `{"mode":"write","line_end":"lf","delimiter":";","bom":true,"columns":["n.x","m"],"list":[{"n":{"x":90071992547409931234567890},"m":true}]}`, "\ufeffn.x;m\n90071992547409931234567890;true\n"},
		{"write lists", "csv", `{"mode":"write","line_end":"lf","header":false,"quote_all":true,"list":[[1,""],[2]]}`, "\"1\",\"\"\n\"2\"\n"},
		{"write formulas", "csv", `{"mode":"write","line_end":"lf","escape_formulas":true,"list":[{"a":"=1+1","b":-1}]}`, "a,b\n'=1+1,-1\n"},
		{"write what is no row", "csv", `{"mode":"write","list":[{"a":1},2]}`, `!The input list: item 1 is a number; a table's rows`},
		{"one empty cell", "csv", `{"mode":"write","line_end":"lf","list":[{"a":""}]}`, "a\n\"\"\n"},
	}.run(t)
	long := strings.Repeat("1,2\n", 100_000)
	_, err := callWith(t, "csv", map[string]any{"text": long})
	fails(t, err, fault.TooLarge, "The table holds more than 200000 values; read it in parts, with limit and skip.")
	part, err := callWith(t, "csv", map[string]any{"text": long, "skip": 60_000, "limit": 50_000})
	if rows, _ := part.([]any); len(rows) != 39_999 || err != nil {
		t.Errorf("the last part has %d rows, %v", len(rows), err)
	}
	_, err = callWith(t, "csv", map[string]any{"text": strings.Repeat("n", 5000) + "\n" + strings.Repeat("1\n", 5000)})
	fails(t, err, fault.TooLarge, "The table has more than 10 MB; read it in parts")
}

// TestEqualNames: however many columns are called the same, their names cost what reading them does.
func TestEqualNames(t *testing.T) {
	began := time.Now()
	names := columnNames(make([]cell, 200_000))
	equal := columnNames(slices.Repeat([]cell{{text: "a"}}, 200_000))
	if took := time.Since(began); took > 5*time.Second { // it takes some 0.1 s
		t.Errorf("400,000 names take %s", took)
	}
	if names[199_999] != "column_200000" || equal[199_999] != "a_200000" {
		t.Errorf("the last ones are %s and %s", names[199_999], equal[199_999])
	}
	text := strings.TrimSuffix(strings.Repeat("a,", 190_000), ",")
	_, err := callWith(t, "csv", map[string]any{"text": text + "\n" + text})
	fails(t, err, fault.TooLarge, "The table has 190000 columns with names; at most 16384 are taken.")
	if out, err := callWith(t, "csv", map[string]any{"text": text, "header": false}); err != nil || len(out.([]any)[0].([]any)) != 190_000 {
		t.Errorf("a row of 190,000 cells gives %v", err)
	}
	cells := strings.Repeat("<td>a", 20_000)
	values := []any{map[string]any{"name": "t", "selector": "table", "take": "table"}}
	_, err = callWith(t, "html_extract", map[string]any{"html": "<table><tr>" + cells, "values": values})
	fails(t, err, fault.TooLarge, "The table has 20000 columns with names;")
	for _, page := range []string{"<table><tr>" + strings.Repeat("<td>a", 10_000) + strings.Repeat("<tr><td>1", 1000), strings.Repeat("<table><tr><td>a<tr><td>1</table>", 100_000)} {
		values := []any{map[string]any{"name": "t", "selector": "table", "take": "table", "all": true}, map[string]any{"name": "l", "selector": "table", "take": "table", "header": false, "all": true}}
		_, err = callWith(t, "html_extract", map[string]any{"html": page, "values": values})
		fails(t, err, fault.TooLarge, "The output would hold more than 200000 values")
	}
}

// FuzzCSV: whatever is read is written so that it is read again as the same.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2", "\"x\"\"\",\r\n", "a;b\r1;\"\n\"", "\ufeff,\n,", " a ,\t"} {
		f.Add(seed, ",", "\"")
		f.Add(seed, "auto", "'")
	}
	f.Add("sep=;\n\"sep=\";", "auto", "\"")
	f.Fuzz(func(t *testing.T, text, delimiter, quote string) {
		v := map[string]any{"delimiter": delimiter, "quote": quote, "header": false, "ragged": "fail"}
		form, err := planCSV(v)
		if err != nil {
			return
		}
		rows, err := form.parse(context.Background(), text)
		if err != nil {
			return
		}
		if form.delimiter == 0 {
			form.delimiter = ','
		}
		form.header = false
		list := rows.([]any)
		if len(list) > 0 && len(list[0].([]any)) == 0 {
			t.Fatal("a row has no cells")
		}
		written, err := form.text(context.Background(), list)
		if err != nil {
			return
		}
		again, err := form.parse(context.Background(), written.(string))
		if err != nil || value.Text(again) != value.Text(rows) {
			t.Errorf("%q is read as %s, written as %q and read as %s, %v", text, value.Text(rows), written, value.Text(again), err)
		}
	})
}
