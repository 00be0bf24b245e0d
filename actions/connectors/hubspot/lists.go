package hubspot

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// lists are the actions of lists, which HubSpot's screens call segments too. Source: https://developers.hubspot.com/docs/api-reference/crm-lists-v3/guide
func lists() []actions.Action {
	const read, write = "crm.lists.read", "crm.lists.write"
	list := map[string]any{"listId": "45", "name": "Newsletter", "objectTypeId": "0-1", "processingType": "MANUAL", "processingStatus": "COMPLETE", "listVersion": 1, "createdAt": "2026-01-31T09:30:00.000Z", "updatedAt": "2026-01-31T09:30:00.000Z", "additionalProperties": map[string]any{"hs_list_size": "12"}}
	changed := map[string]any{"recordsIdsAdded": []any{"512"}, "recordIdsRemoved": []any{}, "recordIdsMissing": []any{}}
	listShape, listSample := actions.ListOf(list)
	memberShape, memberSample := actions.ListOf(membership())
	ofShape, ofSample := actions.ListOf(map[string]any{"listId": "45", "listVersion": 1, "firstAddedTimestamp": "2026-01-31T09:30:00.000Z", "lastAddedTimestamp": "2026-01-31T09:30:00.000Z"})
	records := func(help string) actions.Field {
		return actions.Field{ID: "records", Label: "Records", Help: help, Type: actions.Texts, Required: true, In: actions.InNone, Example: []any{"512"}, Link: recordLink("")}
	}
	return []actions.Action{
		actions.Action{ID: "add_to_list", Name: "Add records to a list", Description: "Puts contacts, or other records, into a list whose members are chosen by hand. Those that are in already stay; recordIdsMissing has those that HubSpot does not know.", Effect: actions.Idempotent,
			Guarantee: "A record that is in a list stays in, so a repeat after a crash changes nothing.", Errors: notManual(),
			Input:  []actions.Field{listField(), records("Their ids, or the addresses of their pages.")},
			Output: value.ShapeOf(changed), Sample: changed, Request: moved("recordIdsToAdd", "recordIdsToRemove")}.Needing(read, write),
		actions.Action{ID: "remove_from_list", Name: "Remove records from a list", Description: "Takes contacts, or other records, out of a list whose members are chosen by hand.", Effect: actions.Idempotent,
			Guarantee: "A record that is out of a list stays out, so a repeat after a crash changes nothing.", Errors: notManual(),
			Input:  []actions.Field{listField(), records("Their ids, or the addresses of their pages.")},
			Output: value.ShapeOf(changed), Sample: changed, Request: moved("recordIdsToRemove", "recordIdsToAdd")}.Needing(read, write),
		actions.Action{ID: "create_list", Name: "Create a list", Description: "Makes an empty list, whose members are chosen by hand.", Effect: actions.Once,
			Guarantee: "HubSpot refuses a second list of a kind with the same name, so none is made twice: where the answer was lost in a crash, you are asked.",
			Input: []actions.Field{{ID: "name", Label: "Name", Help: "No other list of the kind has it.", Type: actions.Text, Required: true, Example: "Newsletter"},
				{ID: "kind", Label: "Kind of record", Help: "What is in it.", Type: actions.Select, Default: "0-1", Name: "objectTypeId", Options: []actions.Option{{Value: "0-1", Label: "Contacts"}, {Value: "0-2", Label: "Companies"}, {Value: "0-3", Label: "Deals"}, {Value: "0-5", Label: "Tickets"}}}},
			Output: value.ShapeOf(list), Sample: list, Request: &actions.Request{Method: "POST", Path: "/crm/v3/lists/", Body: actions.JSONBody, Prepare: func(map[string]any) (actions.Parts, error) {
				return actions.Parts{Body: map[string]any{"processingType": "MANUAL"}}, nil
			}, Output: func(resp actions.Response) (any, error) { return value.At(resp.Value, "/list"), nil }}}.Needing(write),
		actions.Action{ID: "search_lists", Name: "List or search lists", Description: "Gives the account's lists, or those whose names hold a text. Those with the processing type MANUAL or SNAPSHOT take members by hand, those with DYNAMIC choose them by filters.", Effect: actions.Read, Guarantee: onlyReads,
			Input:  []actions.Field{{ID: "query", Label: "Name", Help: "A part of it.", Type: actions.Text, Example: "News"}, actions.LimitField()},
			Output: listShape, Sample: listSample, Request: listSearch(), Page: listsPage()}.Needing(read),
		actions.Action{ID: "list_members", Name: "List who is in a list", Description: "Gives the ids of the records in a list, with when they came in, the earliest first.", Effect: actions.Read, Guarantee: onlyReads,
			Input:  []actions.Field{listField(), actions.LimitField()},
			Output: memberShape, Sample: memberSample, Request: &actions.Request{Method: "GET", Path: "/crm/v3/lists/{list}/memberships/join-order"}, Page: membersPage()}.Needing(read),
		actions.Action{ID: "lists_of_record", Name: "List the lists of a record", Description: "Gives the ids of the lists that a record is in.", Effect: actions.Read, Guarantee: onlyReads,
			Input: []actions.Field{{ID: "kind", Label: "Kind of record", Help: "As 0-1 for contacts, 0-2 for companies, 0-3 for deals, 0-5 for tickets.", Type: actions.Text, Default: "0-1", In: actions.InPath, Example: "0-1",
				Choices: &actions.Choices{Known: []actions.Option{{Value: "0-1", Label: "Contacts"}, {Value: "0-2", Label: "Companies"}, {Value: "0-3", Label: "Deals"}, {Value: "0-5", Label: "Tickets"}}}},
				{ID: "id", Label: "Record", Help: "Its id, or the address of its page.", Type: actions.Text, Required: true, In: actions.InPath, Example: "512", Link: recordLink("")}, actions.LimitField()},
			Output: ofShape, Sample: ofSample, Request: &actions.Request{Method: "GET", Path: "/crm/v3/lists/records/{kind}/{id}/memberships"}, Page: &actions.Page{Items: "/results", Sure: "/results", ID: "/listId"}}.Needing(read),
	}
}

