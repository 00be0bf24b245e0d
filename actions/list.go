package actions

import "github.com/stepmill/stepmill/engine/value"

// MostListed is how many items an action that lists gives at most.
const MostListed = 10_000

// LimitField is the input of an action that lists which says how many items it gives.
func LimitField() Field {
	return Field{ID: "limit", Label: "At most", Help: "How many are given, from 1 to 10,000. Where there are more, the output says so.", Type: Integer, Default: 100, In: InNone}
}

// ListOf is the shape and the sample of an action that lists: {"items": [...], "more": false}. item is one as the vendor gives it.
func ListOf(item any) (value.Shape, any) {
	sample := map[string]any{"items": []any{item}, "more": false}
	return value.ShapeOf(sample), sample
}
