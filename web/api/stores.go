package api

import (
	"context"
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/access"
)

// DataStore is one of the workspace's data stores.
type DataStore struct {
	Slug  string `json:"slug"`
	Items int    `json:"items"`
}

// DataItem is a value of a data store.
type DataItem struct {
	Key       string          `json:"key"`
	Value     json.RawMessage `json:"value"`
	UpdatedAt stamp           `json:"updated_at"`
	ExpiresAt stamp           `json:"expires_at"`
}

func dataItemOf(item value.DataItem) DataItem {
	return DataItem{item.Key, item.Value, stamp{item.At}, stamp{item.Expires}}
}

// stores are the workspace's data stores, which steps fill: to look at, and to mend by hand.
func (a *api) stores() {
	const base = "/api/v1/stores"
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base, Summary: "List data stores"}, func(ctx context.Context, actor run.Actor, in *Paging) (*listOf[DataStore], error) {
		list, err := a.Store.DataStores(ctx, actor)
		if err != nil {
			return nil, err
		}
		return pageOf(list, *in, func(d value.DataStore) string { return d.Slug }, func(d value.DataStore) DataStore { return DataStore(d) })
	})
	type itemsInput struct {
		Paging
		Store  string `path:"store"`
		Prefix string `query:"prefix" maxLength:"500" doc:"Only keys that begin so."`
	}
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base + "/{store}/items", Summary: "List the values of a data store"}, func(ctx context.Context, actor run.Actor, in *itemsInput) (*listOf[DataItem], error) {
		op := value.DataOp{Workspace: actor.Workspace, Verb: value.DataList, Store: in.Store, Prefix: in.Prefix, Limit: in.Limit}
		if in.Cursor != "" {
			after, err := readCursor(in.Cursor)
			if err != nil {
				return nil, err
			}
			op.After = after
		}
		answer, err := a.Store.Data(ctx, op)
		if err != nil {
			return nil, err
		}
		out := &listOf[DataItem]{Body: List[DataItem]{Items: []DataItem{}}}
		for _, item := range answer.Items {
			out.Body.Items = append(out.Body.Items, dataItemOf(item))
		}
		if answer.More {
			next := makeCursor(answer.Items[len(answer.Items)-1].Key)
			out.Body.Next = &next
		}
		return out, nil
	})
	type itemInput struct {
		Store string `path:"store"`
		Key   string `path:"key"`
	}
	type itemOutput struct{ Body DataItem }
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base + "/{store}/items/{key}", Summary: "Get a value of a data store"}, func(ctx context.Context, actor run.Actor, in *itemInput) (*itemOutput, error) {
		answer, err := a.Store.Data(ctx, value.DataOp{Workspace: actor.Workspace, Verb: value.DataGet, Store: in.Store, Key: in.Key})
		if err != nil {
			return nil, err
		}
		if !answer.Found {
			return nil, noItem(in.Store, in.Key)
		}
		return &itemOutput{dataItemOf(answer.Item)}, nil
	})
	type setInput struct {
		Store string `path:"store"`
		Key   string `path:"key"`
		Body  struct {
			Value json.RawMessage `json:"value" doc:"Anything, at most 256 KB."`
			For   string          `json:"for,omitempty" doc:"How long it is kept, as 30d; not given: for ever."`
		}
	}
	operation(a, access.Edit, huma.Operation{Method: "PUT", Path: base + "/{store}/items/{key}", Summary: "Put a value into a data store"}, func(ctx context.Context, actor run.Actor, in *setInput) (*itemOutput, error) {
		if !value.IsSlug(in.Store) {
			return nil, fault.Invalid("The name of the data store is wrong.", []fault.Problem{{Path: "/store", Message: "A data store is called by small letters, digits, - and _, at most 63."}})
		}
		op := value.DataOp{Workspace: actor.Workspace, Verb: value.DataSet, Store: in.Store, Key: in.Key}
		v, err := value.Decode(in.Body.Value, value.Stored())
		if err != nil {
			return nil, err
		}
		if op.Value, err = value.Encode(v); err != nil {
			return nil, err
		}
		if in.Body.For != "" {
			if op.For, err = value.ParseDuration(in.Body.For); err != nil {
				return nil, fault.Invalid(fault.MessageOf(err), []fault.Problem{{Path: "/for", Message: fault.MessageOf(err)}})
			}
		}
		answer, err := a.Store.Data(ctx, op)
		if err != nil {
			return nil, err
		}
		return &itemOutput{dataItemOf(answer.Item)}, nil
	})
	operation(a, access.Edit, huma.Operation{Method: "DELETE", Path: base + "/{store}/items/{key}", Summary: "Delete a value of a data store", DefaultStatus: 204}, func(ctx context.Context, actor run.Actor, in *itemInput) (*struct{}, error) {
		answer, err := a.Store.Data(ctx, value.DataOp{Workspace: actor.Workspace, Verb: value.DataDelete, Store: in.Store, Key: in.Key})
		if err == nil && !answer.Found {
			err = noItem(in.Store, in.Key)
		}
		return nil, err
	})
}

func noItem(store, key string) error {
	return fault.New(fault.NotFound, "The data store %q has no value %q.", fault.Clip(store, 63), fault.Clip(key, 60))
}
