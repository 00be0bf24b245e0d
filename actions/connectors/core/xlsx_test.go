package core

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// TestXLSX: what is written is read again as the same.
func TestXLSX(t *testing.T) {
	s := &shelf{}
	list := []any{
		map[string]any{"name": "Ada <&> \"L\"", "n": 36, "born": "1989-12-10", "at": "2026-01-31T09:30:15", "ok": true, "none": nil},
		map[string]any{"name": "=1+1", "n": -0.25, "born": "1899-01-01", "at": "2026-01-31T09:30:00.25Z", "ok": false, "none": nil},
		map[string]any{"name": " a\nb\tc\x01_x0041_", "n": json.Number("12345678901234567890"), "born": "soon", "at": "x", "ok": nil, "none": []any{1}},
	}
	out := s.must(t, "xlsx", map[string]any{"mode": "write", "list": list, "columns": []any{"name", "n", "born", "at", "ok", "none"}, "name": "p"})
	f, _ := value.FileOf(out["file"])
	if f.Name != "p.xlsx" || f.Type != sheetType || value.Text(out["sheets"]) != `["Sheet1"]` {
		t.Errorf("it gives %v", out)
	}
	read := s.must(t, "xlsx", map[string]any{"file": out["file"]})
	want := `[{"at":"2026-01-31T09:30:15","born":"1989-12-10","n":36,"name":"Ada <&> \"L\"","none":null,"ok":true},` +
		`{"at":"2026-01-31T09:30:00.250","born":"1899-01-01","n":-0.25,"name":"=1+1","none":null,"ok":false},` +
		`{"at":"x","born":"soon","n":"12345678901234567890","name":" a\nb\tc\u0001_x0041_","none":"[1]","ok":null}]`
	if got := value.Text(read["rows"]); got != want || read["sheet"] != "Sheet1" {
		t.Errorf("it reads %v\n%s\n%s", read["sheet"], got, want)
	}
	for in, want := range map[string]string{
		`{"range":"B1:C2"}`:                                `[{"born":"1989-12-10","n":36}]`,
		`{"range":"B2","header":false}`:                    `[[36,"1989-12-10","2026-01-31T09:30:15",true],[-0.25,"1899-01-01","2026-01-31T09:30:00.250",false],["12345678901234567890","soon","x",null,"[1]"]]`,
		`{"range":"E:E","header":false}`:                   `[["ok"],[true],[false]]`,
		`{"range":"2:2","header":false,"sheet":"1"}`:       `[["Ada <&> \"L\"",36,"1989-12-10","2026-01-31T09:30:15",true]]`,
		`{"range":"A1:B3","columns":["x","y"]}`:            `[{"x":"Ada <&> \"L\"","y":36},{"x":"=1+1","y":-0.25}]`,
		`{"range":"A2:A2","header":false,"columns":["x"]}`: `[{"x":"Ada <&> \"L\""}]`,
		`{"range":"Z100"}`:                                 `[]`,
	} {
		v, _ := value.Decode([]byte(in), value.Limits{})
		object := v.(map[string]any)
		object["file"] = out["file"]
		if got := value.Text(s.must(t, "xlsx", object)["rows"]); got != want {
			t.Errorf("%s gives %s\nnot %s", in, got, want)
		}
	}
	plain := s.must(t, "xlsx", map[string]any{"mode": "write", "dates": false, "header": false, "list": []any{[]any{"2026-01-31", 1}, []any{}, []any{nil, "x"}}})
	if got := value.Text(s.must(t, "xlsx", map[string]any{"file": plain["file"], "header": false})["rows"]); got != `[["2026-01-31",1],[null,"x"]]` {
		t.Errorf("lists are read as %s", got)
	}
	several := s.must(t, "xlsx", map[string]any{"mode": "write", "sheets": []any{map[string]any{"name": "One & two", "list": []any{map[string]any{"a": 1}}}, map[string]any{"name": "Zwei", "list": []any{map[string]any{"b": 2, "c": 3}}, "columns": []any{"c"}}}})
	wide := s.must(t, "xlsx", map[string]any{"mode": "write", "header": false, "list": []any{[]any{"a", "column_3"}, []any{1, 2}, []any{1, nil, 3, nil, 5}, []any{6}}})
	for columns, want := range map[string]string{``: `[{"a":1,"column_3":2,"column_3_2":null,"column_4":null,"column_5":null},{"a":1,"column_3":null,"column_3_2":3,"column_4":null,"column_5":5},{"a":6,"column_3":null,"column_3_2":null,"column_4":null,"column_5":null}]`,
		`x`: `[{"x":1},{"x":1},{"x":6}]`} {
		in := map[string]any{"file": wide["file"]}
		if columns != "" {
			in["columns"] = []any{columns}
		}
		if got := value.Text(s.must(t, "xlsx", in)["rows"]); got != want {
			t.Errorf("cells beyond the header are read as %s\nnot %s", got, want)
		}
	}
	for sheet, want := range map[string]string{"One & two": `[{"a":1}]`, "zwei": `[{"c":3}]`, "2": `[{"c":3}]`, "": `[{"a":1}]`} {
		got := s.must(t, "xlsx", map[string]any{"file": several["file"], "sheet": sheet})
		if value.Text(got["rows"]) != want || value.Text(got["sheets"]) != `["One & two","Zwei"]` {
			t.Errorf("the sheet %q is %v", sheet, got)
		}
	}
}

