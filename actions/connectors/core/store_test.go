package core

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// keeper is a place for data stores that answers as it is told.
type keeper struct {
	actions.Doer
	asked  []value.DataOp
	answer func(value.DataOp) (value.DataAnswer, error)
}

func (k *keeper) Data(_ context.Context, op value.DataOp) (value.DataAnswer, error) {
	k.asked = append(k.asked, op)
	return k.answer(op)
}

func (k *keeper) call(t *testing.T, id, input string) (string, error) {
	t.Helper()
	in, err := value.Decode([]byte(input), value.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	a := actionOf(t, id)
	v, err := actions.Coerce(a.Input, in.(map[string]any))
	if err != nil {
		return "", err
	}
	out, err := a.Run(t.Context(), actions.Input{Values: v, Key: "k", Now: now()}, k)
	if err != nil {
		return "", err
	}
	text, err := value.Encode(out)
	return string(text), err
}

// TestStores: what an input says is what the store is asked, and its answer is the output.
func TestStores(t *testing.T) {
	at := now()
	item := value.DataItem{Key: "k", Value: json.RawMessage(`{"n":1}`), At: at}
	for _, c := range []struct {
		action, input string
		answer        value.DataAnswer
		asked, want   string
	}{
		{"store_get", `{"store": "s", "key": "k"}`, value.DataAnswer{Found: true, Item: item}, "get s k", `{"found":true,"updated_at":"2025-11-24T16:00:00Z","value":{"n":1}}`},
		{"store_get", `{"store": "s", "key": 12, "default": [1]}`, value.DataAnswer{}, "get s 12", `{"found":false,"updated_at":null,"value":[1]}`},
		{"store_set", `{"store": "s", "key": "k", "value": {"n": 1}, "for": "1h30m"}`, value.DataAnswer{Item: item}, `set s k {"n":1} 1h30m0s`, `{"created":true,"previous":null,"saved":true,"value":{"n":1}}`},
		{"store_set", `{"store": "s", "key": "k", "value": null, "only": "new"}`, value.DataAnswer{Found: true, Item: item, Before: item}, `set s k null new`, `{"created":false,"previous":{"n":1},"saved":false,"value":{"n":1}}`},
		{"store_set", `{"store": "s", "key": "k", "only": "existing"}`, value.DataAnswer{}, `set s k null existing`, `{"created":false,"previous":null,"saved":false,"value":null}`},
		{"store_increment", `{"store": "s", "key": "k", "by": -2.5}`, value.DataAnswer{Item: value.DataItem{Value: json.RawMessage("7.5")}}, "increment s k -2.5", `{"previous":null,"value":7.5}`},
		{"store_increment", `{"store": "s", "key": "k"}`, value.DataAnswer{Item: value.DataItem{Value: json.RawMessage("9007199254740993")}, Before: value.DataItem{Value: json.RawMessage("1")}}, "increment s k 1", `{"previous":1,"value":9007199254740993}`},
		{"store_list", `{"store": "s", "prefix": "p", "after": "pa", "limit": 2}`, value.DataAnswer{Items: []value.DataItem{item}, More: true}, "list s p pa 2", `{"items":[{"key":"k","updated_at":"2025-11-24T16:00:00Z","value":{"n":1}}],"more":true}`},
		{"store_delete", `{"store": "s", "key": "k"}`, value.DataAnswer{Found: true, Item: item}, "delete s k", `{"deleted":true,"value":{"n":1}}`},
		{"dedupe", `{"key": "k", "for": "30d"}`, value.DataAnswer{Found: true, Item: item}, "dedupe default k [k] 720h0m0s", `{"first_at":"2025-11-24T16:00:00Z","seen":true}`},
		{"dedupe", `{"items": [{"id": 1}, {"id": 2}, {"id": 1}, {"id": "x"}], "by": "id", "store": "o"}`, value.DataAnswer{Known: []string{"2"}}, "dedupe o [1 2 x]", `{"items":[{"id":1},{"id":"x"}],"passed_over":2,"seen":false}`},
		{"dedupe", `{"items": ["a", "a"]}`, value.DataAnswer{Known: []string{"a"}}, "dedupe default [a]", `{"items":[],"passed_over":2,"seen":true}`},
		{"dedupe", `{"items": []}`, value.DataAnswer{}, "dedupe default", `{"items":[],"passed_over":0,"seen":false}`},
		{"lock", `{"name": "l"}`, value.DataAnswer{Holder: "r", Until: at}, "lock locks l 5m0s", `{"held_until":"2025-11-24T16:00:00Z"}`},
		{"unlock", `{"name": "l"}`, value.DataAnswer{Found: true}, "unlock locks l", `{"released":true}`},
	} {
		k := &keeper{answer: func(value.DataOp) (value.DataAnswer, error) { return c.answer, nil }}
		got, err := k.call(t, c.action, c.input)
		asked := ""
		if len(k.asked) == 1 {
			op := k.asked[0]
			parts := []string{string(op.Verb), op.Store, op.Key, string(op.Value), op.By, op.Only, op.Prefix, op.After}
			if len(op.Keys) > 0 {
				parts = append(parts, fmt.Sprint(op.Keys))
			}
			if op.Limit > 0 {
				parts = append(parts, fmt.Sprint(op.Limit))
			}
			if op.For > 0 {
				parts = append(parts, op.For.String())
			}
			asked = strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " ")
		}
		if err != nil || got != c.want || asked != c.asked {
			t.Errorf("%s %s asks %q and gives %s, %v\nwant %q and %s", c.action, c.input, asked, got, err, c.asked, c.want)
		}
	}
}

