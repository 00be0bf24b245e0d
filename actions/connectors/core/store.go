package core

import (
	"context"
	"encoding/json"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// onceInStore is why what writes into a data store may be repeated: the store remembers what each step did.
const onceInStore = "It is done once: the store remembers what the step did, so a repeat after a crash changes nothing and gives what the first gave."

func storeField() actions.Field {
	return need(field("store", "Data store", actions.Text, "Its name, of small letters, digits, - and _. It is made when something is first put into it.", "customers"))
}

func keyField(help string) actions.Field {
	return need(field("key", "Key", actions.Text, help, "ada@example.com"))
}

func forField(help string) actions.Field {
	return field("for", "Keep for", actions.Text, help, "30d")
}

func need(f actions.Field) actions.Field {
	f.Required = true
	return f
}

// checkStore finds in inputs that are written out what their fields cannot say.
func checkStore(with map[string]any, written func(string) bool) []actions.InputIssue {
	var issues []actions.InputIssue
	add := func(name string, err error) {
		if err != nil && written(name) && with[name] != nil {
			issues = append(issues, actions.InputIssue{Path: "/" + name, Message: fault.MessageOf(err)})
		}
	}
	_, err := storeName(with)
	add("store", err)
	for _, name := range []string{"for", "wait"} {
		_, err := durationOf(with, name)
		add(name, err)
	}
	return issues
}

func storeName(v map[string]any) (string, error) {
	name := value.Text(v["store"])
	if !value.IsSlug(name) {
		return "", wrong("store", "%q is no name of a data store, which has small letters, digits, - and _, at most 63.", fault.Clip(name, 70))
	}
	return name, nil
}

// durationOf reads a duration; zero: none is given.
func durationOf(v map[string]any, name string) (time.Duration, error) {
	text := value.Text(v[name])
	if text == "" {
		return 0, nil
	}
	d, err := value.ParseDuration(text)
	if err == nil && d <= 0 {
		err = wrong(name, "%q is no time at all.", text)
	} else if err != nil {
		err = wrong(name, "%s", fault.MessageOf(err))
	}
	return d, err
}

// operation is what the inputs of all these actions say.
func operation(verb value.DataVerb, v map[string]any) (op value.DataOp, err error) {
	op = value.DataOp{Verb: verb, Key: value.Text(v["key"])}
	if op.Store, err = storeName(v); err != nil {
		return op, err
	}
	op.For, err = durationOf(v, "for")
	return op, err
}

// stored decodes a value of a store.
func stored(raw json.RawMessage) (any, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	return value.Decode(raw, value.Stored())
}

func storeGet() actions.Action {
	sample := map[string]any{"found": true, "value": map[string]any{"plan": "pro"}, "updated_at": "2026-01-31T09:30:00Z"}
	return actions.Action{
		ID: "store_get", Name: "Get a stored value", Local: true, Description: "Gives a value out of a data store.", Effect: actions.Read, Guarantee: "It only reads, so it is asked again after a crash.",
		Input: []actions.Field{storeField(), keyField("Of the value."), field("default", "Otherwise", actions.JSON, "What value is where there is none.", nil)}, Check: checkStore,
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			op, err := operation(value.DataGet, in.Values)
			if err != nil {
				return nil, err
			}
			answer, err := do.Data(ctx, op)
			if err != nil {
				return nil, err
			}
			if !answer.Found {
				return map[string]any{"found": false, "value": in.Values["default"], "updated_at": nil}, nil
			}
			v, err := stored(answer.Item.Value)
			return map[string]any{"found": true, "value": v, "updated_at": at(answer.Item.At)}, err
		},
	}
}