// TestLibreOffice: another program opens what is written, and what it writes is read.
func TestLibreOffice(t *testing.T) {
	office := program(t, "soffice")
	s, dir := &shelf{}, t.TempDir()
	out := s.must(t, "xlsx", map[string]any{"mode": "write", "sheets": []any{
		map[string]any{"name": "Leute", "list": []any{map[string]any{"name": "Zoë, \"Z\"", "n": 1234.5, "born": "1989-12-10", "at": "2026-01-31T09:30:15", "ok": true}}, "columns": []any{"name", "n", "born", "at", "ok"}},
		map[string]any{"name": "Zwei", "list": []any{map[string]any{"b": "=1+1"}}}}})
	path := filepath.Join(dir, "people.xlsx")
	if err := os.WriteFile(path, []byte(s.text(t, out["file"])), 0o600); err != nil {
		t.Fatal(err)
	}
	convert := func(to, from string) {
		t.Helper()
		cmd := exec.Command(office, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", to, "--outdir", dir, from)
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("LibreOffice: %v\n%s", err, said)
		}
	}
	convert(`csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,true,false,false,false,-1`, path)
	for sheet, want := range map[string]string{"Leute": "name,n,born,at,ok\n\"Zoë, \"\"Z\"\"\",1234.5,1989-12-10,2026-01-31 09:30:15,TRUE\n", "Zwei": "b\n=1+1\n"} {
		got, err := os.ReadFile(filepath.Join(dir, "people-"+sheet+".csv"))
		if err != nil || string(got) != want {
			t.Errorf("LibreOffice reads of %s %q, %v", sheet, got, err)
		}
	}
	convert("ods", path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	convert("xlsx", filepath.Join(dir, "people.ods"))
	again, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := s.must(t, "xlsx", map[string]any{"file": s.put("p.xlsx", "", again).Value()})
	if text := value.Text(got["rows"]); text != `[{"at":"2026-01-31T09:30:15","born":"1989-12-10","n":1234.5,"name":"Zoë, \"Z\"","ok":true}]` {
		t.Errorf("what LibreOffice wrote is read as %s", text)
	}
}

// workbookOf is a workbook of parts; those that are not given are the least there must be.
func workbookOf(t *testing.T, parts map[string]string) []byte {
	t.Helper()
	all := map[string]string{
		"_rels/.rels":                `<Relationships><Relationship Id="a" Type="http://x/officeDocument" Target="/xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<x:workbook xmlns:x="m" xmlns:r="r"><x:sheets><x:sheet name="S" r:id="s"/></x:sheets></x:workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="s" Type="http://x/worksheet" Target="sheet.xml"/><Relationship Id="t" Type="http://x/sharedStrings" Target="/xl/strings.xml"/><Relationship Id="f" Type="http://x/styles" Target="styles.xml"/></Relationships>`,
	}
	for name, text := range parts {
		all[name] = text
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range all {
		into, err := w.Create(name)
		if err == nil {
			_, err = into.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestForeignWorkbooks: what other programs write.
func TestForeignWorkbooks(t *testing.T) {
	styles := `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="[$-409]d\-mmm\-yyyy;@"/><numFmt numFmtId="171" formatCode="[h]:mm:ss"/><numFmt numFmtId="172" formatCode="0.00&quot;days&quot;[Red]"/></numFmts>` +
		`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="20"/><xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="172"/></cellXfs></styleSheet>`
	parts := func(cells string) map[string]string {
		return map[string]string{"xl/styles.xml": styles, "xl/strings.xml": `<sst><si><t>plain</t></si><si><r><t>ri</t></r><r><t xml:space="preserve">ch </t></r><rPh><t>no</t></rPh></si></sst>`,
			"xl/sheet.xml": `<worksheet><sheetData>` + cells + `</sheetData></worksheet>`}
	}
	for _, c := range []struct{ name, cells, want string }{
		{"texts", `<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="str"><f>A1</f><v>f_x000D_</v></c><c t="e"><v>#N/A</v></c><c t="inlineStr"><is><t/></is></c></row>`, `[["plain","rich ","f\r","#N/A"]]`},
		{"numbers", `<row><c><v>1</v></c><c><v>1.50</v></c><c><v>1E-3</v></c><c><f>1+1</f></c><c t="b"><v>1</v></c><c t="n"><v>+x</v></c></row>`, `[[1,1.5,0.001,null,true,"+x"]]`},
		{"dates", `<row><c s="1"><v>46053</v></c><c s="2"><v>46053.5</v></c><c s="3"><v>0.75</v></c><c s="4"><v>46053</v></c><c s="5"><v>1.0625</v></c><c s="6"><v>3</v></c><c s="1"><v>-1</v></c><c s="1"><v>46053.25</v></c><c t="d"><v>2026-01-31</v></c></row>`,
			`[["2026-01-31","2026-01-31T12:00:00","18:00:00","2026-01-31","25:30:00",3,-1,"2026-01-31T06:00:00","2026-01-31"]]`},
		{"the first days", `<row><c s="1"><v>1</v></c><c s="1"><v>59</v></c><c s="1"><v>61</v></c><c s="1"><v>2958466</v></c><c s="99"><v>5</v></c></row>`, `[["1900-01-01","1900-02-28","1900-03-01",2958466,5]]`},
		{"places", `<row r="3"><c r="C3"><v>1</v></c><c><v>2</v></c></row><row r="7"><c r="A7"><v>3</v></c></row><row/>`, `[[null,null,1,2],[3]]`},
		{"nothing", ``, `[]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &shelf{}
			got := s.must(t, "xlsx", map[string]any{"file": s.put("f", "", workbookOf(t, parts(c.cells))).Value(), "header": false})
			if value.Text(got["rows"]) != c.want {
				t.Errorf("it reads %s\nnot %s", value.Text(got["rows"]), c.want)
			}
		})
	}
	s, old := &shelf{}, parts(`<row><c s="1"><v>1</v></c></row>`)
	old["xl/workbook.xml"] = `<workbook xmlns:r="r"><workbookPr date1904="1"/><sheets><sheet name="S" r:id="s"/></sheets></workbook>`
	if got := value.Text(s.must(t, "xlsx", map[string]any{"file": s.put("f", "", workbookOf(t, old)).Value(), "header": false})["rows"]); got != `[["1904-01-02"]]` {
		t.Errorf("since 1904 it reads %s", got)
	}
}

func TestBadWorkbooks(t *testing.T) {
	sheet := func(text string) []byte { return workbookOf(t, map[string]string{"xl/sheet.xml": text}) }
	rows := strings.Repeat(`<row><c><v>1</v></c><c><v>1</v></c><c><v>1</v></c></row>`, 60_000)
	shared := `<sst>` + strings.Repeat("<si><t>"+strings.Repeat("x", 1000)+"</t></si>", 34_000) + `</sst>`
	good := sheet("<worksheet/>")
	for _, c := range []struct {
		name string
		file []byte
		code fault.Code
		want string
	}{
		{"old Excel", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more"), fault.InvalidInput, `The file "f" is encrypted, or a workbook of Excel before 2007 (.xls); save it as .xlsx without`},
		{"CSV", []byte("a,b\n1,2\n"), fault.InvalidInput, `The file "f" is damaged, or is no Excel workbook; look`},
		{"nothing", nil, fault.InvalidInput, `The file "f" is damaged, or is no Excel workbook;`},
		{"cut", good[:len(good)-40], fault.InvalidInput, `The file "f" is damaged, or is no Excel workbook;`},
		{"another zip", zipped(t, zip.FileHeader{Name: "a.txt"}), fault.InvalidInput, `The file "f" is damaged, or is no Excel workbook;`},
		{"no sheets", workbookOf(t, map[string]string{"xl/workbook.xml": "<workbook/>"}), fault.InvalidInput, `The file "f" is damaged, or is no Excel workbook;`},
		{"a missing sheet", workbookOf(t, nil), fault.InvalidInput, `The file "f" is damaged, or is no Excel workbook;`},
		{"cut XML", sheet(`<worksheet><row><c><v>1`), fault.InvalidInput, `The file "f" is damaged, or is no Excel workbook;`},
		{"an entity", sheet(`<!DOCTYPE x [<!ENTITY e "x">]><worksheet><row><c t="str"><v>&e;</v></c></row></worksheet>`), fault.InvalidInput, `The file "f" is damaged, or is no Excel workbook;`},
		{"a text that is not there", sheet(`<worksheet><row><c t="s"><v>5</v></c></row></worksheet>`), fault.InvalidInput, `The file "f" is damaged, or is no Excel workbook;`},
		{"too many values", sheet(`<worksheet>` + rows + `</worksheet>`), fault.TooLarge, `The output would hold more than 200000 values`},
		{"too long a text", sheet(`<worksheet><row><c t="str"><v>` + strings.Repeat("x", 2<<20) + `</v></c></row></worksheet>`), fault.TooLarge, `The workbook "f" holds a part or a text that is larger`},
		{"a text of many parts", sheet(`<worksheet><row><c t="inlineStr"><is>` + strings.Repeat("<t>"+strings.Repeat("x", 1000)+"</t>", 2000) + `</is></c></row></worksheet>`), fault.TooLarge, `The workbook "f" holds a part or a text that is larger`},
		{"too many texts", workbookOf(t, map[string]string{"xl/strings.xml": shared, "xl/sheet.xml": "<worksheet/>"}), fault.TooLarge, `The workbook "f" holds more than 32 MB of texts`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &shelf{}
			_, err := s.do(t, "xlsx", map[string]any{"file": s.put("f", "", c.file).Value(), "header": false})
			fails(t, err, c.code, c.want)
		})
	}
}

func TestXLSXInputs(t *testing.T) {
	s := &shelf{}
	file := s.put("f.xlsx", "", workbookOf(t, map[string]string{"xl/sheet.xml": `<worksheet><row><c><v>1</v></c></row></worksheet>`})).Value()
	for _, c := range []struct {
		in   map[string]any
		code fault.Code
		want string
	}{
		{map[string]any{}, fault.InvalidInput, "The input file: it refers to no file; take one"},
		{map[string]any{"file": file, "sheet": "T"}, fault.InvalidInput, `The input sheet: there is no sheet "T" in "f.xlsx"; there are S.`},
		{map[string]any{"file": file, "sheet": "2"}, fault.InvalidInput, `The input sheet: there is no sheet "2"`},
		{map[string]any{"file": file, "range": "A1:"}, fault.InvalidInput, `The input range: "A1:" is no range; write it as A3:F100, A:F or B3.`},
		{map[string]any{"file": file, "range": "Sheet!A1"}, fault.InvalidInput, `The input range: "Sheet!A1" is no range`},
		{map[string]any{"file": file, "range": "A1:5"}, fault.InvalidInput, `The input range: "A1:5" is no range`},
		{map[string]any{"file": file, "range": "C3:A1"}, fault.InvalidInput, `The input range: "C3:A1" ends before it begins`},
		{map[string]any{"file": file, "range": "ZZZ1"}, fault.InvalidInput, `The input range: "ZZZ1" ends before it begins, or lies outside`},
		{map[string]any{"mode": "write", "sheet": "a/b"}, fault.InvalidInput, `The input sheet: "a/b" cannot be a sheet's name: it has at most 31`},
		{map[string]any{"mode": "write", "list": []any{1}}, fault.InvalidInput, `The input list: item 0 is a number`},
		{map[string]any{"mode": "write", "list": []any{[]any{1}}, "sheets": []any{map[string]any{"name": "a"}}}, fault.InvalidInput, `The input sheets: it stands beside list`},
		{map[string]any{"mode": "write", "sheets": []any{map[string]any{"name": "a"}, map[string]any{"name": "A"}}}, fault.InvalidInput, `The input sheets/1/name: "A" is empty or stands there twice`},
		{map[string]any{"mode": "write", "sheets": []any{map[string]any{"name": "[a]"}}}, fault.InvalidInput, `The input sheets/0/name: "[a]" cannot be a sheet's name`},
		{map[string]any{"mode": "write", "sheets": []any{map[string]any{"name": "a", "list": []any{2}}}}, fault.InvalidInput, `The input sheets/0/list: item 0 is a number`},
		{map[string]any{"mode": "write", "sheets": many(maxSheets+1, func(i int) any { return map[string]any{"name": value.Text(i)} })}, fault.InvalidInput, `The input sheets: it lists 201; at most 200`},
		{map[string]any{"mode": "write", "list": []any{[]any{1, strings.Repeat("x", 32_768)}}}, fault.TooLarge, `The input list: the text for the cell B1 of "Sheet1" has more than 32767 characters`},
		{map[string]any{"mode": "write", "list": []any{many(maxSheetCols+1, func(int) any { return nil })}}, fault.TooLarge, `The input list: a sheet has at most 1048576 rows and 16384 columns`},
	} {
		_, err := s.do(t, "xlsx", c.in)
		fails(t, err, c.code, c.want)
	}
	if got := issues(t, "xlsx", `{"range":"A1:","file":{"file":"{{ x }}"}}`); got != `/range "A1:" is no range; write it as A3:F100, A:F or B3.` {
		t.Errorf("publishing says %q", got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.doWith(t, ctx, "xlsx", map[string]any{"mode": "write", "list": []any{[]any{1}}}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled it says %v", err)
	}
	for n, letters := range map[int]string{1: "A", 26: "Z", 27: "AA", 702: "ZZ", 703: "AAA", 16384: "XFD"} {
		if columnLetters(n) != letters || columnNumber(letters) != n {
			t.Errorf("%d is %s, %s is %d", n, columnLetters(n), letters, columnNumber(letters))
		}
	}
}

// FuzzXLSX: whatever a sheet holds, it is read or refused.
func FuzzXLSX(f *testing.F) {
	f.Add(`<worksheet><row r="2"><c r="B2" t="s" s="1"><v>1</v></c></row></worksheet>`, `<sst><si><t>x</t></si></sst>`, `<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>`)
	f.Fuzz(func(t *testing.T, sheet, shared, styles string) {
		s := &shelf{}
		file := s.put("f", "", workbookOf(t, map[string]string{"xl/sheet.xml": sheet, "xl/strings.xml": shared, "xl/styles.xml": styles}))
		if _, err := s.do(t, "xlsx", map[string]any{"file": file.Value()}); err != nil && fault.CodeOf(err) != fault.InvalidInput && fault.CodeOf(err) != fault.TooLarge {
			t.Error(err)
		}
	})
}
