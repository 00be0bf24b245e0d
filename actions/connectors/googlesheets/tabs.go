package googlesheets

import (
	"context"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func sheetSample() map[string]any {
	return map[string]any{"sheetId": 0, "title": "Sheet1", "index": 0, "sheetType": "GRID", "gridProperties": map[string]any{"rowCount": 1000, "columnCount": 26}}
}

func spreadsheetSample() map[string]any {
	return map[string]any{"spreadsheetId": "1AbCdEf", "properties": map[string]any{"title": "Deals", "locale": "en_US", "timeZone": "Europe/Berlin"},
		"sheets": []any{map[string]any{"properties": sheetSample()}}, "spreadsheetUrl": "https://docs.google.com/spreadsheets/d/1AbCdEf/edit"}
}

// replied is an answer to a batch of one request.
func replied(kind string) map[string]any {
	reply := map[string]any{}
	if kind != "" {
		reply[kind] = map[string]any{"properties": sheetSample()}
	}
	return map[string]any{"spreadsheetId": "1AbCdEf", "replies": []any{reply}}
}

// tabs are the actions of spreadsheets and the sheets in them.
// Sources: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets, https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
func tabs() []actions.Action {
	sample, whole := sheetSample(), spreadsheetSample()
	shape, list := actions.ListOf(sample)
	spreadsheet := spreadsheetField(actions.InNone)
	title := actions.Field{ID: "title", Label: "Name", Help: "Of the new sheet.", Type: actions.Text, Required: true, In: actions.InNone, Example: "2026"}
	heads := actions.Field{ID: "headings", Label: "Headings", Help: "The first row of the new sheet.", Type: actions.Texts, Whole: true, In: actions.InNone, Example: []any{"Name", "Email"}}
	made := map[string]any{"found": false, "item": sample}
	onceSheet := "Google refuses a second sheet of one name, so none is made twice: where the answer was lost in a crash, you are asked."
	return []actions.Action{
		{ID: "create_spreadsheet", Name: "Create a spreadsheet", Description: "Makes a spreadsheet in the account's Drive.", Effect: actions.Once,
			Guarantee: "Google has no key that would make a repeat harmless: a spreadsheet whose answer was lost in a crash is not made again by itself, you are asked.",
			Input: []actions.Field{{ID: "title", Label: "Name", Help: "Of the spreadsheet.", Type: actions.Text, Required: true, Name: "properties.title", Example: "Deals"},
				{ID: "sheets", Label: "Sheets", Help: "The names of its tabs; one is made where none is named.", Type: actions.Texts, Whole: true, In: actions.InNone, Example: []any{"2026"}},
				{ID: "locale", Label: "Locale", Help: "How numbers and dates are read and shown, as en_US.", Type: actions.Text, Name: "properties.locale", Example: "en_US"},
				{ID: "zone", Label: "Time zone", Help: "As Europe/Berlin.", Type: actions.Text, Name: "properties.timeZone", Example: "Europe/Berlin"}},
			Output: value.ShapeOf(whole), Sample: whole,
			Request: &actions.Request{Method: "POST", Path: "/v4/spreadsheets", Body: actions.JSONBody, Query: map[string]string{"fields": fields}, Prepare: newTabs}},
		{ID: "get_spreadsheet", Name: "Get a spreadsheet", Description: "Gives a spreadsheet's name, zone and sheets, without the cells.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{spreadsheetField(actions.InPath)}, Output: value.ShapeOf(whole), Sample: whole,
			Request: &actions.Request{Method: "GET", Path: "/v4/spreadsheets/{spreadsheet}", Query: map[string]string{"fields": fields}}},
		{ID: "list_sheets", Name: "List sheets", Description: "Lists the sheets of a spreadsheet.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{spreadsheetField(actions.InPath)}, Output: shape, Sample: list,
			Request: &actions.Request{Method: "GET", Path: "/v4/spreadsheets/{spreadsheet}", Query: map[string]string{"fields": "sheets.properties"}, Output: sheetsOf}},
		{ID: "create_sheet", Name: "Create a sheet", Description: "Adds a sheet to a spreadsheet.", Effect: actions.Once, Guarantee: onceSheet,
			Input: []actions.Field{spreadsheet, title, heads}, Output: value.ShapeOf(sample), Sample: sample,
			Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				return addSheet(ctx, in.Values, do)
			}},
		{ID: "find_or_create_sheet", Name: "Find or create a sheet", Description: "Finds a sheet by its name, and adds one where there is none.", Effect: actions.Once, Guarantee: "It looks first, so what is there already is not made again. " + onceSheet,
			Input: []actions.Field{spreadsheet, title, heads}, Output: value.ShapeOf(made), Sample: made, Run: findOrAddSheet},
		{ID: "rename_sheet", Name: "Rename a sheet", Description: "Gives a sheet another name.", Effect: actions.Once, Guarantee: "Where the answer was lost in a crash, the sheet has its old name or the new one: it is not renamed again by itself, you are asked.",
			Input:  []actions.Field{spreadsheet, sheetField(), {ID: "title", Label: "New name", Help: "What it is called from then on.", Type: actions.Text, Required: true, In: actions.InNone, Example: "2025"}},
			Output: value.ShapeOf(replied("")), Sample: replied(""), Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				id, err := sheetID(ctx, in.Values, "sheet", do)
				if err != nil {
					return nil, err
				}
				return batch(ctx, in.Values, do, "updateSheetProperties", map[string]any{"fields": "title", "properties": map[string]any{"sheetId": id, "title": in.Values["title"]}})
			}},
		{ID: "duplicate_sheet", Name: "Duplicate a sheet", Description: "Makes a copy of a sheet in its spreadsheet.", Effect: actions.Once, Guarantee: onceSheet,
			Input: []actions.Field{spreadsheet, sheetField(), title}, Output: value.ShapeOf(sample), Sample: sample, Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				id, err := sheetID(ctx, in.Values, "sheet", do)
				if err != nil {
					return nil, err
				}
				answer, err := batch(ctx, in.Values, do, "duplicateSheet", map[string]any{"sourceSheetId": id, "newSheetName": in.Values["title"]})
				return sheetOf(answer, "duplicateSheet", do), err
			}},
		{ID: "delete_sheet", Name: "Delete a sheet", Description: "Takes a sheet out of a spreadsheet, with all that is in it.", Effect: actions.Idempotent, Guarantee: "It goes by the name: a repeat finds nothing to delete, and says so.",
			Input: []actions.Field{spreadsheet, sheetField()}, Output: value.ShapeOf(replied("")), Sample: replied(""), Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				id, err := sheetID(ctx, in.Values, "sheet", do)
				if err != nil {
					return nil, err
				}
				return batch(ctx, in.Values, do, "deleteSheet", map[string]any{"sheetId": id})
			}},
		{ID: "copy_sheet", Name: "Copy a sheet to another spreadsheet", Description: "Makes a copy of a sheet in another spreadsheet.", Effect: actions.Once,
			Guarantee: "Google has no key that would make a repeat harmless: a copy whose answer was lost in a crash is not made again by itself, you are asked.",
			Input:     []actions.Field{spreadsheet, sheetField(), {ID: "to", Label: "To", Help: "The URL or the id of the other spreadsheet.", Type: actions.Text, Required: true, In: actions.InNone, Example: "1XyZ", Link: actions.GoogleFileLink, Choices: spreadsheets()}},
			Output:    value.ShapeOf(sample), Sample: sample, Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				id, err := sheetID(ctx, in.Values, "sheet", do)
				if err != nil {
					return nil, err
				}
				return do.Ask(ctx, &actions.Action{ID: "copy", Effect: actions.Once, Sample: sample, Input: []actions.Field{{ID: "spreadsheet", Type: actions.Text, In: actions.InPath}, {ID: "id", Type: actions.Text, In: actions.InPath}, {ID: "to", Type: actions.Text, Name: "destinationSpreadsheetId"}},
					Request: &actions.Request{Method: "POST", Path: "/v4/spreadsheets/{spreadsheet}/sheets/{id}:copyTo", Body: actions.JSONBody}}, map[string]any{"spreadsheet": in.Values["spreadsheet"], "id": id, "to": in.Values["to"]})
			}},
	}
}

