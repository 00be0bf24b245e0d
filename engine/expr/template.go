package expr

import (
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Template is a compiled value: any JSON value whose texts may hold {{ expressions }}. It is safe for concurrent use.
type Template struct {
	node   any // *program, *mixed, *object, *list, or a static value
	static bool
	reads  reads
}

// mixed is a text with expressions within.
type mixed struct {
	texts    []string // one more than programs
	programs []*program
}

type object struct {
	names  []string
	values []any
}

type list struct{ items []any }

// CompileTemplate compiles a value. A text that is exactly one {{ expression }} keeps the expression's type; elsewhere
// the values are put into the text. Object keys are never templates. The error is InvalidInput and carries every problem
// with its pointer inside v and its column in that text.
func CompileTemplate(v any) (*Template, error) {
	c := templateCompiler{}
	node, static := c.compile(v, "")
	if len(c.problems) > 0 {
		return nil, refusal(c.problems)
	}
	return &Template{node, static, c.reads}, nil
}

// Static says that there is no expression inside.
func (t *Template) Static() bool { return t.static }

// Eval gives the value with its expressions evaluated. All of them share one evaluation's bounds. The value is the
// caller's own: nothing in it is shared with vars or with another evaluation.
func (t *Template) Eval(vars Vars, m Moment) (any, error) {
	s, err := begin(vars, t.reads, m)
	if err != nil {
		return nil, err
	}
	defer s.end()
	v, err := s.fill(t.node)
	if err != nil {
		return nil, err
	}
	return v, nil
}

type templateCompiler struct {
	problems []fault.Problem
	reads    reads
}

func (c *templateCompiler) compile(v any, path string) (node any, static bool) {
	switch v := v.(type) {
	case string:
		return c.text(v, path)
	case map[string]any:
		o, static := &object{}, true
		for _, name := range sortedNames(v) {
			member, fixed := c.compile(v[name], path+"/"+escapePointer(name))
			o.names, o.values, static = append(o.names, name), append(o.values, member), static && fixed
		}
		if static {
			return plain(o), true
		}
		return o, false
	case []any:
		l, static := &list{}, true
		for i, item := range v {
			node, fixed := c.compile(item, path+"/"+itoa(i))
			l.items, static = append(l.items, node), static && fixed
		}
		if static {
			return plain(l), true
		}
		return l, false
	}
	n, err := value.Normalize(v)
	if err != nil {
		c.problems = append(c.problems, fault.Problem{Path: path, Message: fault.MessageOf(err)})
	}
	return n, true
}

// plain turns a compiled value without expressions back into the value.
func plain(node any) any {
	switch node := node.(type) {
	case *object:
		out := make(map[string]any, len(node.names))
		for i, name := range node.names {
			out[name] = node.values[i]
		}
		return out
	case *list:
		return append([]any{}, node.items...)
	}
	return node
}

func (c *templateCompiler) text(s, path string) (any, bool) {
	parts, bad := split(s)
	if bad != nil {
		c.problems = append(c.problems, bad.at(path, s, 0))
		return nil, true
	}
	if len(parts) == 1 && !parts[0].code {
		return strings.ToValidUTF8(parts[0].text, "\uFFFD"), true
	}
	m := &mixed{texts: []string{""}}
	for _, part := range parts {
		if !part.code {
			m.texts[len(m.texts)-1] += strings.ToValidUTF8(part.text, "\uFFFD")
			continue
		}
		p, bad := compile(part.text, false)
		if len(bad) > 0 {
			c.problems = append(c.problems, placed(path, s, part.offset, bad)...)
			continue
		}
		c.reads.add(p.reads)
		m.programs, m.texts = append(m.programs, p), append(m.texts, "")
	}
	if len(parts) == 1 && len(m.programs) == 1 {
		return m.programs[0], false
	}
	return m, false
}

// fill gives the value of a compiled one.
func (s *state) fill(node any) (any, error) {
	switch node := node.(type) {
	case *program:
		v, err := node.run(s)
		if err != nil {
			return nil, err
		}
		if v, err = s.settle(v, 0); err != nil {
			return nil, runError(node.src, err)
		}
		return v, nil
	case *mixed:
		return s.mix(node)
	case *object:
		out := make(map[string]any, len(node.names))
		for i, name := range node.names {
			v, err := s.fill(node.values[i])
			if err != nil {
				return nil, below(err, "/"+escapePointer(name))
			}
			out[name] = v
		}
		return out, nil
	case *list:
		out := make([]any, len(node.items))
		for i, item := range node.items {
			v, err := s.fill(item)
			if err != nil {
				return nil, below(err, "/"+itoa(i))
			}
			out[i] = v
		}
		return out, nil
	}
	return s.settle(node, 0)
}

func (s *state) mix(node *mixed) (any, error) {
	var b strings.Builder
	for i, p := range node.programs {
		v, err := p.run(s)
		if err != nil {
			return nil, err
		}
		text, err := s.text(v)
		if err == nil && b.Len()+len(node.texts[i])+len(text) > maxText {
			err = tooLong()
		}
		if err != nil {
			return nil, runError(p.src, err)
		}
		b.WriteString(node.texts[i])
		b.WriteString(text)
	}
	b.WriteString(node.texts[len(node.programs)])
	return b.String(), nil
}

// below puts a step of the way to the failed place in front of an error.
func below(err error, step string) error {
	message := fault.MessageOf(err)
	path := ""
	if problems := fault.ProblemsOf(err); len(problems) == 1 {
		path = problems[0].Path
		message = problems[0].Message
	}
	path = step + path
	return fault.Invalid(fault.Clip(fault.Clip(path, 100)+": "+message, maxMessage), []fault.Problem{{Path: path, Message: message}})
}
