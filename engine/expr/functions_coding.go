package expr

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"hash"
	"net/url"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func codingFunctions() []entry {
	f := func(name, signature, summary string, least, most int, call func(*args) (any, error), examples ...Example) entry {
		return entry{Function: Function{name, "coding", signature, summary, examples}, min: least, max: most, call: call}
	}
	return []entry{
		f("json", "json(value) → text", "As compact JSON with sorted names.", 1, 1, func(a *args) (any, error) {
			b, err := a.s.encode(a.list[0])
			if err != nil {
				return nil, err
			}
			return string(b), nil
		}, Example{`json({"b": 1, "a": [nil]})`, `"{\"a\":[null],\"b\":1}"`}),
		f("parse_json", "parse_json(text) → value", "The value of a JSON text; whole numbers stay exact.", 1, 1, func(a *args) (any, error) {
			text := a.text(0)
			if a.err != nil {
				return nil, a.err
			}
			v, err := value.Decode([]byte(text), value.Limits{})
			if err != nil {
				return a.fails("%s", fault.MessageOf(err))
			}
			return v, a.s.weigh(v, 0)
		}, Example{`parse_json("{\"a\": [1]}").a[0]`, `1`}),
		f("csv", "csv(list, [separator]) → text", "Rows as CSV: of lists as they are, of objects with a first row of names.", 1, 2, makeCSV, Example{`csv([{"a": 1, "b": "x,y"}])`, `"a,b\n1,\"x,y\"\n"`}, Example{`csv([[1, 2]], ";")`, `"1;2\n"`}),
		f("parse_csv", "parse_csv(text, [separator], [names]) → list", "The rows of CSV as objects by the names in its first row; with false for names, as lists.", 1, 3, parseCSV, Example{`parse_csv("a,b\n1,2")`, `[{"a":"1","b":"2"}]`}, Example{`parse_csv("1;2", ";", false)`, `[["1","2"]]`}),
		f("base64", "base64(text) → text", "In base64.", 1, 1, func(a *args) (any, error) { return a.made(base64.StdEncoding.EncodeToString([]byte(a.text(0)))) }, Example{`base64("hi?")`, `"aGk/"`}),
		f("base64_decode", "base64_decode(text) → text", "The text of base64, of either alphabet.", 1, 1, func(a *args) (any, error) {
			text := strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(a.text(0)), "=")
			b, err := base64.RawStdEncoding.DecodeString(text)
			if err != nil {
				return a.fails("the text is not base64.")
			}
			return a.made(strings.ToValidUTF8(string(b), "\uFFFD"))
		}, Example{`base64_decode("aGk/")`, `"hi?"`}),
		f("url_encode", "url_encode(text) → text", "As part of a URL.", 1, 1, func(a *args) (any, error) {
			return a.made(strings.ReplaceAll(url.QueryEscape(a.text(0)), "+", "%20"))
		}, Example{`url_encode("a b&c")`, `"a%20b%26c"`}),
		f("url_decode", "url_decode(text) → text", "The text of a part of a URL.", 1, 1, func(a *args) (any, error) {
			text, err := url.QueryUnescape(a.text(0))
			if err != nil {
				return a.fails("an escape in the text is wrong.")
			}
			return a.made(strings.ToValidUTF8(text, "\uFFFD"))
		}, Example{`url_decode("a%20b")`, `"a b"`}),
	}
}

func separator(a *args) (rune, error) {
	text := a.textOr(1, ",")
	r := []rune(text)
	if len(r) != 1 || r[0] == '"' || r[0] == '\n' || r[0] == '\r' || r[0] == '\uFFFD' {
		_, err := a.fails("the separator is one character, not %s.", quote(text))
		return 0, err
	}
	return r[0], a.err
}

