package github

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// looking is a trigger that looks at a list of a repository. It needs no webhook, and with it no right to administer one.
func looking(id, name, description, path string, sample map[string]any) actions.Trigger {
	return actions.Trigger{
		ID: id, Name: name, Description: description, Kind: actions.PollKind,
		Input: []actions.Field{ownerField(), repoField()}, Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{Request: &actions.Request{Method: "GET", Path: path}, Page: parts(), Every: 5 * time.Minute, Least: time.Minute},
	}
}

// newIssue searches: the list of issues holds pull requests too. The search shows an issue some minutes late, as a rule less.
func newIssue() actions.Trigger {
	t := looking("new_issue", "New issue", "An issue was made in a repository. It needs no webhook.", "/search/issues", issue())
	for i := range t.Input {
		t.Input[i].In = actions.InNone
	}
	t.Poll.Request.Query = map[string]string{"sort": "created", "order": "asc"}
	t.Poll.Request.Prepare = func(in map[string]any) (actions.Parts, error) {
		q := "is:issue repo:" + quoted(value.Text(in["owner"])+"/"+value.Text(in["repo"]))
		if in["since"] != nil {
			q += " created:>=" + value.Text(in["since"])
		}
		return actions.Parts{Query: map[string]any{"q": q}}, nil
	}
	t.Poll.Page.Items, t.Poll.Time, t.Poll.Order = "/items", "/created_at", actions.OldestFirst
	t.Poll.Since, t.Poll.Overlap = actions.Since{As: actions.RFC3339}, 15*time.Minute
	return t
}

func newPull() actions.Trigger {
	t := looking("new_pull_request", "New pull request", "A pull request was made in a repository. It needs no webhook.", "/repos/{owner}/{repo}/pulls", pull())
	t.Poll.Request.Query = map[string]string{"state": "all", "sort": "created", "direction": "desc"}
	t.Poll.Time, t.Poll.Order, t.Poll.Overlap = "/created_at", actions.NewestFirst, 5*time.Minute
	return t
}

// newRelease goes by ids: the time of a release is that of its commit, and of publishing a draft has none.
func newRelease() actions.Trigger {
	t := looking("new_release", "New release", "A release was made in a repository; a draft counts when it is made, and only where the account sees it. It needs no webhook.", "/repos/{owner}/{repo}/releases", release())
	t.Poll.Rises = "/id"
	return t
}

// newCommit reads three days again each time, because a commit may be older than the push that brings it.
func newCommit() actions.Trigger {
	t := looking("new_commit", "New commit", "A commit came onto a branch. One that is more than three days older than the push that brought it does not count.", "/repos/{owner}/{repo}/commits", commit())
	t.Input = append(t.Input, actions.Field{ID: "branch", Label: "Branch", Help: "The default branch where not given.", Type: actions.Text, In: actions.InQuery, Name: "sha", Example: "main"})
	t.Poll.Page.ID, t.Poll.Time, t.Poll.Order = "/sha", "/commit/committer/date", actions.Unordered
	t.Poll.Later = true // those of a rebase have one time
	t.Poll.Since, t.Poll.Overlap = actions.Since{Spot: actions.Spot{In: actions.InQuery, Name: "since"}, As: actions.RFC3339}, 72*time.Hour
	return t
}
