package pipedrive

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// polling are the triggers that ask for what is new, for accounts whose server cannot be reached from outside. The list is of
// what changed since a time, the earliest change first; of what was made, the latest first, until it is known.
// Source: https://developers.pipedrive.com/docs/api/v1/Deals#getDeals, and beside it those of people, organizations and activities
func polling() []actions.Trigger {
	var out []actions.Trigger
	for _, o := range []object{persons(), organizations(), deals(), activities()} {
		made := o.polled("add_time")
		made.ID, made.Name, made.Description = o.id+"_created", "New "+o.one, title(o.a)+" "+o.one+" was made."
		changed := o.polled("update_time")
		changed.ID, changed.Name = o.id+"_updated", title(o.one)+" made or changed"
		changed.Description = title(o.a) + " " + o.one + " was made or changed; of several changes between two looks the last one counts."
		changed.Poll.Changed = true
		out = append(out, made, changed)
	}
	made, changed := leadTrigger("add_time"), leadTrigger("update_time")
	made.ID, made.Name, made.Description = "lead_created", "New lead", "A lead was made."
	changed.ID, changed.Name, changed.Description = "lead_updated", "Lead made or changed", "A lead was made or changed; of several changes between two looks the last one counts."
	changed.Poll.Changed = true
	out = append(out, decided("won"), decided("lost"), inStage(), made, changed)
	return append(append(out, productTriggers()...), noteTrigger(), fileTrigger())
}

// inStage is the trigger for deals that were moved into a stage. One that was made in it has no time of a move.
func inStage() actions.Trigger {
	t := deals().polled("stage_change_time")
	t.ID, t.Name = "deal_in_stage", "Deal in a stage"
	t.Description = "A deal was moved into a stage; one that comes into it again counts again, one that was made in it does not count."
	t.Poll.Changed = true
	t.Poll.Items = func(_ map[string]any, answer any) ([]any, error) {
		list, _ := value.At(answer, "/data").([]any)
		return slices.DeleteFunc(slices.Clone(list), func(item any) bool { return value.At(item, "/stage_change_time") == nil }), nil
	}
	stage := query(ref("stage_id", "Stage", "The stage.", stages()))[0]
	stage.Required = true
	pipeline := ref("pipeline_id", "Pipeline", "The pipeline that the stages to choose from are of.", listed("pipelines", "/name"))
	pipeline.In = actions.InNone
	t.Input = append([]actions.Field{pipeline, stage}, t.Input...)
	return t
}

// sortedBy is a trigger whose list comes with the latest first, and cannot be asked for what is new.
func sortedBy(path, at string, page *actions.Page, with map[string]string, item map[string]any) actions.Trigger {
	page.Size = 100 // of the latest few are new
	return actions.Trigger{Kind: actions.PollKind, Output: value.ShapeOf(item), Sample: item,
		Poll: &actions.Poll{Request: &actions.Request{Method: "GET", Path: path, Query: with}, Page: *page, Time: "/" + at, Order: actions.NewestFirst,
			Overlap: 2 * time.Minute, Every: 5 * time.Minute, Least: time.Minute}}
}

func productTriggers() []actions.Trigger {
	var out []actions.Trigger
	for at, t := range map[string]actions.Trigger{"add_time": {ID: "product_created", Name: "New product", Description: "A product was made."},
		"update_time": {ID: "product_updated", Name: "Product made or changed", Description: "A product was made or changed; of several changes between two looks the last one counts."}} {
		got := sortedBy("/api/v2/products", at, cursor("/data", "/id"), map[string]string{"sort_by": at, "sort_direction": "desc"}, product())
		got.ID, got.Name, got.Description, got.Scopes, got.Input = t.ID, t.Name, t.Description+scoped, productScopes(), query(filter("products"))
		got.Poll.Changed = at == "update_time"
		out = append(out, got)
	}
	slices.SortFunc(out, func(a, b actions.Trigger) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func noteTrigger() actions.Trigger {
	t := sortedBy("/v1/notes", "add_time", offset(), map[string]string{"sort": "add_time DESC"}, note())
	t.ID, t.Name, t.Description, t.Input = "note_created", "New note", "A note was written, at anything or at what is named.", query(at()...)
	return t
}

// fileTrigger goes by the ids, which rise with the time: by that the list cannot be sorted.
func fileTrigger() actions.Trigger {
	t := sortedBy("/v1/files", "add_time", offset(), map[string]string{"sort": "id DESC"}, file())
	t.ID, t.Name, t.Description = "file_added", "New file", "A file was added, also one that came with mail; Download a file takes its id."
	return t
}

// decided is the trigger for deals that were won, or lost.
func decided(how string) actions.Trigger {
	o := deals()
	o.item = maps.Clone(o.item)
	o.item["status"], o.item[how+"_time"], o.item["close_time"] = how, "2026-01-31T09:45:00Z", "2026-01-31T09:45:00Z"
	t := o.polled(how + "_time")
	t.ID, t.Name, t.Description = "deal_"+how, "Deal "+how, "A deal was "+how+"; one that is opened again and "+how+" again counts again."
	t.Poll.Changed = true
	t.Poll.Request.Query["status"] = how
	return t
}

// leadTrigger asks the first version of the API, where leads are.
func leadTrigger(at string) actions.Trigger {
	t := object{kind: "leads", path: "leads", item: lead()}.polled(at)
	sort := "update_time ASC"
	if at == "add_time" {
		sort = "add_time DESC"
	}
	t.Poll.Request = &actions.Request{Method: "GET", Path: "/v1/leads", Query: map[string]string{"sort": sort}}
	t.Poll.Page = *offset()
	return t
}

// polled asks by the time of the change. By the time of a decision the list cannot be sorted: what was decided changed then at the
// latest, so it is asked for and comes in no order. Asked so for what was made, an account where much changes and little is made would
// be read from the last one made on each time; so that comes by its own time, the latest first.
func (o object) polled(at string) actions.Trigger {
	page := *cursor("/data", "/id")
	order, since := actions.Unordered, actions.Since{Spot: actions.Spot{In: actions.InQuery, Name: "updated_since"}, As: actions.RFC3339}
	sorted := map[string]string{"sort_by": "update_time", "sort_direction": "asc"}
	switch at {
	case "update_time":
		order = actions.OldestFirst
	case "add_time":
		page.Size = 100 // of the latest few are new
		order, since, sorted = actions.NewestFirst, actions.Since{}, map[string]string{"sort_by": "add_time", "sort_direction": "desc"}
	}
	return actions.Trigger{
		Kind: actions.PollKind, Input: query(filter(o.kind)),
		Output: value.ShapeOf(o.item), Sample: o.item,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "GET", Path: "/api/v2/" + o.path, Query: sorted}, Page: page, Time: "/" + at, Order: order, Since: since,
			Overlap: 2 * time.Minute, Every: 5 * time.Minute, Least: time.Minute,
		},
	}
}
