package value

// Shape is what is known of a value before it exists: of an event, of an action's output. The zero Shape is anything.
type Shape struct {
	Kind   string           `json:"kind,omitempty"`   // as Kind says; "" for anything
	Fields map[string]Shape `json:"fields,omitempty"` // of an object; nil: nothing is known of its members
	Item   *Shape           `json:"item,omitempty"`   // of a list; nil: anything
}

// ShapeOf reads a shape off a sample: null and the members of an empty object may be anything, a list's item is the
// union of what its items have.
func ShapeOf(sample any) Shape {
	switch v := sample.(type) {
	case nil:
		return Shape{}
	case map[string]any:
		s := Shape{Kind: "object"}
		for name, member := range v {
			if s.Fields == nil {
				s.Fields = map[string]Shape{}
			}
			s.Fields[name] = ShapeOf(member)
		}
		return s
	case []any:
		s := Shape{Kind: "list"}
		for i, item := range v {
			shape := ShapeOf(item)
			if i > 0 {
				shape = Union(*s.Item, shape)
			}
			s.Item = &shape
		}
		return s
	}
	return Shape{Kind: Kind(sample)}
}

// Union is the shape of a value that has one of two shapes.
func Union(a, b Shape) Shape {
	if a.Kind != b.Kind {
		return Shape{}
	}
	if a.Kind == "list" {
		if a.Item == nil || b.Item == nil {
			return Shape{Kind: "list"}
		}
		item := Union(*a.Item, *b.Item)
		return Shape{Kind: "list", Item: &item}
	}
	if a.Kind != "object" || a.Fields == nil || b.Fields == nil {
		return Shape{Kind: a.Kind}
	}
	s := Shape{Kind: "object", Fields: map[string]Shape{}}
	for name, shape := range a.Fields {
		if other, ok := b.Fields[name]; ok {
			shape = Union(shape, other)
		}
		s.Fields[name] = shape
	}
	for name, shape := range b.Fields {
		if _, ok := s.Fields[name]; !ok {
			s.Fields[name] = shape
		}
	}
	return s
}
