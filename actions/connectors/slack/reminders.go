package slack

import (
	"context"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func reminderField() actions.Field {
	return actions.Field{ID: "reminder", Label: "Reminder", Help: "Its id, as adding or listing it gives it.", Type: actions.Text, Required: true, Example: "Rm0123456789"}
}

// listReminders gives all at once. Source: https://docs.slack.dev/reference/methods/reminders.list
func listReminders() actions.Action {
	shape, sample := actions.ListOf(map[string]any{"id": "Rm0123456789", "creator": "U0123456789", "user": "U0123456789", "text": "Send the invoice", "recurring": false, "time": 1764090000, "complete_ts": 0})
	return actions.Action{
		ID: "list_reminders", Name: "List reminders", Description: "Gives the reminders of the person whose token it is, also those that are done (complete_ts)." + byPerson + "reminders:read.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{actions.LimitField()}, Output: shape, Sample: sample, Page: &actions.Page{Items: "/reminders", Sure: "/reminders", ID: "/id"},
		Request: &actions.Request{Method: "GET", Path: "/reminders.list"},
	}
}

// completeReminder. Source: https://docs.slack.dev/reference/methods/reminders.complete
func completeReminder() actions.Action {
	return changing("complete_reminder", "Complete a reminder", "Marks a reminder as done; one that comes again and again cannot be."+byPerson+"reminders:write.", "A reminder that is done stays so, and a repeat changes nothing.", "/reminders.complete", "", reminderField())
}

// deleteReminder. Source: https://docs.slack.dev/reference/methods/reminders.delete
func deleteReminder() actions.Action {
	return changing("delete_reminder", "Delete a reminder", "Deletes a reminder; changed is false where there is none."+byPerson+"reminders:write.", "A reminder that is gone already counts as deleted, so a repeat changes nothing.", "/reminders.delete", "not_found", reminderField())
}

// findUserByName looks through the people: Slack has no call that finds one by a name.
func findUserByName() actions.Action {
	sample := person()
	return actions.Action{
		ID: "find_user_by_name", Name: "Find a person by name", Description: "Finds who has a name in the workspace, as it is shown or as it is written in full, whatever its capitals. Where several have it that is an error.", Effect: actions.Read, Guarantee: readsOnly,
		Input:  []actions.Field{{ID: "name", Label: "Name", Help: "With or without @.", Type: actions.Text, Required: true, In: actions.InNone, Example: "Ada Lovelace"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			list := listUsers()
			answer, err := do.Ask(ctx, &list, map[string]any{"limit": actions.MostListed})
			if err != nil {
				return nil, err
			}
			items, _ := value.At(answer, "/items").([]any)
			if do.Sandboxed() {
				return sample, nil
			}
			name := strings.TrimPrefix(strings.TrimSpace(value.Text(in.Values["name"])), "@")
			var found []any
			for _, item := range items {
				if value.At(item, "/deleted") != true && called(item, name) {
					found = append(found, item)
				}
			}
			switch {
			case len(found) > 1:
				return nil, fault.New(fault.Conflict, "%d people are named %q; find the person by the mail address, or give the id.", len(found), fault.Clip(name, 80))
			case len(found) == 1:
				return found[0], nil
			case value.At(answer, "/more") == true:
				return nil, fault.New(fault.TooLarge, "The workspace has more than 10,000 people, and the first ones hold none of that name; find the person by the mail address.")
			}
			return nil, fault.New(fault.NotFound, "Nobody in the workspace is named %q.", fault.Clip(name, 80))
		},
	}
}

// called says that a person has a name.
func called(item any, name string) bool {
	for _, pointer := range []string{"/profile/display_name", "/profile/real_name", "/real_name", "/name"} {
		if text := value.Text(value.At(item, pointer)); text != "" && strings.EqualFold(text, name) {
			return true
		}
	}
	return false
}