func makeCSV(a *args) (any, error) {
	by, err := separator(a)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = by
	var names []string
	for i, item := range a.items(0) {
		row := []string{}
		switch v := item.(type) {
		case []any:
			for _, cell := range v {
				text, err := a.s.text(cell)
				if err != nil {
					return nil, err
				}
				row = append(row, text)
			}
		case map[string]any:
			if names == nil {
				names = sortedNames(v)
				if err := w.Write(names); err != nil {
					return a.fails("the rows cannot be written.")
				}
			}
			for _, name := range names {
				text, err := a.s.text(v[name])
				if err != nil {
					return nil, err
				}
				row = append(row, text)
			}
		default:
			return a.fails("row %d is %s; rows are lists or objects.", i+1, kindOf(item))
		}
		if err := a.s.charge(len(row)); err != nil {
			return nil, err
		}
		if err := w.Write(row); err != nil {
			return a.fails("the rows cannot be written.")
		}
		if b.Len() > maxText {
			return nil, tooLong()
		}
	}
	w.Flush()
	return a.made(b.String())
}

func parseCSV(a *args) (any, error) {
	by, err := separator(a)
	if err != nil {
		return nil, err
	}
	named := true
	if len(a.list) == 3 {
		named, _ = a.list[2].(bool)
	}
	text := a.text(0)
	if cells := strings.Count(text, string(by)) + strings.Count(text, "\n"); cells > maxCells {
		return a.fails("the text has more than 100,000 cells.")
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = by, -1
	rows, err := r.ReadAll()
	if err != nil {
		return a.fails("the text is not CSV: a quote is wrong.")
	}
	out := []any{}
	for i, row := range rows {
		if err := a.s.charge(2 + len(row)); err != nil {
			return nil, err
		}
		if !named {
			list := make([]any, len(row))
			for j, cell := range row {
				list[j] = cell
			}
			out = append(out, list)
			continue
		}
		if i == 0 {
			continue
		}
		object := map[string]any{}
		for j, name := range rows[0][:min(len(rows[0]), len(row))] {
			object[name] = row[j]
		}
		out = append(out, object)
	}
	return a.gives(out)
}

func cryptoFunctions() []entry {
	f := func(name, signature, summary string, least, most int, call func(*args) (any, error), example, result string) entry {
		return entry{Function: Function{name, "crypto", signature, summary, []Example{{example, result}}}, min: least, max: most, call: call}
	}
	sum := func(name string, make func() hash.Hash, example, result string) entry {
		return f(name, name+"(text) → text", "Its hash in hex.", 1, 1, func(a *args) (any, error) {
			h := make()
			h.Write([]byte(a.text(0)))
			return a.made(hex.EncodeToString(h.Sum(nil)))
		}, example, result)
	}
	mac := func(name string, make func() hash.Hash, example, result string) entry {
		return f(name, name+"(text, key) → text", "Its keyed hash in hex.", 2, 2, func(a *args) (any, error) {
			h := hmac.New(make, []byte(a.text(1)))
			h.Write([]byte(a.text(0)))
			return a.made(hex.EncodeToString(h.Sum(nil)))
		}, example, result)
	}
	return []entry{
		sum("md5", md5.New, `md5("a")`, `"0cc175b9c0f1b6a831c399e269772661"`),
		sum("sha1", sha1.New, `sha1("a")`, `"86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"`),
		sum("sha256", sha256.New, `sha256("a")`, `"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"`),
		sum("sha512", sha512.New, `sha512("a")[0:16]`, `"1f40fc92da241694"`),
		mac("hmac_sha1", sha1.New, `hmac_sha1("a", "key")`, `"0db21f05052f323e714ef9bf1f7b000ffe97e8a0"`),
		mac("hmac_sha256", sha256.New, `hmac_sha256("a", "key")`, `"780c3db4ce3de5b9e55816fba98f590631d96c075271b26976238d5f4444219b"`),
		mac("hmac_sha512", sha512.New, `len(hmac_sha512("a", "key"))`, `128`),
		f("uuid", "uuid() → text", "A new identifier, taken once an attempt.", 0, 0, func(a *args) (any, error) { return a.s.uuid(), nil }, `len(uuid())`, `36`),
	}
}
