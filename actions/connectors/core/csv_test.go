package core

import (
	"context"
	"strings"
	"testing"

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
	if _, err := callWith(t, "csv", map[string]any{"text": strings.Repeat("1,2\n", 100_000)}); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("300,000 values give %v", err)
	}
}

// FuzzCSV: whatever is read is written so that it is read again as the same.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2", "\"x\"\"\",\r\n", "a;b\r1;\"\n\"", "\ufeff,\n,", " a ,\t"} {
		f.Add(seed, ",", "\"")
		f.Add(seed, "auto", "'")
	}
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