// fields is what is asked of a spreadsheet: all but the cells, their formats and charts.
const fields = "spreadsheetId,spreadsheetUrl,properties(title,locale,timeZone),sheets.properties"

// sheetsOf takes the sheets out of what they stand in. Google gives all at once.
func sheetsOf(resp actions.Response) (any, error) {
	list, _ := value.At(resp.Value, "/sheets").([]any)
	items := []any{}
	for _, sheet := range list {
		items = append(items, value.At(sheet, "/properties"))
	}
	return map[string]any{"items": items, "more": false}, nil
}

// newTabs names the sheets of a new spreadsheet.
func newTabs(in map[string]any) (actions.Parts, error) {
	names, _ := in["sheets"].([]any)
	if len(names) == 0 {
		return actions.Parts{}, nil
	}
	out := []any{}
	for _, name := range names {
		out = append(out, map[string]any{"properties": map[string]any{"title": name}})
	}
	return actions.Parts{Body: map[string]any{"sheets": out}}, nil
}

func askSheets(ctx context.Context, v map[string]any, do actions.Doer) ([]any, error) {
	answer, err := do.Ask(ctx, &actions.Action{ID: "sheets", Effect: actions.Read, Sample: spreadsheetSample(), Input: []actions.Field{{ID: "spreadsheet", Type: actions.Text, In: actions.InPath}},
		Request: &actions.Request{Method: "GET", Path: "/v4/spreadsheets/{spreadsheet}", Query: map[string]string{"fields": "sheets.properties"}}}, map[string]any{"spreadsheet": v["spreadsheet"]})
	if err != nil {
		return nil, err
	}
	list, _ := value.At(answer, "/sheets").([]any)
	return list, actions.Sure("Google Sheets", answer, "/sheets")
}