// listField names a list, by the number in the address of its page.
func listField() actions.Field {
	return actions.Field{ID: "list", Label: "List", Help: "Its id, which is the number in the address of its page, or the address.", Type: actions.Text, Required: true, In: actions.InPath, Example: "45",
		Link: `^https?://app(?:-\w+)?\.hubspot\.com/contacts/\d+/(?:objectLists|lists)/(\d+)`,
		Choices: &actions.Choices{Request: listSearch(), Page: *listsPage(), Value: "/listId", Label: "{/name} ({/processingType})",
			Search: actions.Spot{In: actions.InBody, Name: "query"}}}
}

// listSearch asks for lists by a part of their name; an empty one is that of all.
func listSearch() *actions.Request {
	return &actions.Request{Method: "POST", Path: "/crm/v3/lists/search", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
		return actions.Parts{Body: map[string]any{"query": value.Text(in["query"]), "additionalProperties": []any{"hs_list_size"}}}, nil
	}}
}

func listsPage() *actions.Page {
	return &actions.Page{Kind: actions.Offset, Items: "/lists", Sure: "/lists", ID: "/listId", More: "/hasMore", At: actions.Spot{In: actions.InBody, Name: "offset"}, Size: 100, Sizes: actions.Spot{In: actions.InBody, Name: "count"}}
}

func membersPage() *actions.Page {
	page := listPage()
	page.ID, page.Size = "/recordId", 250
	return page
}

func membership() map[string]any {
	return map[string]any{"recordId": "512", "membershipTimestamp": "2026-01-31T09:30:00.000Z"}
}

// moved is the request that puts records into a list, or takes them out of it.
func moved(name, other string) *actions.Request {
	return &actions.Request{Method: "PUT", Path: "/crm/v3/lists/{list}/memberships/add-and-remove", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
		ids, _ := in["records"].([]any)
		if len(ids) == 0 {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input records: there are none.")
		}
		return actions.Parts{Body: map[string]any{name: ids, other: []any{}}}, nil
	}}
}

// notManual is the error of a list that chooses its members itself.
func notManual() actions.ErrorTable {
	return actions.ErrorTable{{Status: 400, Pointer: "/message", Contains: "dynamic", Code: "invalid_input", Message: "HubSpot refused: {}", Remedy: "Take a list with the processing type MANUAL or SNAPSHOT: an active list chooses its members by its filters alone."}}
}

// enteredList is the trigger for records that came into a list. HubSpot cannot be asked from a time on, so the list is read whole.
func enteredList() actions.Trigger {
	sample := membership()
	t := actions.Trigger{
		ID: "list_entered", Name: "Record in a list", Description: "A contact, or another record, came into a list; one that leaves and comes in again counts again. The whole list is read each time, so choose one of at most some ten thousand members. It gives the record's id; read the record by a step.",
		Kind: actions.PollKind, Input: []actions.Field{listField()}, Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{Request: &actions.Request{Method: "GET", Path: "/crm/v3/lists/{list}/memberships/join-order"}, Page: *membersPage(),
			Time: "/membershipTimestamp", Changed: true, Order: actions.OldestFirst, Overlap: 5 * time.Minute, Every: 15 * time.Minute, Least: 5 * time.Minute},
	}
	return t.Needing("crm.lists.read")
}
