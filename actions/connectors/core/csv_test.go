package core

import (
	"context"
	"io"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func TestCSV(t *testing.T) {
	cases{
		{"RFC 4180", "csv", `{"text":"\ufeffa,b\r\n\"x\"\"y\",\"1\r\n2\"\r\n,\r\n"}`, `[{"a":"x\"y","b":"1\r\n2"},{"a":"","b":""}]`},
		{"semicolons are found", "csv", `{"text":"a;b,c\n1;2"}`, `[{"a":"1","b,c":"2"}]`},
		{"tabs are found", "csv", `{"text":"a\tb\r1\t2\r"}`, `[{"a":"1","b":"2"}]`},
		{"decimal commas are none", "csv", `{"text":"Preis;Menge\n1,50;2,0\n2,75;3,5\n"}`, `[{"Menge":"2,0","Preis":"1,50"},{"Menge":"3,5","Preis":"2,75"}]`},
		{"nor beside tabs", "csv", `{"text":"Preis\tMenge\n1,50\t2,0"}`, `[{"Menge":"2,0","Preis":"1,50"}]`},
		{"nor in texts", "csv", `{"text":"id;said\n1;a, b, c, d\n2;none"}`, `[{"id":"1","said":"a, b, c, d"},{"id":"2","said":"none"}]`},
		{"nor in the header", "csv", `{"text":"Preis, netto;Menge\n1,50;2\n7;2"}`, `[{"Menge":"2","Preis, netto":"1,50"},{"Menge":"2","Preis, netto":"7"}]`},
		{"semicolons in texts are none", "csv", `{"text":"id,said\n1,a; b; c; d\n2,\"x,y\""}`, `[{"id":"1","said":"a; b; c; d"},{"id":"2","said":"x,y"}]`},
		{"behind a line without any", "csv", `{"text":"Report\na;b\n1;2"}`, `!The CSV has 2 cells on line 2, where 1 cell is expected. Mend the line, check the delimiter (it is ";" here)`},
		{"one name too few", "csv", `{"columns":["x"],"text":"a,b\n1,2"}`, `!The input columns: there is 1 name, and line 1 has 2 cells.`},
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

// TestCSVFile: a file is read as its text is, wherever what is taken in at once ends.
func TestCSVFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("id;said\r\n")
	for i := 0; b.Len() < 5*csvWindow; i++ {
		b.WriteString(strings.Repeat("x", i%7) + ";" + []string{"ü", "\"a;\"\"\r\nb\" ", "\"\"", strings.Repeat("€", i%900)}[i%4] + []string{"\r\n", "\n", "\r", "\r\n\r\n"}[i/3%4])
	}
	s, text := &shelf{}, b.String()
	for cut := range 40 {
		text := "id;said\n" + strings.Repeat("y", cut) + ";1\n" + text
		want, err := callWith(t, "csv", map[string]any{"text": text})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.listed(t, map[string]any{"file": s.put("a.csv", "", []byte("\ufeff"+text)).Value()})
		if err != nil || value.Text(got) != value.Text(want) {
			t.Fatalf("%d further letters: it is read otherwise, %v", cut, err)
		}
	}
	for name, c := range map[string]struct {
		bytes string
		in    map[string]any
		want  string
	}{
		"a part":       {"a\n1\n2\n3\n", map[string]any{"skip": 1, "limit": 1}, `[{"a":"2"}]`},
		"windows-1252": {"Stadt;Preis\nZ\xfcrich;1,5\n", map[string]any{"charset": "windows-1252"}, `[{"Preis":"1,5","Stadt":"Zürich"}]`},
		"UTF-16":       {"\xff\xfea\x00\n\x00\xe4\x00", nil, `[{"a":"ä"}]`},
		"Excel's line": {"sep=|\r\na,b|c\r\n1|2", nil, `[{"a,b":"1","c":"2"}]`},
		"nothing":      {"", nil, `[]`},
	} {
		in := map[string]any{"file": s.put("a.csv", "", []byte(c.bytes)).Value()}
		maps.Copy(in, c.in)
		if got, err := s.listed(t, in); err != nil || value.Text(got) != c.want {
			t.Errorf("%s: %s, %v", name, value.Text(got), err)
		}
	}
	long := strings.Repeat("1,2\n", 4<<20)
	for name, c := range map[string]struct {
		bytes string
		in    map[string]any
		code  fault.Code
		want  string
	}{
		"no UTF-8":          {"a\nZ\xfcrich\n", nil, fault.InvalidInput, `The file "a.csv" is no UTF-8 on line 1 or soon behind it, and no byte order mark says how it is written. Give its charset`},
		"zero bytes":        {"a\x00", nil, fault.InvalidInput, `The file "a.csv" is no UTF-8`},
		"another charset":   {"a\n\x81\n", map[string]any{"charset": "windows-1252"}, fault.InvalidInput, `The file "a.csv" is not written in windows-1252: on line 1`},
		"no charset":        {"a", map[string]any{"charset": "ebcdic"}, fault.InvalidInput, `The input charset: "ebcdic" is no charset`},
		"both":              {"a", map[string]any{"text": "a"}, fault.InvalidInput, `The input file: it stands beside text`},
		"all of a long one": {long, nil, fault.TooLarge, `The table holds more than 200000 values; read it in parts, with limit and skip.`},
		"too long texts":    {"a\n" + strings.Repeat(strings.Repeat("x", 1<<20)+"\n", 12), nil, fault.TooLarge, `The table has more than 10 MB; read it in parts, with limit and skip.`},
		"too long a row":    {"a\n\"" + long, nil, fault.TooLarge, `The file "a.csv" has a row of more than 10 MB on line 2; look there for a quote that is never closed`},
		"a quote":           {"a\n\"x\"y\n" + long, nil, fault.InvalidInput, `The CSV has text behind a closing quote on line 2`},
	} {
		t.Run(name, func(t *testing.T) {
			in := map[string]any{"file": s.put("a.csv", "", []byte(c.bytes)).Value()}
			maps.Copy(in, c.in)
			_, err := s.listed(t, in)
			fails(t, err, c.code, c.want)
		})
	}
}

// listed reads a table from a file.
func (s *shelf) listed(t *testing.T, in map[string]any) (any, error) {
	t.Helper()
	a := actionOf(t, "csv")
	v, err := actions.Coerce(a.Input, in)
	if err != nil {
		return nil, err
	}
	return a.Run(t.Context(), actions.Input{Values: v, Now: now()}, s)
}

// endless is a Doer whose file is made while it is read, and how much memory that took at most.
type endless struct {
	actions.Doer
	left, since int
	most        uint64
}

func (e *endless) Open(context.Context, value.File) (io.ReadCloser, error) {
	return io.NopCloser(e), nil
}

func (e *endless) Read(b []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	const row = "12345,abcdefghijklmnopqrstuvwxyz,3.5,2026-01-31\n"
	n := 0
	for n+len(row) <= len(b) {
		n += copy(b[n:], row)
	}
	if e.left, e.since = e.left-n, e.since+n; e.since > 2<<20 {
		e.since = 0
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		e.most = max(e.most, m.HeapAlloc)
	}
	return n, nil
}

// TestCSVMemory: what a part of a long file takes does not grow with the file.
func TestCSVMemory(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	e := &endless{left: sized(400 << 20)}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	rows := e.left / 49
	a := actionOf(t, "csv")
	file := value.File{Hash: strings.Repeat("0", 64), Name: "a.csv", Size: e.left}.Value()
	began := time.Now()
	out, err := a.Run(t.Context(), actions.Input{Values: map[string]any{"file": file, "skip": rows - 10_000, "limit": 5000}}, e)
	list, _ := out.([]any)
	if err != nil || len(list) != 5000 {
		t.Fatalf("it gives %d rows, %v", len(list), err)
	}
	t.Logf("%d MB in %s, %d kB", rows*49>>20, time.Since(began), (e.most-m.HeapAlloc)>>10)
	if e.most > m.HeapAlloc+20<<20 {
		t.Errorf("it takes %d MB", (e.most-m.HeapAlloc)>>20)
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
