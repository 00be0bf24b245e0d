package core

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func yamlAction() actions.Action {
	return dataStep(actions.Action{
		ID: "yaml", Name: "YAML", Description: "Reads YAML into a value, or writes a value as YAML.",
		Input: []actions.Field{
			choice("mode", "Mode", "Which way.", "parse", "parse", "Read YAML into a value", "write", "Write a value as YAML"),
			field("text", "YAML", actions.LongText, "To read: the text. Aliases are filled in within bounds; dates stay texts.", "name: Ada\nage: 36\n"),
			field("value", "Value", actions.JSON, "To write: any value; its members are sorted by their names.", map[string]any{"name": "Ada", "age": 36}),
			choice("documents", "Documents", "A text may hold several, with --- between them.", "one", "one", "One: a second one is an error", "all", "All: to read gives a list, and to write takes one"),
		},
		Sample: map[string]any{"name": "Ada", "age": 36},
	}, func(ctx context.Context, in actions.Input) (any, error) {
		all := textOf(in.Values, "documents") == "all"
		if textOf(in.Values, "mode") == "write" {
			return writeYAML(in.Values["value"], all)
		}
		return readYAML(ctx, textOf(in.Values, "text"), all)
	}, nil)
}

// yamlReader makes values of YAML's nodes. Every value that an alias stands for counts anew.
type yamlReader struct {
	ctx   context.Context
	room  room
	bytes room
	open  map[*yaml.Node]bool // aliases being filled in
}

func readYAML(ctx context.Context, text string, all bool) (any, error) {
	dec := yaml.NewDecoder(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	r := &yamlReader{ctx: ctx, room: room{most: maxNodes}, bytes: room{most: maxBytes}, open: map[*yaml.Node]bool{}}
	out := []any{}
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, badYAML(err)
		}
		v, err := r.value(&doc, 0)
		if err != nil {
			return nil, err
		}
		if out = append(out, v); len(out) > 1 && !all {
			return nil, fault.New(fault.InvalidInput, "The YAML holds a second document on line %d; set documents to all, which gives a list.", doc.Line)
		}
	}
	if all {
		return out, nil
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out[0], nil
}

// badYAML is the reader's error as a sentence: it names the line.
func badYAML(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(text, "go-yaml ")
	return fault.New(fault.InvalidInput, "The YAML is not valid: %s.", strings.TrimSuffix(fault.Clip(strings.Join(strings.Fields(text), " "), 200), "."))
}

func (r *yamlReader) says(n *yaml.Node, code fault.Code, what string) error {
	return fault.New(code, "The YAML cannot be taken on line %d: %s.", n.Line, what)
}

