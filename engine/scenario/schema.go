package scenario

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

var stepType = reflect.TypeFor[Step]()

// Schema is the JSON Schema (2020-12) of the format, made from the types. It says what the decoder refuses by shape;
// what takes more than shape, as ids that stand twice, is the decoder's to say.
func Schema() []byte {
	g := generator{defs: map[string]any{}}
	root := g.object(reflect.TypeFor[Scenario](), "")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = "urn:stepmill:scenario:1"
	root["title"] = "Stepmill scenario, format 1"
	root["not"] = map[string]any{"required": []string{"trigger", "triggers"}}
	root["$defs"] = g.defs
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil {
		panic(err) // the types are fixed: a test would have seen it
	}
	return out.Bytes()
}

type generator struct {
	defs map[string]any
}

// ref gives the reference to a struct's definition, made at first use.
func (g *generator) ref(t reflect.Type, of string) map[string]any {
	name := strings.ToLower(t.Name())
	if of != "" && t == reflect.TypeFor[Branch]() {
		name = of + "_" + name
	}
	if _, ok := g.defs[name]; !ok {
		g.defs[name] = nil // ends the recursion
		g.defs[name] = g.object(t, of)
	}
	return map[string]any{"$ref": "#/$defs/" + name}
}

func (g *generator) object(t reflect.Type, of string) map[string]any {
	properties := map[string]any{}
	var required []string
	var kinds []any
	dependent := map[string]any{}
	for _, f := range fieldsOf(t, of) {
		schema := g.schema(f.typ, f)
		if f.doc != "" {
			schema["description"] = f.doc
		}
		properties[f.name] = schema
		if f.required {
			required = append(required, f.name)
		}
		if f.kind {
			kinds = append(kinds, map[string]any{"required": []string{f.name}})
		}
		if len(f.with) > 0 {
			var either []any
			for _, kind := range f.with {
				either = append(either, map[string]any{"required": []string{kind}})
			}
			dependent[f.name] = map[string]any{"anyOf": either}
		}
	}
	s := map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
	if required != nil {
		s["required"] = required
	}
	if kinds != nil {
		s["oneOf"] = kinds
	}
	if len(dependent) > 0 {
		s["dependentSchemas"] = dependent
	}
	for name, extra := range extras(t) {
		s[name] = extra
	}
	return s
}

// extras are the conditions that stand between the members of one type.
func extras(t reflect.Type) map[string]any {
	only := func(do, member string) map[string]any {
		return map[string]any{
			"if":   map[string]any{"properties": map[string]any{"do": map[string]any{"const": do}}},
			"then": map[string]any{"required": []string{member}},
			"else": map[string]any{"properties": map[string]any{member: false}},
		}
	}
	switch t {
	case reflect.TypeFor[OnError]():
		return map[string]any{"allOf": []any{only("handle", "steps"), only("resume", "output")}}
	case reflect.TypeFor[Repeat]():
		return map[string]any{"oneOf": []any{map[string]any{"required": []string{"while"}}, map[string]any{"required": []string{"until"}}}}
	case reflect.TypeFor[Wait]():
		return map[string]any{"minProperties": 1, "maxProperties": 1}
	case reflect.TypeFor[Retention](), reflect.TypeFor[Batch]():
		return map[string]any{"minProperties": 1}
	}
	return nil
}

func (g *generator) schema(t reflect.Type, f field) map[string]any {
	switch t {
	case reflect.TypeFor[Value]():
		return map[string]any{}
	case reflect.TypeFor[*Each](), reflect.TypeFor[*Debounce]():
		return map[string]any{"oneOf": []any{map[string]any{"type": "string"}, g.ref(t.Elem(), "")}}
	}
	s := map[string]any{}
	switch t.Kind() {
	case reflect.Pointer:
		return g.ref(t.Elem(), f.scope)
	case reflect.Slice:
		item := field{enum: f.enum, scope: f.scope}
		s["type"], s["items"] = "array", g.schema(t.Elem(), item)
		if f.min != 0 {
			s["minItems"] = f.min
		}
		return s
	case reflect.Map:
		s["type"] = "object"
		return s
	case reflect.String:
		s["type"] = "string"
	case reflect.Bool:
		s["type"] = "boolean"
	case reflect.Int:
		s["type"] = "integer"
	case reflect.Float64:
		s["type"] = "number"
	}
	if f.min != 0 {
		s["minimum"] = f.min
	}
	if f.max != 0 {
		s["maximum"] = f.max
	}
	if f.enum != nil {
		s["enum"] = f.enum
	}
	for name, v := range rules()[f.is].schema {
		s[name] = v
	}
	return s
}