// sheetID is the number by which some requests know the sheet that an input names. A sandbox knows none.
func sheetID(ctx context.Context, v map[string]any, input string, do actions.Doer) (any, error) {
	list, err := askSheets(ctx, v, do)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, sheet := range list {
		name := value.Text(value.At(sheet, "/properties/title"))
		if name == value.Text(v[input]) || do.Sandboxed() {
			return value.At(sheet, "/properties/sheetId"), nil
		}
		names = append(names, name)
	}
	return nil, fault.New(fault.NotFound, "The input %s: the spreadsheet has no sheet %q.%s", input, fault.Clip(value.Text(v[input]), 60), fault.DidYouMean(value.Text(v[input]), names))
}

// batch sends a batch of one request, and batches one of several, which Google carries out whole or not at all.
func batch(ctx context.Context, v map[string]any, do actions.Doer, kind string, request map[string]any) (any, error) {
	return batches(ctx, v, do, []any{map[string]any{kind: request}})
}

func batches(ctx context.Context, v map[string]any, do actions.Doer, requests []any) (any, error) {
	return do.Ask(ctx, &actions.Action{ID: "batch", Effect: actions.Once, Sample: replied(""), Input: []actions.Field{{ID: "spreadsheet", Type: actions.Text, In: actions.InPath}, {ID: "requests", Type: actions.List}},
		Request: &actions.Request{Method: "POST", Path: "/v4/spreadsheets/{spreadsheet}:batchUpdate", Body: actions.JSONBody}}, map[string]any{"spreadsheet": v["spreadsheet"], "requests": requests})
}

// sheetOf is the sheet that a batch of one request made.
func sheetOf(answer any, kind string, do actions.Doer) any {
	if do.Sandboxed() {
		return sheetSample()
	}
	return value.At(answer, "/replies/0/"+kind+"/properties")
}

func addSheet(ctx context.Context, v map[string]any, do actions.Doer) (any, error) {
	answer, err := batch(ctx, v, do, "addSheet", map[string]any{"properties": map[string]any{"title": v["title"]}})
	if err != nil {
		return nil, err
	}
	if heads, _ := v["headings"].([]any); len(heads) > 0 {
		where := rangeOf(map[string]any{"sheet": v["title"]}, "A1")
		if _, err := do.Ask(ctx, setValues(), map[string]any{"spreadsheet": v["spreadsheet"], "range": where, "values": []any{heads}, "value_input": "RAW"}); err != nil {
			return nil, err
		}
	}
	return sheetOf(answer, "addSheet", do), nil
}

func findOrAddSheet(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	list, err := askSheets(ctx, in.Values, do)
	if err != nil {
		return nil, err
	}
	for _, sheet := range list {
		if value.At(sheet, "/properties/title") == in.Values["title"] && !do.Sandboxed() {
			return map[string]any{"found": true, "item": value.At(sheet, "/properties")}, nil
		}
	}
	made, err := addSheet(ctx, in.Values, do)
	if err != nil {
		return nil, err
	}
	return map[string]any{"found": false, "item": made}, nil
}
