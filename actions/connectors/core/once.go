package core

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// mostKeys bounds the keys that dedupe looks at in one step.
const mostKeys = 10_000

func dedupe() actions.Action {
	sample := map[string]any{"seen": false, "items": []any{map[string]any{"id": 7}}, "passed_over": 0}
	return actions.Action{
		ID: "dedupe", Name: "Seen before?", Local: true, Description: "Remembers a key, or those of a list's items, and says whether it was there before: of a list it gives the items that are new.", Effect: actions.Idempotent, Guarantee: onceInStore,
		Input: []actions.Field{field("key", "Key", actions.Text, "What tells one from all others; or give a list.", "order-1042"),
			{ID: "items", Label: "List", Help: "Its items that were not seen before are given.", Type: actions.List, In: actions.InNone},
			field("by", "Field", actions.Text, "Of a list's items: which field tells them apart, as id or author.email; not given: the whole item.", "id"),
			forField("How long a key is remembered, as 30d; not given: for ever."),
			withDefault(field("store", "Remembered as", actions.Text, "Steps with the same name share what they have seen, in all scenarios.", "orders"), "default")},
		Check: func(with map[string]any, written func(string) bool) []actions.InputIssue {
			issues := checkStore(with, written)
			if (with["key"] == nil) == (with["items"] == nil) {
				issues = append(issues, actions.InputIssue{Message: "Give either a key or a list of items."})
			}
			return issues
		},
		Output: value.ShapeOf(sample), Sample: sample, Run: runDedupe,
	}
}

func withDefault(f actions.Field, v any) actions.Field {
	f.Default = v
	return f
}

func runDedupe(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	op, err := operation(value.DataSeen, in.Values)
	if err != nil {
		return nil, err
	}
	list, isList := in.Values["items"].([]any)
	if isList == (op.Key != "") {
		return nil, wrong("key", "give either a key, which is not empty, or a list of items.")
	}
	if !isList {
		op.Keys = []string{op.Key}
		answer, err := do.Data(ctx, op)
		if err != nil {
			return nil, err
		}
		return map[string]any{"seen": answer.Found, "first_at": at(answer.Item.At)}, nil
	}
	if len(list) > mostKeys {
		return nil, fault.New(fault.TooLarge, "The input items: %d are more than %d at once.", len(list), mostKeys)
	}
	by, err := pathOf("by", textOf(in.Values, "by"))
	if err != nil {
		return nil, err
	}
	keys, first := make([]string, len(list)), map[string]bool{}
	for i, item := range list {
		v, there := by.of(item)
		if !there || v == nil || v == "" {
			return nil, wrong(itemName("items", i), "it has no %s, which tells items apart.", by.written)
		}
		text, isText := v.(string)
		if !isText {
			b, err := value.Encode(v)
			if err != nil {
				return nil, err
			}
			text = string(b)
		}
		if keys[i] = shortKey(text); !first[keys[i]] {
			first[keys[i]] = true
			op.Keys = append(op.Keys, keys[i])
		}
	}
	answer, err := do.Data(ctx, op)
	if err != nil {
		return nil, err
	}
	for _, known := range answer.Known {
		first[known] = false
	}
	fresh := []any{}
	for i, item := range list {
		if first[keys[i]] {
			fresh, first[keys[i]] = append(fresh, item), false
		}
	}
	return map[string]any{"seen": len(list) > 0 && len(fresh) == 0, "items": fresh, "passed_over": len(list) - len(fresh)}, nil
}

// shortKey is a key that a data store takes: a long one by its hash.
func shortKey(text string) string {
	if len(text) <= 400 {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Bounds of locks.
const (
	lockedFor = 5 * time.Minute
	lockWait  = 30 * time.Second
	mostWait  = 10 * time.Minute
	lockAgain = 250 * time.Millisecond // until a lock is asked for again
	lockStore = "locks"
)

func nameField() actions.Field {
	return need(field("name", "Name", actions.Text, "Of the lock. All steps with this name exclude one another, in all scenarios; what is locked for one customer has the customer's id in it.", "stock-{{ trigger.product }}"))
}

func lock() actions.Action {
	sample := map[string]any{"held_until": "2026-01-31T09:35:00Z"}
	return actions.Action{
		ID: "lock", Name: "Lock", Local: true, Description: "Waits until no other run holds the lock of this name, and takes it. It is let go of when the run ends, by Unlock, or when its time is over.", Effect: actions.Idempotent,
		Guarantee: "The lock is this run's, however often it asks: after a crash it has it still.", Timeout: mostWait + time.Minute,
		Input: []actions.Field{nameField(), withDefault(field("for", "At most for", actions.Text, "After this long it is let go of whatever happens, so that a run that waits for days holds nobody up.", "5m"), "5m"),
			withDefault(field("wait", "Wait", actions.Text, "How long it waits for another run, at most 10m; then the step fails as conflict.", "30s"), "30s")},
		Check: func(with map[string]any, written func(string) bool) []actions.InputIssue {
			var issues []actions.InputIssue
			for _, name := range []string{"for", "wait"} {
				if _, err := durationOf(with, name); err != nil && written(name) {
					issues = append(issues, actions.InputIssue{Path: "/" + name, Message: fault.MessageOf(err)})
				}
			}
			return issues
		},
		Output: value.ShapeOf(sample), Sample: sample, Run: runLock,
	}
}

func runLock(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	op := value.DataOp{Verb: value.DataLock, Store: lockStore, Key: textOf(in.Values, "name"), For: lockedFor}
	long, err := durationOf(in.Values, "for")
	if err != nil {
		return nil, err
	}
	if long > 0 {
		op.For = long
	}
	wait, err := durationOf(in.Values, "wait")
	if err != nil {
		return nil, err
	}
	if wait > mostWait {
		return nil, wrong("wait", "a lock is waited for at most 10m, not %s; a retry of the step waits longer.", value.Text(in.Values["wait"]))
	}
	end := time.Now().Add(wait)
	for {
		answer, err := do.Data(ctx, op)
		if err != nil {
			return nil, err
		}
		if !answer.Found {
			return map[string]any{"held_until": at(answer.Until)}, nil
		}
		if !time.Now().Before(end) {
			return nil, fault.New(fault.Conflict, "The lock %q is held by the run %s, until %s at the latest.", fault.Clip(op.Key, 60), answer.Holder, answer.Until.Format(time.RFC3339))
		}
		select {
		case <-ctx.Done():
			return nil, fault.New(fault.Timeout, "The lock %q is held by the run %s, and the step's time is over.", fault.Clip(op.Key, 60), answer.Holder)
		case <-time.After(min(lockAgain, time.Until(end))):
		}
	}
}

func unlock() actions.Action {
	sample := map[string]any{"released": true}
	return actions.Action{
		ID: "unlock", Name: "Unlock", Local: true, Description: "Lets go of a lock that this run holds; of another's it does nothing.", Effect: actions.Idempotent, Guarantee: "What is let go of stays so, whoever has it then.",
		Input: []actions.Field{nameField()}, Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			answer, err := do.Data(ctx, value.DataOp{Verb: value.DataUnlock, Store: lockStore, Key: textOf(in.Values, "name")})
			return map[string]any{"released": answer.Found}, err
		},
	}
}
