package outbound

import (
	"context"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// list reads the parts of a list until there are as many items as were asked for. A list that moves while it is read is read
// again, once.
func (d *doing) list(ctx context.Context) (any, error) {
	limit, _ := d.input["limit"].(int)
	if limit < 1 || limit > actions.MostListed {
		return nil, fault.New(fault.InvalidInput, "The input limit: it must be from 1 to 10,000, not %s.", fault.Clip(value.Text(d.input["limit"]), 20))
	}
	out, err := d.listOnce(ctx, limit)
	if fault.CodeOf(err) == fault.Conflict && d.requests > 1 {
		out, err = d.listOnce(ctx, limit)
	}
	return out, err
}

func (d *doing) listOnce(ctx context.Context, limit int) (any, error) {
	page := *d.action.Page
	if page.Sizes.Name != "" {
		page.Size = min(page.Size, max(limit+1, page.Least)) // one more says whether there are more
	}
	w := &walk{d: d, request: d.action.Request, page: &page}
	if d.sandbox {
		_, err := w.part(ctx)
		return d.action.Sample, err
	}
	items := []any{}
	whole, err := w.pages(ctx, func(part []any, _ int64) (bool, error) {
		items = append(items, part...)
		return len(items) <= limit, nil
	})
	if err != nil {
		return nil, err
	}
	more := !whole || len(items) > limit
	return map[string]any{"items": items[:min(limit, len(items))], "more": more}, nil
}
