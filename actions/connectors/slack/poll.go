package slack

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// newMessage is the trigger for what is written in a channel. Slack lets apps that are sold outside its marketplace ask
// once a minute, for 15 messages; apps of the workspace's own are not meant. Source: https://docs.slack.dev/apis/web-api/rate-limits
func newMessage() actions.Trigger {
	sample := message()
	page := parts("/messages", "/ts")
	page.Size = 15
	return actions.Trigger{
		ID: "new_message", Name: "New message", Description: "Something was written in a channel that the bot is in; answers in threads do not count.", Kind: actions.PollKind,
		Input:  []actions.Field{in(channelIDField(""), actions.InQuery)},
		Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "GET", Path: "/conversations.history"},
			Page:    page, Time: "/ts", Order: actions.NewestFirst,
			Since:   actions.Since{Spot: actions.Spot{In: actions.InQuery, Name: "oldest"}, As: actions.Unix},
			Overlap: 2 * time.Minute, Every: 5 * time.Minute, Least: time.Minute,
		},
	}
}

// newChannel is the trigger for channels that were made. The whole list is read.
func newChannel() actions.Trigger {
	sample := channel()
	return actions.Trigger{
		ID: "new_channel", Name: "New channel", Description: "A public channel was made, or a private one that the bot is in.", Kind: actions.PollKind,
		Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "GET", Path: "/conversations.list", Query: map[string]string{"exclude_archived": "true", "types": "public_channel,private_channel"}},
			Page:    parts("/channels", "/id"), Rises: "/created", Every: 10 * time.Minute, Least: time.Minute,
		},
	}
}

// newUser is the trigger for people who joined the workspace: Slack does not say when, so they are told apart by their ids.
func newUser() actions.Trigger {
	sample := person()
	return actions.Trigger{
		ID: "new_user", Name: "New person", Description: "Somebody, or a bot, joined the workspace.", Kind: actions.PollKind,
		Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "GET", Path: "/users.list"},
			Page:    parts("/members", "/id"), Every: 10 * time.Minute, Least: time.Minute,
		},
	}
}