// TestStoreFaults: what is wrong with an input is said before anything is asked, and what the store says goes on.
func TestStoreFaults(t *testing.T) {
	away := fault.New(fault.Unavailable, "The disk is full.")
	for _, c := range []struct{ action, input, says string }{
		{"store_get", `{"store": "My Store", "key": "k"}`, "The input store"}, {"store_set", `{"store": "s", "key": "k", "value": 1, "for": "soon"}`, "The input for"}, {"store_set", `{"store": "s", "key": "k", "value": 1, "for": "0s"}`, "no time at all"},
		{"store_list", `{"store": "s", "limit": 0}`, "The input limit"}, {"store_list", `{"store": "s", "limit": 20000}`, "The input limit"}, {"dedupe", `{}`, "either a key"}, {"dedupe", `{"key": "k", "items": [1]}`, "either a key"},
		{"dedupe", `{"items": [{"a": 1}], "by": "id"}`, "The input items/0"}, {"dedupe", `{"items": [{"id": ""}], "by": "id"}`, "no id"}, {"lock", `{"name": "l", "wait": "11m"}`, "at most 10m"}, {"lock", `{"name": "l", "for": "x"}`, "The input for"},
	} {
		k := &keeper{answer: func(value.DataOp) (value.DataAnswer, error) { return value.DataAnswer{}, nil }}
		if _, err := k.call(t, c.action, c.input); fault.CodeOf(err) != fault.InvalidInput || !strings.Contains(fault.MessageOf(err), c.says) || len(k.asked) > 0 {
			t.Errorf("%s %s: %v", c.action, c.input, err)
		}
	}
	for id, input := range map[string]string{"store_get": `{"store": "s", "key": "k"}`, "store_set": `{"store": "s", "key": "k"}`, "store_increment": `{"store": "s", "key": "k"}`, "store_list": `{"store": "s"}`, "store_delete": `{"store": "s", "key": "k"}`,
		"dedupe": `{"key": "k"}`, "lock": `{"name": "l"}`, "unlock": `{"name": "l"}`} {
		k := &keeper{answer: func(value.DataOp) (value.DataAnswer, error) { return value.DataAnswer{}, away }}
		if _, err := k.call(t, id, input); fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("%s: %v", id, err)
		}
	}
	for id, c := range map[string]struct {
		with map[string]any
		path string
	}{"store_set": {map[string]any{"store": "My", "for": "x"}, "/store /for"}, "lock": {map[string]any{"wait": "x"}, "/wait"}, "dedupe": {map[string]any{"store": "s"}, ""}} {
		var paths []string
		for _, issue := range actionOf(t, id).Check(c.with, func(string) bool { return true }) {
			paths = append(paths, issue.Path)
		}
		if strings.Join(paths, " ") != c.path || len(paths) == 0 {
			t.Errorf("%s: %v", id, paths)
		}
	}
}

// TestLockWaits: a lock that another run has is asked for until it is free, or the time to wait is over.
func TestLockWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := time.Now().Add(3 * time.Second)
		k := &keeper{answer: func(value.DataOp) (value.DataAnswer, error) {
			if time.Now().Before(free) {
				return value.DataAnswer{Found: true, Holder: "other", Until: free}, nil
			}
			return value.DataAnswer{Holder: "r", Until: free}, nil
		}}
		began := time.Now()
		if _, err := k.call(t, "lock", `{"name": "l", "wait": "10s"}`); err != nil || time.Since(began) < 3*time.Second || time.Since(began) > 4*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		free = time.Now().Add(time.Hour)
		if _, err := k.call(t, "lock", `{"name": "l", "wait": "2s"}`); fault.CodeOf(err) != fault.Conflict || !strings.Contains(fault.MessageOf(err), "held by the run other") {
			t.Error(err)
		}
	})
}
