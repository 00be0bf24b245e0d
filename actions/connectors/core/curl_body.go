package core

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// escaped is a pair as --data-urlencode takes it; false: it lies in a file.
func (c *curling) escaped(v string) (string, bool) {
	name, text, ok := strings.Cut(v, "=")
	before, file, in := strings.Cut(v, "@")
	switch {
	case in && !strings.Contains(before, "="):
		c.noFile(file)
		return "", false
	case !ok:
		return url.QueryEscape(v), true
	case name == "":
		return url.QueryEscape(text), true
	}
	return name + "=" + url.QueryEscape(text), true
}

func (c *curling) part(option, v string) {
	name, text, _ := strings.Cut(v, "=")
	if c.parts == nil {
		c.parts = map[string]any{}
	}
	if option != "form-string" && (strings.HasPrefix(text, "@") || strings.HasPrefix(text, "<")) {
		c.note("The file of the part %s is not read; put a file of an earlier step there, as {{ steps.download.file }}.", fault.Clip(name, 60))
		text = ""
	} else if option != "form-string" {
		text = c.partText(name, text)
	}
	if have, ok := c.parts[name]; ok {
		list, isList := have.([]any)
		if !isList {
			list = []any{have}
		}
		c.parts[name] = append(list, text)
		return
	}
	c.parts[name] = text
}

// partText is the text of a part without what curl takes for its type, its file name or its headers. In quotes it holds all of it.
func (c *curling) partText(name, text string) string {
	rest := ""
	if m := quotedPart.FindStringSubmatch(text); m != nil {
		text, rest = strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(m[1]), m[2]
	} else if at := partParameter.FindStringIndex(text); at != nil {
		text, rest = strings.TrimRight(text[:at[0]], " \t"), text[at[0]:]
	}
	if rest != "" {
		c.note("%s of the part %s is left out, as a text is sent without it. What needs it goes there as a file, whose name and type core.text_file sets.", fault.Clip(strings.Trim(rest, "; "), 60), fault.Clip(name, 60))
	}
	return text
}

var (
	partParameter = regexp.MustCompile(`(?i);[ \t]*(?:type|filename|headers|encoder)=`)
	quotedPart    = regexp.MustCompile(`^"((?:[^"\\]|\\.)*)"[ \t]*(;.*)?$`)
)

// body chooses the input for a body by its type, or by what it looks like.
func (c *curling) body(with map[string]any, body string) {
	kind := ""
	for name, v := range c.headers {
		if strings.EqualFold(name, "Content-Type") {
			kind = strings.ToLower(value.Text(v))
		}
	}
	if c.json || strings.Contains(kind, "json") || kind == "" && strings.HasPrefix(strings.TrimSpace(body), "{") {
		if v, err := value.Decode([]byte(body), value.Stored()); err == nil {
			with["json"] = v
			if !strings.Contains(kind, "+json") && !strings.Contains(kind, "vnd.") { // the request says application/json by itself
				c.drop("Content-Type")
			}
			return
		}
		c.note("The body is no JSON, and is sent as text.")
	}
	if form, err := url.ParseQuery(body); err == nil && (kind == "" || strings.HasPrefix(kind, "application/x-www-form-urlencoded")) && strings.Contains(body, "=") {
		members := map[string]any{}
		for name, list := range form {
			if members[name] = list[0]; len(list) > 1 {
				all := make([]any, len(list))
				for i, v := range list {
					all[i] = v
				}
				members[name] = all
			}
		}
		with["form"] = members
		c.drop("Content-Type")
		return
	}
	with["text"] = body
	if kind == "" {
		c.headers["Content-Type"] = "application/x-www-form-urlencoded" // what curl sends
	}
}

func (c *curling) drop(name string) {
	for have := range c.headers {
		if strings.EqualFold(have, name) {
			delete(c.headers, have)
		}
	}
}