func (r *yamlReader) value(n *yaml.Node, depth int) (any, error) {
	if depth > value.MaxDepth {
		return nil, r.says(n, fault.TooLarge, "it is nested too deep")
	}
	if err := tick(r.ctx, r.room.taken); err != nil {
		return nil, err
	}
	if n.Kind != yaml.DocumentNode && (r.room.take(1) != nil || r.bytes.take(len(n.Value)) != nil) {
		return nil, r.says(n, fault.TooLarge, "it holds more values or text than can be taken, its aliases filled in")
	}
	switch n.Kind {
	case yaml.DocumentNode:
		if len(n.Content) == 0 {
			return nil, nil
		}
		return r.value(n.Content[0], depth)
	case yaml.SequenceNode:
		out := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			v, err := r.value(item, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case yaml.MappingNode:
		return r.mapping(n, depth)
	case yaml.AliasNode:
		return r.alias(n, depth)
	case yaml.ScalarNode:
		return r.scalar(n)
	}
	return nil, nil
}

func (r *yamlReader) alias(n *yaml.Node, depth int) (any, error) {
	if n.Alias == nil || r.open[n.Alias] {
		return nil, r.says(n, fault.InvalidInput, "the alias *"+fault.Clip(n.Value, 60)+" stands within itself")
	}
	r.open[n.Alias] = true
	defer delete(r.open, n.Alias)
	return r.value(n.Alias, depth)
}

func (r *yamlReader) mapping(n *yaml.Node, depth int) (any, error) {
	out := make(map[string]any, len(n.Content)/2)
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, inner := n.Content[i], n.Content[i+1]
		if name.Kind == yaml.AliasNode && name.Alias != nil {
			name = name.Alias
		}
		if name.Kind != yaml.ScalarNode {
			return nil, r.says(name, fault.InvalidInput, "a list or an object stands as a name, which an object cannot have")
		}
		if name.ShortTag() == "!!merge" {
			merged = append(merged, inner)
			continue
		}
		if r.bytes.take(len(name.Value)) != nil {
			return nil, r.says(name, fault.TooLarge, "it holds more text than can be taken, its aliases filled in")
		}
		if _, twice := out[name.Value]; twice {
			return nil, r.says(name, fault.InvalidInput, "the name "+shown(name.Value)+" stands twice")
		}
		v, err := r.value(inner, depth+1)
		if err != nil {
			return nil, err
		}
		out[name.Value] = v
	}
	for _, from := range merged {
		if err := r.merge(out, from, depth); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// merge takes over what << names: members that are not there yet, of several objects those of the first.
func (r *yamlReader) merge(out map[string]any, from *yaml.Node, depth int) error {
	v, err := r.value(from, depth+1)
	if err != nil {
		return err
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, item := range list {
		object, ok := item.(map[string]any)
		if !ok {
			return r.says(from, fault.InvalidInput, "<< takes over the members of objects, and this is "+value.AKind(item))
		}
		for name, inner := range object {
			if _, there := out[name]; !there {
				out[name] = inner
			}
		}
	}
	return nil
}

func (r *yamlReader) scalar(n *yaml.Node) (any, error) {
	tag := n.ShortTag()
	if (tag == "!!int" || tag == "!!float") && n.Style&yaml.TaggedStyle == 0 && leadingZero.MatchString(n.Value) {
		tag = "!!str" // a postcode, a telephone number: as a number, octal even, it would be another
	}
	switch tag {
	case "!!null":
		return nil, nil
	case "!!bool":
		switch strings.ToLower(n.Value) {
		case "true", "yes", "on", "y":
			return true, nil
		}
		return false, nil
	case "!!int":
		return r.whole(n, 0)
	case "!!float":
		text := strings.ReplaceAll(n.Value, "_", "")
		if wholeDigits.MatchString(text) { // more than 64 bits, which keep every digit all the same
			return r.whole(n, 10)
		}
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return nil, r.says(n, fault.InvalidInput, fault.Clip(n.Value, 40)+" is no number that a value can be; put it in quotes")
		}
		return value.Normalize(f)
	}
	return value.Normalize(n.Value)
}

// leadingZero is what looks like a number and is one to nobody.
var leadingZero = regexp.MustCompile(`^[-+]?0[0-9]+$`)

var wholeDigits = regexp.MustCompile(`^[-+]?[0-9]+$`)

func (r *yamlReader) whole(n *yaml.Node, base int) (any, error) {
	text := strings.TrimPrefix(strings.ReplaceAll(n.Value, "_", ""), "+")
	if len(text) > 1000 {
		return nil, r.says(n, fault.TooLarge, "a number has more than 1,000 digits")
	}
	number, ok := new(big.Int).SetString(text, base)
	if !ok {
		if number, ok = new(big.Int).SetString(text, 10); !ok {
			return n.Value, nil
		}
	}
	return value.Number(number.String())
}

func writeYAML(v any, all bool) (any, error) {
	docs := []any{v}
	if list, ok := v.([]any); all && ok {
		docs = list
	} else if all {
		return nil, wrong("value", "a list of documents is needed, not %s; set documents to one.", value.AKind(v))
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	for _, doc := range docs {
		if err := enc.Encode(yamlNode(doc)); err != nil {
			return nil, fault.Wrap(err, fault.InvalidInput, "The value cannot be written as YAML.")
		}
	}
	if err := enc.Close(); err != nil {
		return nil, fault.Wrap(err, fault.InvalidInput, "The value cannot be written as YAML.")
	}
	return b.String(), nil
}

// yamlNode is a value as a node, so that numbers keep every digit and members are in order.
func yamlNode(v any) *yaml.Node {
	switch v := v.(type) {
	case nil:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: value.Text(v)}
	case int, json.Number:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: value.Text(v)}
	case float64:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!float", Value: value.Text(v)}
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range v {
			n.Content = append(n.Content, yamlNode(item))
		}
		if len(v) == 0 {
			n.Style = yaml.FlowStyle
		}
		return n
	case map[string]any:
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, name := range sortedNames(v) {
			n.Content = append(n.Content, yamlText(name), yamlNode(v[name]))
		}
		if len(v) == 0 {
			n.Style = yaml.FlowStyle
		}
		return n
	}
	return yamlText(value.Text(v))
}

// yamlText is a text, in quotes where it would be read as something else.
func yamlText(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	plain := &yaml.Node{Kind: yaml.ScalarNode, Value: text}
	switch {
	case plain.ShortTag() != "!!str" || text == "" || oldBoolean(text):
		n.Style = yaml.DoubleQuotedStyle
	case strings.Contains(text, "\n") && !strings.ContainsFunc(text, func(r rune) bool {
		return r < ' ' && r != '\n' || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xFEFF
	}) && !strings.HasPrefix(text, " ") && !strings.HasPrefix(text, "\n"):
		n.Style = yaml.LiteralStyle
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xFEFF }):
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// oldBoolean says that readers of YAML 1.1 take a text for true or false.
func oldBoolean(text string) bool {
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off":
		return true
	}
	return false
}
