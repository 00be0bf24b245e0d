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

// Large names a value of a run that does not stand in the answer.
type Large struct {
	Hash  string `json:"hash" doc:"SHA-256 of its JSON. /runs/{id}/values/{hash} gives it."`
	Bytes int    `json:"bytes"`
	Entry int64  `json:"entry,omitempty" doc:"The seq of the entry that has it in the journal, of a value that was left out since the run has many megabytes of them: /runs/{id}/values/{hash}?entry={entry} finds it fastest."`
}

func largeOf(v any) *Large {
	if l, ok := v.(value.Large); ok {
		return &Large{l.Hash, l.Bytes, l.Entry}
	}
	return nil
}

// shownWhole is the size in bytes up to which a value that is kept apart stands whole in a run.
const shownWhole = 1 << 20

// shown gives a value of a run as it stands in it: whole, or what names it. One that cannot be read any more is null.
func (a *api) shown(ctx context.Context, actor run.Actor, runID string, data []byte, l value.Large) (json.RawMessage, *Large, error) {
	switch {
	case l.Hash == "":
		return rawOr(data), nil, nil
	case l.Bytes > shownWhole:
		return rawOr(nil), largeOf(l), nil
	}
	data, err := a.Store.Value(ctx, actor, runID, l)
	if err != nil && fault.CodeOf(err) != fault.Unavailable { // the rest can be shown
		data, err = nil, nil
	}
	return rawOr(data), nil, err
}

func (a *api) values(base string) {
	type runValueInput struct {
		ID    string `path:"id" maxLength:"60"`
		Hash  string `path:"hash" maxLength:"64" doc:"As input_large, output_large and trigger_large have it."`
		Entry int64  `query:"entry" minimum:"0" doc:"As they have it."`
	}
	type runValueOutput struct {
		ContentType string `header:"Content-Type"`
		Body        []byte // as it is kept: its hash is that of these bytes
	}
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base + "/{id}/values/{hash}", Summary: "Show an input, output or trigger that is left out because of its size"}, func(ctx context.Context, actor run.Actor, in *runValueInput) (*runValueOutput, error) {
		if _, err := a.Store.LightRun(ctx, actor, in.ID); err != nil {
			return nil, err
		}
		data, err := a.Store.Value(ctx, actor, in.ID, value.Large{Hash: in.Hash, Entry: in.Entry})
		return &runValueOutput{"application/json", data}, err
	})
}
