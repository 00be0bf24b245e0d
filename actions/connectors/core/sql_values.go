package core

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/value"
)

// bind is the value of an input as a driver takes it.
func bind(name string, v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string, float64:
		return v, nil
	case int:
		return int64(v), nil
	case json.Number: // beyond 64 bits: the database reads it
		return v.String(), nil
	}
	if _, file := value.FileOf(v); file || value.HasFile(v) {
		return nil, wrong(name, "it is a file, which no query takes; give its text, as by core.text_file or core.pdf_text.")
	}
	b, err := value.Encode(v)
	if err != nil {
		return nil, err
	}
	return string(b), nil
}

// given is the value of a column of some type. What no value can be is text.
func (d dialect) given(kind string, v any) any {
	if d.cell != nil {
		if got := d.cell(kind, v); got != nil {
			return got
		}
	}
	switch v := v.(type) {
	case nil:
		return nil
	case bool:
		return v
	case int64:
		return int(v)
	case uint64:
		if v > math.MaxInt64 {
			return json.Number(strconv.FormatUint(v, 10))
		}
		return int(v)
	case float32:
		return decimal(strconv.FormatFloat(float64(v), 'g', -1, 32))
	case float64:
		return decimal(strconv.FormatFloat(v, 'g', -1, 64))
	case time.Time:
		return moment(kind, v)
	case string:
		return column(kind, v)
	case []byte:
		return column(kind, string(v))
	}
	return nil
}

// column is a value that comes as text.
func column(kind, text string) any {
	switch kind {
	case "JSON", "JSONB":
		if v, err := value.Decode([]byte(text), value.Limits{}); err == nil {
			return v
		}
	case "NUMERIC", "DECIMAL", "UNSIGNED DECIMAL":
		return decimal(text)
	case "BYTEA", "BLOB", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB", "BINARY", "VARBINARY", "BIT":
		return base64.StdEncoding.EncodeToString([]byte(text))
	}
	if !utf8.ValidString(text) {
		return base64.StdEncoding.EncodeToString([]byte(text))
	}
	return text
}

// decimal is a number where it is one exactly, and its text otherwise: an amount of money loses nothing.
func decimal(text string) any {
	if strings.ContainsAny(text, "nN") { // NaN, Infinity
		return text
	}
	digits := strings.TrimLeft(strings.NewReplacer("-", "", ".", "").Replace(text), "0")
	if at := strings.IndexAny(digits, "eE"); at < 0 && len(digits) > 15 && strings.Contains(text, ".") {
		if f, err := strconv.ParseFloat(text, 64); err != nil || strconv.FormatFloat(f, 'f', -1, 64) != text {
			return text
		}
	}
	if n, err := value.Number(text); err == nil {
		return n
	}
	return text
}

// moment is a time as text, of the form that its column has.
func moment(kind string, at time.Time) string {
	switch kind {
	case "DATE":
		return at.Format("2006-01-02")
	case "TIME":
		return at.Format("15:04:05.999999")
	case "TIMETZ":
		return at.Format("15:04:05.999999Z07:00")
	case "TIMESTAMP", "DATETIME": // of no zone that anybody knows
		return at.Format("2006-01-02T15:04:05.999999")
	}
	return at.UTC().Format(time.RFC3339Nano)
}
