package core

import (
	"encoding/json"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// statements reads the script up to its first request.
func (p *psReader) statements(c *curling) error {
	for p.token().kind != psEnd {
		t := p.token()
		for p.is("(") { // (Invoke-RestMethod …).items
			t = p.tokens[min(p.at+1, len(p.tokens)-1)]
			p.at++
		}
		switch {
		case t.kind == psLine:
			p.next()
		case t.kind == psWord && psBegins.MatchString(t.text):
			p.next()
			if err := p.sent(c); err != nil {
				return err
			}
			return p.behind()
		case t.kind == psVariable:
			p.next()
			if err := p.assigned(strings.ToLower(t.text)); err != nil {
				return err
			}
		default:
			p.skip()
		}
	}
	return fault.New(fault.InvalidInput, "The command has no Invoke-WebRequest or Invoke-RestMethod.")
}

// behind tells what follows a request.
func (p *psReader) behind() error {
	for p.is(")") {
		p.next()
	}
	if p.token().kind == psWord && strings.HasPrefix(p.token().text, ".") || p.is("|") || p.is("[") {
		p.notes = append(p.notes, "What stands behind the command is left out: a further step does that with this one's output.")
	}
	for p.skip(); p.token().kind != psEnd; p.skip() {
		if t := p.token(); t.kind == psWord && psBegins.MatchString(t.text) {
			p.notes = append(p.notes, "Only the first request is taken; others stand behind it.")
			return nil
		}
		p.next()
	}
	return nil
}

// skip goes to the end of a statement.
func (p *psReader) skip() {
	for deep := 0; p.token().kind != psEnd && (deep > 0 || p.token().kind != psLine); p.next() {
		switch p.token().mark {
		case "(", "@(", "@{", "{":
			deep++
		case ")", "}":
			deep--
		}
	}
}

// assigned reads what stands behind a variable at the beginning of a statement: a value, a member's or an entry.
func (p *psReader) assigned(name string) error {
	var member string
	if t := p.token(); t.kind == psWord && strings.HasPrefix(t.text, ".") {
		member = p.next().text[1:]
	}
	object, _ := p.vars[name].(map[string]any)
	if object == nil {
		object = map[string]any{}
	}
	switch {
	case p.is("(") && strings.HasSuffix(member, "Add"): // .Add("name", "value"), and .Cookies.Add(…)
		p.next()
		if strings.HasPrefix(member, "Cookies") {
			object["Cookies"] = true
		} else {
			key, err := p.single()
			if err != nil {
				return err
			}
			if p.is(",") {
				p.next()
			}
			v, err := p.value()
			if err != nil {
				return err
			}
			object[value.Text(key)] = v
		}
	case p.is("["):
		p.next()
		key, err := p.value()
		if err != nil {
			return err
		}
		if p.is("]") {
			p.next()
		}
		if !p.is("=") {
			break
		}
		p.next()
		if object[value.Text(key)], err = p.value(); err != nil {
			return err
		}
	case p.is("="):
		p.next()
		if t := p.token(); t.kind == psWord && psBegins.MatchString(t.text) || p.is("(") {
			return nil // as $response = Invoke-RestMethod …
		}
		v, err := p.value()
		if err == nil {
			v, err = p.piped(v)
		}
		if err != nil {
			return err
		}
		if member == "" {
			p.vars[name] = v
			p.skip()
			return nil
		}
		object[member] = v
	}
	p.vars[name] = object
	p.skip()
	return nil
}

// value reads a value, or several with commas between them.
func (p *psReader) value() (any, error) {
	v, err := p.single()
	if err != nil || !p.is(",") {
		return v, err
	}
	list := []any{v}
	for p.is(",") {
		p.next()
		p.lines()
		if v, err = p.single(); err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// single reads a text, a number, a variable, a dictionary, a list, or what is made of these in brackets.
func (p *psReader) single() (any, error) {
	if p.deep++; p.deep > 50 {
		return nil, fault.New(fault.InvalidInput, "The command goes deeper than 50 levels.")
	}
	defer func() { p.deep-- }()
	switch t := p.next(); {
	case t.kind == psText:
		return p.put(t.text), nil
	case t.kind == psVariable:
		v, ok := p.vars[strings.ToLower(t.text)]
		if member := p.token(); member.kind == psWord && strings.HasPrefix(member.text, ".") {
			p.next()
			return p.unset("$" + t.text + member.text), nil
		}
		if !ok {
			return p.unset("$" + t.text), nil
		}
		return v, nil
	case t.kind == psWord && strings.EqualFold(t.text, "New-Object"):
		for p.token().kind == psWord || p.token().kind == psText || p.is("[") || p.is("]") || p.is(",") {
			p.next()
		}
		return map[string]any{}, nil
	case t.kind == psWord:
		if n := json.Number(t.text); json.Valid([]byte(t.text)) {
			if _, err := n.Float64(); err == nil {
				return n, nil
			}
		}
		return t.text, nil
	case t.mark == "[": // a type in front of a value, as [ordered]@{…}, or the name of a class, as [System.Text.Encoding]::UTF8.GetBytes(…)
		for !p.is("]") && p.token().kind != psEnd {
			p.next()
		}
		p.next()
		if word := p.token(); word.kind == psWord && strings.HasPrefix(word.text, "::") {
			p.next()
		}
		return p.value()
	case t.mark == "(":
		return p.group()
	case t.mark == "@{":
		return p.dictionary()
	case t.mark == "@(":
		return p.array()
	}
	return nil, fault.New(fault.InvalidInput, "A value of the command is not understood; paste the one command alone, with its values written out.")
}

// group reads what stands in round brackets. What another command would give stays as it is written.
func (p *psReader) group() (any, error) {
	p.lines()
	if t := p.token(); t.kind == psWord && psVerb.MatchString(t.text) && !strings.EqualFold(t.text, "New-Object") {
		given := p.command(")")
		p.next()
		return given, nil
	}
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	if v, err = p.piped(v); err != nil {
		return nil, err
	}
	p.lines()
	if !p.is(")") {
		return nil, unclosed("(")
	}
	p.next()
	return v, nil
}

// command reads a command up to a mark or the end of its line, and stays as it is written.
func (p *psReader) command(end string) string {
	text := "(" + p.next().text
	for !p.is(end) && p.token().kind != psEnd && (end == ")" || p.token().kind != psLine) {
		text += " " + p.next().text
	}
	return p.unset(text + ")")
}

// piped turns a value into what the commands behind it make of it, of which those are known that write JSON.
func (p *psReader) piped(v any) (any, error) {
	for p.is("|") {
		p.next()
		if t := p.token(); t.kind == psWord && strings.EqualFold(t.text, "ConvertTo-Json") {
			b, err := value.Encode(v)
			if err != nil {
				return nil, err
			}
			v = string(b)
		}
		for p.token().kind == psWord || p.token().kind == psText || p.token().kind == psVariable {
			p.next()
		}
	}
	return v, nil
}

func (p *psReader) lines() {
	for p.token().kind == psLine {
		p.next()
	}
}

func (p *psReader) dictionary() (any, error) {
	out := map[string]any{}
	for {
		p.lines()
		if p.is("}") {
			p.next()
			return out, nil
		}
		key := p.next()
		if key.kind != psWord && key.kind != psText || !p.is("=") {
			return nil, unclosed("@{")
		}
		p.next()
		p.lines()
		if t, behind := p.token(), p.tokens[min(p.at+1, len(p.tokens)-1)]; t.kind == psWord && psVerb.MatchString(t.text) && (behind.kind == psWord || behind.kind == psText || behind.kind == psVariable) {
			out[key.text] = p.command("}")
			continue
		}
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		out[key.text] = v
	}
}

func (p *psReader) array() (any, error) {
	out := []any{}
	for {
		p.lines()
		switch {
		case p.is(")"):
			p.next()
			return out, nil
		case p.is(","):
			p.next()
			continue
		}
		v, err := p.single()
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
}
