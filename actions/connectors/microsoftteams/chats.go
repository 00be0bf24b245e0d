package microsoftteams

import (
	"context"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func chats() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/chats"}, Page: parts(50), Value: "/id", Label: "{/topic} ({/chatType})"}
}

func chatField() actions.Field {
	return actions.Field{ID: "chat", Label: "Chat", Help: "Its id, or its link.", Type: actions.Text, Required: true, In: actions.InPath, Example: "19:2da4c29f6d7041eca70b638b43d45437@thread.v2", Link: chatLink, Choices: chats()}
}

func userField() actions.Field {
	return actions.Field{ID: "user", Label: "Person", Help: "The id in the directory, or the sign-in name, as ada@example.com.", Type: actions.Text, Required: true, In: actions.InNone, Example: "ada@example.com"}
}

// sendChatMessage writes in a chat. Source: https://learn.microsoft.com/en-us/graph/api/chat-post-messages
func sendChatMessage() actions.Action {
	return posting("send_chat_message", "Send a message to a chat", "Writes a message in a chat, in the name of who signed in.", "/chats/{chat}/messages", chatField())
}

func getChatMessage() actions.Action {
	return reading("get_chat_message", "Get a message of a chat", "Reads a message by its id.", "/chats/{chat}/messages/{message}", chatMessage(), chatField(), messageField())
}

func updateChatMessage() actions.Action {
	return updating("update_chat_message", "Change a message of a chat", "Writes another text into a message of who signed in.", "/chats/{chat}/messages/{message}", chatField(), messageField())
}

func listChatMessages() actions.Action {
	a := listing("list_chat_messages", "List messages of a chat", "Gives the messages of a chat, the newest first.", "/chats/{chat}/messages", 50, chatMessage(), chatField())
	a.Request.Query = map[string]string{"$orderby": "createdDateTime desc"}
	return a
}

func chat() map[string]any {
	return map[string]any{"id": "19:2da4c29f6d7041eca70b638b43d45437@thread.v2", "topic": "Release", "chatType": "group", "createdDateTime": "2020-12-04T23:10:28.51Z", "lastUpdatedDateTime": "2020-12-04T23:10:28.51Z", "webUrl": "https://teams.microsoft.com/l/chat/19%3A2da4", "tenantId": "b33cbe9f-8ebe-4f2a-912b-7e2a427f477f"}
}

// plainCreateChat makes a chat of members, who signed in among them: Graph makes no chat without that one.
// Source: https://learn.microsoft.com/en-us/graph/api/chat-post
func plainCreateChat() actions.Action {
	return actions.Action{
		ID: "create_chat", Effect: actions.Once, Sample: chat(),
		Input:   []actions.Field{{ID: "kind", Type: actions.Text, Required: true, Name: "chatType"}, {ID: "topic", Type: actions.Text}, {ID: "members", Type: actions.Texts, In: actions.InNone}},
		Request: &actions.Request{Method: "POST", Path: "/chats", Body: actions.JSONBody, Prepare: members},
	}
}

func members(in map[string]any) (actions.Parts, error) {
	list, _ := in["members"].([]any)
	out := []any{}
	for _, user := range list {
		out = append(out, member(user, true))
	}
	return actions.Parts{Body: map[string]any{"members": out}}, nil
}

// withMe makes a chat of people and who signed in.
func withMe(ctx context.Context, do actions.Doer, kind string, topic any, people ...any) (any, error) {
	me, create := getMe(), plainCreateChat()
	who, err := do.Ask(ctx, &me, nil)
	if err != nil {
		return nil, err
	}
	own := value.At(who, "/id")
	list := []any{own}
	for _, person := range people {
		if text := value.Text(person); do.Sandboxed() || text != value.Text(own) && text != value.Text(value.At(who, "/userPrincipalName")) {
			list = append(list, person)
		}
	}
	if len(list) == 1 {
		return nil, fault.New(fault.InvalidInput, "The chat needs somebody beside who signed in.")
	}
	return do.Ask(ctx, &create, map[string]any{"kind": kind, "topic": topic, "members": list})
}

func openChat() actions.Action {
	sample := chat()
	sample["topic"], sample["chatType"] = nil, "oneOnOne"
	return actions.Action{
		ID: "open_chat", Name: "Open a chat with a person", Description: "Gives the chat of who signed in with one person, and makes it where there is none.", Effect: actions.Idempotent,
		Guarantee: "Two people have one chat, which Microsoft Graph gives again, so a repeat changes nothing.",
		Input:     []actions.Field{userField()}, Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			made, err := withMe(ctx, do, "oneOnOne", nil, in.Values["user"])
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			return made, nil
		},
	}
}

// sendDirectMessage opens the chat, which may be done twice, and writes in it.
func sendDirectMessage() actions.Action {
	sample, send := chatMessage(), sendChatMessage()
	return actions.Action{
		ID: "send_direct_message", Name: "Send a direct message", Description: "Writes to one person, in the name of who signed in; the chat is made where there is none.", Effect: actions.Once, Guarantee: noKey,
		Input: append([]actions.Field{userField()}, contentFields()...), Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			if _, err := content(in.Values); err != nil {
				return nil, err
			}
			made, err := withMe(ctx, do, "oneOnOne", nil, in.Values["user"])
			if err != nil {
				return nil, err
			}
			values := map[string]any{"chat": value.At(made, "/id")}
			for _, f := range contentFields() {
				values[f.ID] = in.Values[f.ID]
			}
			return do.Ask(ctx, &send, values)
		},
	}
}

func createGroupChat() actions.Action {
	sample := chat()
	return actions.Action{
		ID: "create_group_chat", Name: "Create a group chat", Description: "Makes a chat of several people and who signed in.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{
			{ID: "users", Label: "People", Help: "Their ids in the directory, or sign-in names.", Type: actions.Texts, Required: true, In: actions.InNone, Example: []any{"ada@example.com"}},
			{ID: "topic", Label: "Topic", Help: "At most 250 characters, without a colon.", Type: actions.Text, In: actions.InNone, Example: "Release"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			people, _ := in.Values["users"].([]any)
			return withMe(ctx, do, "group", in.Values["topic"], people...)
		},
	}
}

func getChat() actions.Action {
	return reading("get_chat", "Get a chat", "Reads a chat by its id.", "/chats/{chat}", chat(), chatField())
}

func listChats() actions.Action {
	return listing("list_chats", "List my chats", "Gives the chats that who signed in is a member of.", "/chats", 50, chat())
}
