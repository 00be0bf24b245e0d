package core

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stepmill/stepmill/actions"
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
	if f, is := value.FileOf(v); is {
		if f.Size > maxBound {
			return nil, wrong(name, "the file %s has more than %d MB; at most that goes to a database.", shownName(f), maxBound>>20)
		}
		return f, nil
	}
	if value.HasFile(v) {
		return nil, wrong(name, "a file is within it, which JSON cannot hold; give the file as a value of its own, which goes there as its bytes, or its text, as by core.text_file.")
	}
	if mark, _ := v.(map[string]any); len(mark) == 1 {
		if text, is := mark["base64"].(string); is {
			b, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return nil, wrong(name, "%s is no base64, as which its member base64 is read.", shown(text))
			}
			return b, nil
		}
	}
	b, err := value.Encode(v)
	if err != nil {
		return nil, err
	}
	return string(b), nil
}

// files puts the bytes of files in their places.
func (q *question) files(ctx context.Context, do actions.Doer) error {
	left := int64(maxBound)
	for i, v := range q.values {
		f, is := v.(value.File)
		if !is {
			continue
		}
		in, err := reading(ctx, do, f)
		if err != nil {
			return err
		}
		b, err := io.ReadAll(io.LimitReader(in, left+1))
		in.Close()
		if err != nil {
			return err
		}
		if left -= int64(len(b)); left < 0 {
			return wrong("values", "the files have more than %d MB together; at most that goes to a database in one query.", maxBound>>20)
		}
		q.values[i] = b
	}
	return nil
}

// given is the value of a column of some type. What no value can be is text.
func (d dialect) given(kind string, v any) any {
	if d.cell != nil {
		if got, ok := d.cell(kind, v); ok {
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
