package intercom

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// articles are the actions for the help centre. Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/articles
func articles() []actions.Action {
	gone := map[string]any{"id": "39", "object": "article", "deleted": true}
	create := []actions.Field{articleText("title", "Title", "What it is called."), articleAuthor()}
	create[0].Required, create[1].Required = true, true
	search := actions.Action{
		ID: "search_articles", Name: "Search articles", Description: "Gives the articles of the help centre that hold a phrase.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{{ID: "phrase", Label: "Phrase", Help: "What is looked for.", Type: actions.Text, Required: true, In: actions.InQuery, Example: "export"},
			articleState("Only those of this state."), actions.LimitField()},
		Request: &actions.Request{Method: "GET", Path: "/articles/search"}, Page: &actions.Page{Kind: actions.Numbered, Items: "/data/articles", Sure: "/data/articles", ID: "/id", At: actions.Spot{In: actions.InQuery, Name: "page"}, Size: 10},
	}
	search.Output, search.Sample = actions.ListOf(article())
	return []actions.Action{
		{ID: "create_article", Name: "Create an article", Description: "Writes an article of the help centre, as a draft or published.", Effect: actions.Once, Guarantee: noKey,
			Input: append(create, articleFields("draft")...), Output: value.ShapeOf(article()), Sample: article(), Request: &actions.Request{Method: "POST", Path: "/articles", Body: actions.JSONBody, Prepare: articlePlace(false)}},
		{ID: "update_article", Name: "Update an article", Description: "Changes what is given of an article, also whether it is published.", Effect: actions.Idempotent, Guarantee: setsAgain,
			Input: append([]actions.Field{ofArticle(), articleText("title", "Title", "What it is called."), articleAuthor()}, articleFields("")...), Output: value.ShapeOf(article()), Sample: article(),
			Request: &actions.Request{Method: "PUT", Path: "/articles/{article}", Body: actions.JSONBody, Prepare: articlePlace(true)}},
		{ID: "get_article", Name: "Get an article", Description: "Reads an article with its text and how readers liked it.", Effect: actions.Read, Guarantee: onlyReads,
			Input: []actions.Field{ofArticle()}, Output: value.ShapeOf(article()), Sample: article(), Request: &actions.Request{Method: "GET", Path: "/articles/{article}"}},
		paged("list_articles", "List articles", "Gives the articles of the help centre, the latest change first.", "/articles", article()), search,
		{ID: "delete_article", Name: "Delete an article", Description: "Deletes an article for good.", Effect: actions.Idempotent, Guarantee: staysGone,
			Input: []actions.Field{ofArticle()}, Output: value.ShapeOf(gone), Sample: gone, Request: &actions.Request{Method: "DELETE", Path: "/articles/{article}"}},
		paged("list_collections", "List collections", "Gives the collections that the help centre's articles stand in.", "/help_center/collections",
			map[string]any{"id": "159", "workspace_id": "abc12345", "name": "Exports", "url": "https://help.example.com/en/collections/159", "order": 1, "created_at": 1764000000, "updated_at": 1764000000, "description": "", "icon": "bookmark", "parent_id": nil, "help_center_id": 79}),
	}
}

func article() map[string]any {
	return map[string]any{"id": "39", "type": "article", "workspace_id": "abc12345", "parent_id": 143, "parent_type": "collection", "title": "How to export", "description": "", "body": "<p>Press Export.</p>", "author_id": 780, "state": "published",
		"created_at": 1764000000, "updated_at": 1764000000, "url": "https://help.example.com/en/articles/39-how-to-export"}
}

func ofArticle() actions.Field { return named("article", "Article", "39") }

func articleText(id, label, help string) actions.Field {
	f := text(id, label, help)
	f.Example = "How to export"
	return f
}

func articleAuthor() actions.Field {
	return actions.Field{ID: "author", Label: "Author", Help: "The id of the admin whose article it is.", Type: actions.Integer, Name: "author_id", Example: 780, Choices: admins()}
}

func articleState(help string) actions.Field {
	return actions.Field{ID: "state", Label: "State", Help: help, Type: actions.Select, In: actions.InQuery, Options: []actions.Option{{Value: "published", Label: "Published"}, {Value: "draft", Label: "Draft"}}}
}

func articleFields(state string) []actions.Field {
	whether := articleState("Whether readers see it.")
	if whether.In = actions.InBody; state != "" {
		whether.Default = state
	}
	return []actions.Field{{ID: "body", Label: "Text", Help: "HTML.", Type: actions.LongText, Example: "<p>Press Export.</p>"}, articleText("description", "Summary", "What stands below the title."), whether,
		{ID: "collection", Label: "Collection", Help: "The id of the collection that it stands in; one without is found by nobody.", Type: actions.Integer, In: actions.InNone, Example: 143,
			Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/help_center/collections"}, Page: *numbered(), Value: "/id", Label: "/name"}}}
}

// articlePlace writes the collection, whose id a change has as a text.
func articlePlace(change bool) func(map[string]any) (actions.Parts, error) {
	return func(in map[string]any) (actions.Parts, error) {
		id := in["collection"]
		if id == nil {
			return actions.Parts{}, nil
		}
		if change {
			id = value.Text(id)
		}
		return actions.Parts{Body: map[string]any{"parent_type": "collection", "parent_id": id}}, nil
	}
}

// numbered is how lists of the help centre go on: by the number of the part.
func numbered() *actions.Page {
	return &actions.Page{Kind: actions.Numbered, Items: "/data", Sure: "/data", ID: "/id", At: actions.Spot{In: actions.InQuery, Name: "page"}, Size: 50, Sizes: actions.Spot{In: actions.InQuery, Name: "per_page"}}
}

func paged(id, name, description, path string, item map[string]any) actions.Action {
	out := listed(id, name, description, path, "/data", nil, item)
	out.Page = numbered()
	return out
}