func at(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func storeSet() actions.Action {
	sample := map[string]any{"saved": true, "created": true, "value": map[string]any{"plan": "pro"}, "previous": nil}
	return actions.Action{
		ID: "store_set", Name: "Store a value", Local: true, Description: "Puts a value into a data store, where later runs of any scenario find it.", Effect: actions.Idempotent, Guarantee: onceInStore,
		Input: []actions.Field{storeField(), keyField("Of the value, at most 500 bytes."), field("value", "Value", actions.JSON, "Anything, at most 256 KB of it.", nil), forField("How long it is kept, as 30d; not given: for ever."),
			choice("only", "Only", "Not given: whether it is there or not.", "", "new", "Where there is none yet", "existing", "Where there is one")}, Check: checkStore,
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			op, err := operation(value.DataSet, in.Values)
			if err != nil {
				return nil, err
			}
			if op.Value, err = value.Encode(in.Values["value"]); err != nil {
				return nil, err
			}
			op.Only = textOf(in.Values, "only")
			answer, err := do.Data(ctx, op)
			if err != nil {
				return nil, err
			}
			now, err := stored(answer.Item.Value)
			if err != nil {
				return nil, err
			}
			before, err := stored(answer.Before.Value)
			saved := op.Only == "" || (op.Only == "new") != answer.Found
			return map[string]any{"saved": saved, "created": saved && !answer.Found, "value": now, "previous": before}, err
		},
	}
}

func storeIncrement() actions.Action {
	sample := map[string]any{"value": 42, "previous": 41}
	return actions.Action{
		ID: "store_increment", Name: "Count in a data store", Local: true, Description: "Adds to a number in a data store, exactly and as one step, however many runs do at once; what is not there is zero.", Effect: actions.Idempotent, Guarantee: onceInStore,
		Input: []actions.Field{storeField(), keyField("Of the number."), {ID: "by", Label: "By", Help: "What is added; a negative number takes away.", Type: actions.Number, Default: 1, In: actions.InNone},
			forField("How long the number is kept, from when it is first counted, as 1h; not given: for ever.")}, Check: checkStore,
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			op, err := operation(value.DataAdd, in.Values)
			if err != nil {
				return nil, err
			}
			op.By = value.Text(in.Values["by"])
			answer, err := do.Data(ctx, op)
			if err != nil {
				return nil, err
			}
			now, err := stored(answer.Item.Value)
			if err != nil {
				return nil, err
			}
			before, err := stored(answer.Before.Value)
			return map[string]any{"value": now, "previous": before}, err
		},
	}
}

func storeList() actions.Action {
	item := map[string]any{"key": "ada@example.com", "value": map[string]any{"plan": "pro"}, "updated_at": "2026-01-31T09:30:00Z"}
	out := actions.Action{
		ID: "store_list", Name: "List stored values", Local: true, Description: "Gives the values of a data store, by key.", Effect: actions.Read, Guarantee: "It only reads, so it is asked again after a crash.",
		Input: []actions.Field{storeField(), field("prefix", "Keys that begin with", actions.Text, "Only these; not given: all.", "ada@"), field("after", "After", actions.Text, "Only keys behind this one, as the last of the list before.", nil), actions.LimitField()}, Check: checkStore,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			op, err := operation(value.DataList, in.Values)
			if err != nil {
				return nil, err
			}
			op.Prefix, op.After = value.Text(in.Values["prefix"]), value.Text(in.Values["after"])
			if op.Limit, _ = in.Values["limit"].(int); op.Limit < 1 || op.Limit > 10_000 {
				return nil, wrong("limit", "from 1 to 10,000 are given at once, not %s.", value.Text(in.Values["limit"]))
			}
			answer, err := do.Data(ctx, op)
			if err != nil {
				return nil, err
			}
			list, size := []any{}, 0
			for _, one := range answer.Items {
				if size += len(one.Value); size > maxBytes {
					return nil, tooLong()
				}
				v, err := stored(one.Value)
				if err != nil {
					return nil, err
				}
				list = append(list, map[string]any{"key": one.Key, "value": v, "updated_at": at(one.At)})
			}
			return map[string]any{"items": list, "more": answer.More}, nil
		},
	}
	out.Output, out.Sample = actions.ListOf(item)
	return out
}

func storeDelete() actions.Action {
	sample := map[string]any{"deleted": true, "value": map[string]any{"plan": "pro"}}
	return actions.Action{
		ID: "store_delete", Name: "Delete a stored value", Local: true, Description: "Takes a value out of a data store, and gives it.", Effect: actions.Idempotent, Guarantee: onceInStore,
		Input: []actions.Field{storeField(), keyField("Of the value.")}, Check: checkStore, Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			op, err := operation(value.DataDelete, in.Values)
			if err != nil {
				return nil, err
			}
			answer, err := do.Data(ctx, op)
			if err != nil {
				return nil, err
			}
			v, err := stored(answer.Item.Value)
			return map[string]any{"deleted": answer.Found, "value": v}, err
		},
	}
}
