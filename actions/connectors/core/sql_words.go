package core

import "strings"

// changes are the verbs of statements that change something, and give no rows by themselves.
var changes = map[string]bool{"INSERT": true, "UPDATE": true, "DELETE": true, "MERGE": true, "REPLACE": true, "CREATE": true, "ALTER": true, "DROP": true, "TRUNCATE": true,
	"GRANT": true, "REVOKE": true, "RENAME": true, "REINDEX": true, "COMMENT": true}

// verbOf is what a statement does, in capitals, and whether it gives back the rows that it changes. Of a WITH it is the
// statement behind it. Where it is not certain nothing is claimed of it: the database knows.
func verbOf(query string, backslash bool) (verb string, returns bool) {
	w := statement{text: query, backslash: backslash}
	for word := w.next(); word != ""; word = w.next() {
		switch {
		case w.depth > 0:
		case verb == "" || verb == "WITH" && (changes[word] || word == "SELECT" || word == "VALUES" || word == "TABLE"):
			verb = word
		case word == "RETURNING":
			returns = true
		}
	}
	return verb, returns
}

// blank says that a text holds no statement: nothing at all, or only spaces, comments and semicolons. SQLite's driver must get none such.
func blank(query string) bool {
	w := statement{text: query}
	return w.next() == ""
}

// several says that a text of SQLite's holds more than one statement. A trigger has some within it, up to its end.
func several(query string) bool {
	w := statement{text: query}
	first := w.next()
	w.ends = 0 // of those in front
	trigger, cases, closed := false, 0, false
	for i, word := 1, w.next(); word != ""; i, word = i+1, w.next() {
		if w.ends > 0 && (!trigger || closed) {
			return true
		}
		switch {
		case first == "CREATE" && word == "TRIGGER" && i <= 2: // CREATE TEMP TRIGGER
			trigger = true
		case word == "CASE":
			cases++
		case word == "END" && cases > 0:
			cases--
		case word == "END" && w.ends > 0:
			closed, w.ends = true, 0
		}
	}
	return false
}

// statement goes through the words of a statement that stand in no text, name in quotes or comment.
type statement struct {
	text      string
	depth     int // of brackets
	ends      int // semicolons outside of them
	backslash bool
}

// next is the next word, in capitals; empty: there is none.
func (w *statement) next() string {
	for w.text != "" {
		c := w.text[0]
		switch {
		case wordy(c):
			n := 1
			for n < len(w.text) && (wordy(w.text[n]) || w.text[n] >= '0' && w.text[n] <= '9' || w.text[n] == '$') {
				n++
			}
			word := w.text[:n]
			w.text = w.text[n:]
			if (word == "e" || word == "E") && strings.HasPrefix(w.text, "'") {
				w.quoted('\'', true)
				continue
			}
			return strings.ToUpper(word)
		case c == '\'' || c == '"' || c == '`':
			w.quoted(c, w.backslash && c != '`')
		case strings.HasPrefix(w.text, "--") || c == '#' && w.backslash:
			w.behind("\n", 2)
		case strings.HasPrefix(w.text, "/*"):
			w.behind("*/", 2)
		case c == '$':
			if end := strings.IndexByte(w.text[1:], '$'); end >= 0 && !strings.ContainsFunc(w.text[1:1+end], func(r rune) bool { return r > 127 || !wordy(byte(r)) && (r < '0' || r > '9') }) &&
				(end == 0 || wordy(w.text[1])) {
				w.behind(w.text[:end+2], end+2)
				continue
			}
			w.text = w.text[1:]
		default:
			switch c {
			case '(':
				w.depth++
			case ')':
				w.depth--
			case ';':
				w.ends++
			}
			w.text = w.text[1:]
		}
	}
	return ""
}

func wordy(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

// quoted goes behind a text in quotes, in which a quote stands twice.
func (w *statement) quoted(quote byte, backslash bool) {
	i := 1
	for ; i < len(w.text); i++ {
		switch {
		case w.text[i] == '\\' && backslash:
			i++
		case w.text[i] == quote && i+1 < len(w.text) && w.text[i+1] == quote:
			i++
		case w.text[i] == quote:
			w.text = w.text[i+1:]
			return
		}
	}
	w.text = ""
}

// behind goes behind the next mark, which begins at a place or later.
func (w *statement) behind(mark string, from int) {
	from = min(from, len(w.text))
	at := strings.Index(w.text[from:], mark)
	if at < 0 {
		w.text = ""
		return
	}
	w.text = w.text[from+at+len(mark):]
}
