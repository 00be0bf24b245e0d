package main

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/actions/connectors/core"
	"github.com/stepmill/stepmill/engine/machine"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/triggers/webhook"
	"github.com/stepmill/stepmill/web"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/api"
	"github.com/stepmill/stepmill/web/approvals"
	"github.com/stepmill/stepmill/web/apps"
	"github.com/stepmill/stepmill/web/connections"
	"github.com/stepmill/stepmill/web/dist"
	"github.com/stepmill/stepmill/web/docs"
	"github.com/stepmill/stepmill/web/drafts"
	"github.com/stepmill/stepmill/web/inbox"
	"github.com/stepmill/stepmill/web/login"
	"github.com/stepmill/stepmill/web/oauth"
	"github.com/stepmill/stepmill/web/outbox"
	"github.com/stepmill/stepmill/web/runs"
	"github.com/stepmill/stepmill/web/scenarios"
	"github.com/stepmill/stepmill/web/secrets"
	"github.com/stepmill/stepmill/web/tree"
	"github.com/stepmill/stepmill/web/triggers"
	"github.com/stepmill/stepmill/web/ui"
)

// site puts the API, the screens and the hooks together.
func (s *server) site() web.Config {
	apps := tree.AppsOf(connectors.Catalogue)
	chrome := func(r *http.Request) ui.Chrome {
		actor, _ := access.ActorFrom(r.Context())
		return ui.Chrome{User: actor.Name, Demo: s.demo, AppsCSS: apps.URL(), Theme: ui.ThemeOf(r), Broken: s.broken(r, actor), Ailing: s.ailing(r, actor)}
	}
	credentials := kept{s}
	held := func(ctx context.Context, a run.Actor, c run.Connection) (api.Held, error) {
		h, err := credentials.Held(ctx, a, c)
		return api.Held(h), err
	}
	routes := api.Routes(api.Config{Store: s.named(), Drafts: s.drafts, Engine: s.engine, Starter: s.hand, Bulk: s.bulk, Schedules: schedules{time.Now}, Captures: s.captures, Subscriptions: subscriptions{s.keeper}, Connectors: connectors.Catalogue, Test: s.testConnection, Choices: s.out.Choices, RecordFields: s.out.RecordFields, FromCurl: fromCurl, SignIn: s.signIns.Begin, CheckValues: s.out.CheckValues, CheckRef: s.out.CheckRef, Held: held, Renew: credentials.Renew,
		Health: s.health, Address: s.address, Now: time.Now, Version: version})
	hooks := s.hooks()
	return web.Config{
		Gate: s.gate, API: routes, Screens: s.screens(apps, chrome), Hub: s.hub, Hooks: hooks, Resume: http.HandlerFunc(hooks.Resume), Ready: s.ready, BaseURL: s.base, Proxies: s.proxies, Log: s.log,
		Static: []access.Route{
			{Method: "GET", Pattern: dist.Prefix, Needs: access.Public, Handle: access.Of(dist.Handler())},
			{Method: "GET", Pattern: ui.AppsPath, Needs: access.Public, Handle: access.Of(apps)},
		},
		Page: func(w http.ResponseWriter, r *http.Request, status int, title, text string) {
			if err := ui.Render(w, r, status, ui.Failed(chrome(r), title, text)); err != nil {
				s.log.Error("an error page could not be written", "error", err)
			}
		},
	}
}

// screens are the pages, each with what it needs.
func (s *server) screens(tiles *ui.Apps, chrome func(*http.Request) ui.Chrome) []access.Route {
	actor := func(r *http.Request) run.Actor {
		a, _ := access.ActorFrom(r.Context())
		return a
	}
	drawer := tree.Drawer{Apps: tiles, Words: schedules{time.Now}.words, Catalogue: connectors.Catalogue}
	signIn := &login.Handler{Accounts: accounts{s.gate}, Chrome: chrome, NeedsToken: s.needsToken}
	list := &scenarios.Handler{Store: s.store, Editing: editing{s}, Templates: templates, Drawer: drawer, Actor: actor, Chrome: chrome, Now: time.Now, Address: s.address, Check: s.drafts.Problems,
		Planned: schedules{time.Now}.Planned, Health: s.health, Captures: samples{s.captures, s}, Subscribed: subscriptions{s.keeper}.Of}
	if s.demo {
		list.Secret = demoSecret
	}
	work := &runs.Handler{Bulk: s.bulk, Store: s.store, File: s.store.FileOfRun, Drawer: drawer, Actor: actor, Chrome: chrome, Now: time.Now, Cancel: s.engine.Cancel, Replay: s.replayRun, ReplayFrom: s.replayFrom,
		Resume: s.engine.Resume, Settle: s.engine.Settle, Discard: s.engine.Discard, ApprovalURL: s.approvalURL, ResumeURL: s.resumeURL}
	hosted := s.forms()
	hosted.Chrome = chrome
	asked := &approvals.Handler{Store: s.store, Open: s.approvalLink, Answer: s.decide, Actor: actor, Chrome: chrome}
	links := &connections.Handler{Store: s.named(), Values: kept{s}, Connectors: connectors.Catalogue, Apps: tiles, Actor: actor, Chrome: chrome, Now: time.Now, Redirect: s.base + oauth.Path,
		Test: s.testConnection, BeginSignIn: s.signIns.Begin}
	proofs := &secrets.Handler{Store: s.named(), Uses: drafts.UsesSecret, Actor: actor, Chrome: chrome, Now: time.Now}
	s.signIns.Page, s.signIns.Failed = links.Page, signInFailed(links)
	catalogue := &apps.Handler{Store: s.store, Catalogue: connectors.Catalogue, Apps: tiles, Guides: webhook.Guides(), Examples: examples, Actor: actor, Chrome: chrome}
	sent := &outbox.Handler{Store: s.store, Apps: tiles, Actor: actor, Chrome: chrome, Now: time.Now}
	ways := &triggers.Handler{Store: s.store, Health: s.health, Apps: tiles, Actor: actor, Chrome: chrome, Now: time.Now}
	guides := &docs.Handler{Guides: webhook.Guides(), Functions: functions, Chrome: chrome}
	came := &inbox.Handler{Store: s.store, Actor: actor, Chrome: chrome, Now: time.Now, Body: api.BodyOf, File: s.store.File, Replay: s.hand.Replay, Bulk: s.bulk}
	return []access.Route{
		{Method: "GET", Pattern: "/login", Needs: access.Public, Handle: signIn.Page},
		{Method: "GET", Pattern: "/setup", Needs: access.Public, Handle: signIn.Page},
		{Method: "POST", Pattern: "/login", Needs: access.Public, Handle: signIn.SignIn},
		{Method: "POST", Pattern: "/setup", Needs: access.Public, Handle: signIn.SetUp},
		{Method: "POST", Pattern: "/logout", Needs: access.Public, Handle: signIn.SignOut},

		{Method: "GET", Pattern: "/scenarios", Needs: access.Read, Handle: list.List},
		{Method: "POST", Pattern: "/scenarios", Needs: access.Edit, Handle: list.Create},
		{Method: "GET", Pattern: "/scenarios/new", Needs: access.Edit, Handle: list.New},
		{Method: "GET", Pattern: "/scenarios/{scenario}", Needs: access.Read, Handle: list.Edit},
		{Method: "GET", Pattern: "/scenarios/{scenario}/export", Needs: access.Read, Handle: list.Export},
		{Method: "POST", Pattern: "/scenarios/{scenario}/draft", Needs: access.Edit, Handle: list.SaveDraft},
		{Method: "POST", Pattern: "/scenarios/{scenario}/check", Needs: access.Edit, Handle: list.CheckDraft},
		{Method: "POST", Pattern: "/scenarios/{scenario}/publish", Needs: access.Edit, Handle: list.Publish},
		{Method: "POST", Pattern: "/scenarios/{scenario}/pause", Needs: access.Edit, Handle: list.Pause},
		{Method: "POST", Pattern: "/scenarios/{scenario}/resume", Needs: access.Edit, Handle: list.Resume},
		{Method: "POST", Pattern: "/scenarios/{scenario}/sample", Needs: access.Operate, Handle: list.Sample},
		{Method: "GET", Pattern: "/scenarios/{scenario}/capture", Needs: access.Edit, Handle: list.Waiting},
		{Method: "POST", Pattern: "/scenarios/{scenario}/capture", Needs: access.Edit, Handle: list.Capture},
		{Method: "POST", Pattern: "/scenarios/{scenario}/delete", Needs: access.Edit, Handle: list.Delete},

		{Method: "GET", Pattern: "/runs", Needs: access.Read, Handle: work.List},
		{Method: "POST", Pattern: "/runs/bulk", Needs: access.Operate, Handle: work.StartBulk},
		{Method: "POST", Pattern: "/runs/bulk/{job}/stop", Needs: access.Operate, Handle: work.StopBulk},
		{Method: "GET", Pattern: "/scenarios/{scenario}/runs", Needs: access.Read, Handle: work.List},
		{Method: "GET", Pattern: "/runs/{run}", Needs: access.Read, Handle: work.Show},
		{Method: "GET", Pattern: "/runs/{run}/files/{hash}", Needs: access.Read, Handle: work.DownloadFile},
		{Method: "GET", Pattern: "/runs/{run}/attention", Needs: access.Read, Handle: work.Attention},
		{Method: "POST", Pattern: "/runs/{run}/resume", Needs: access.Operate, Handle: work.ResumeStep},
		{Method: "POST", Pattern: "/runs/{run}/settle", Needs: access.Operate, Handle: work.SettleStep},
		{Method: "POST", Pattern: "/runs/{run}/discard", Needs: access.Operate, Handle: work.DiscardRun},
		{Method: "POST", Pattern: "/runs/{run}/cancel", Needs: access.Operate, Handle: work.CancelRun},
		{Method: "POST", Pattern: "/runs/{run}/replay", Needs: access.Operate, Handle: work.ReplayRun},

		{Method: "GET", Pattern: "/approvals/{token}", Needs: access.Public, Handle: asked.Show},
		{Method: "POST", Pattern: "/approvals/{token}", Needs: access.Public, Handle: asked.Decide},

		{Method: "GET", Pattern: "/forms/{key}", Needs: access.Public, Handle: hosted.Show},
		{Method: "POST", Pattern: "/forms/{key}", Needs: access.Public, Handle: hosted.Submit},
		{Method: "GET", Pattern: "/chat/{key}", Needs: access.Public, Handle: hosted.ShowChat},
		{Method: "POST", Pattern: "/chat/{key}", Needs: access.Public, Handle: hosted.Say},

		{Method: "GET", Pattern: oauth.Path, Needs: access.Public, Handle: s.signIns.Callback},
		{Method: "GET", Pattern: "/connections", Needs: access.Read, Handle: links.List},
		{Method: "POST", Pattern: "/connections", Needs: access.Administer, Handle: links.Create},
		{Method: "GET", Pattern: "/connections/new", Needs: access.Administer, Handle: links.New},
		{Method: "GET", Pattern: "/connections/{connection}", Needs: access.Read, Handle: links.Show},
		{Method: "POST", Pattern: "/connections/{connection}", Needs: access.Administer, Handle: links.Set},
		{Method: "GET", Pattern: "/connections/{connection}/values", Needs: access.Administer, Handle: links.Fill},
		{Method: "POST", Pattern: "/connections/{connection}/values", Needs: access.Administer, Handle: links.Renew},
		{Method: "POST", Pattern: "/connections/{connection}/sign-in", Needs: access.Administer, Handle: links.SignIn},
		{Method: "POST", Pattern: "/connections/{connection}/pause", Needs: access.Administer, Handle: links.Pause},
		{Method: "POST", Pattern: "/connections/{connection}/resume", Needs: access.Administer, Handle: links.Resume},
		{Method: "POST", Pattern: "/connections/{connection}/test", Needs: access.Administer, Handle: links.TestOne},
		{Method: "POST", Pattern: "/connections/{connection}/delete", Needs: access.Administer, Handle: links.Delete},

		{Method: "GET", Pattern: "/secrets", Needs: access.Read, Handle: proofs.List},
		{Method: "POST", Pattern: "/secrets", Needs: access.Administer, Handle: proofs.Create},
		{Method: "GET", Pattern: "/secrets/new", Needs: access.Administer, Handle: proofs.New},
		{Method: "GET", Pattern: "/secrets/{secret}", Needs: access.Read, Handle: proofs.Show},
		{Method: "POST", Pattern: "/secrets/{secret}", Needs: access.Administer, Handle: proofs.Replace},
		{Method: "POST", Pattern: "/secrets/{secret}/delete", Needs: access.Administer, Handle: proofs.Delete},

		{Method: "GET", Pattern: "/apps", Needs: access.Read, Handle: catalogue.List},
		{Method: "GET", Pattern: "/apps/{app}", Needs: access.Read, Handle: catalogue.Show},
		{Method: "GET", Pattern: "/outbox", Needs: access.Read, Handle: sent.List},
		{Method: "POST", Pattern: "/outbox/clear", Needs: access.Administer, Handle: sent.Clear},
		{Method: "GET", Pattern: "/triggers", Needs: access.Read, Handle: ways.List},
		{Method: "GET", Pattern: "/docs/functions", Needs: access.Read, Handle: guides.FunctionList},
		{Method: "GET", Pattern: "/docs/webhooks", Needs: access.Read, Handle: guides.List},
		{Method: "GET", Pattern: "/docs/webhooks/{preset}", Needs: access.Read, Handle: guides.Show},
		{Method: "GET", Pattern: "/inbox", Needs: access.Read, Handle: came.List},
		{Method: "GET", Pattern: "/inbox/{event}", Needs: access.Read, Handle: came.Show},
		{Method: "GET", Pattern: "/inbox/{event}/body", Needs: access.Read, Handle: came.Download},
		{Method: "GET", Pattern: "/inbox/{event}/files/{hash}", Needs: access.Read, Handle: came.DownloadFile},
		{Method: "POST", Pattern: "/inbox/{event}/replay", Needs: access.Operate, Handle: came.ReplayEvent},
		{Method: "POST", Pattern: "/inbox/bulk", Needs: access.Operate, Handle: came.ReplayMany},
		{Method: "POST", Pattern: "/inbox/bulk/{job}/stop", Needs: access.Operate, Handle: came.StopMany},
	}
}

// accounts is the gate as the sign-in's screens know it.
type accounts struct{ *access.Gate }

func (a accounts) SetUp(w http.ResponseWriter, r *http.Request, o login.Owner) error {
	return a.Gate.SetUp(w, r, access.Owner{Name: o.Name, Email: o.Email, Password: o.Password, Token: o.Token})
}

// editing is what the scenarios' screens do.
type editing struct{ s *server }

func (e editing) service() *drafts.Service { return e.s.drafts }

func (e editing) Create(ctx context.Context, a run.Actor, slug string, definition []byte) (stored, error) {
	return e.service().Create(ctx, a, slug, definition)
}

func (e editing) Save(ctx context.Context, a run.Actor, ref string, definition []byte, ifRevision int64) (stored, error) {
	return e.service().Save(ctx, a, ref, definition, ifRevision)
}

func (e editing) Publish(ctx context.Context, a run.Actor, ref, note string, revision int64) (stored, error) {
	return e.service().Publish(ctx, a, ref, note, revision)
}

func (e editing) SetPaused(ctx context.Context, a run.Actor, ref string, paused bool) (stored, error) {
	return e.service().SetPaused(ctx, a, ref, paused)
}

func (e editing) Delete(ctx context.Context, a run.Actor, ref string) error {
	return e.service().Delete(ctx, a, ref, 0)
}

func (e editing) Sample(ctx context.Context, a run.Actor, ref, triggerID string) (string, error) {
	_, runID, err := e.s.hand.Test(ctx, a, ref, triggerID, nil)
	return runID, err
}

// replayRun starts another run of a run's event, or of another one in its place, on the live version.
func (s *server) replayRun(ctx context.Context, actor run.Actor, runID string, payload json.RawMessage) (string, error) {
	return s.hand.ReplayRun(ctx, actor, runID, "", payload, 0)
}

// replayFrom starts another run of a run on its own version, from a step on.
func (s *server) replayFrom(ctx context.Context, actor run.Actor, runID, path string) (string, error) {
	return s.hand.ReplayRun(ctx, actor, runID, path, nil, -1)
}

// approvalURL is where somebody decides on a step of a run; whoever has it may.
func (s *server) approvalURL(r run.Run, path, to string) string {
	return s.base + "/approvals/" + run.Link{Kind: run.ApprovalLink, Workspace: r.Workspace, Run: r.ID, Path: path, To: to}.Token(s.linkKey)
}

func (s *server) approvalLink(token string) (run.Link, error) {
	return run.OpenLink(s.linkKey, run.ApprovalLink, token)
}

func (s *server) decide(ctx context.Context, l run.Link, d approvals.Decision) error {
	return s.engine.Decide(ctx, run.SystemActor(l.Workspace), l.Run, l.Path, machine.Verdict{Approved: d.Approved, By: d.By, Comment: d.Comment, Form: d.Form})
}

// fromCurl is a command of curl as the inputs of an HTTP step.
func fromCurl(command string) (map[string]any, []string, error) {
	r, err := core.FromCurl(command)
	return r.With, r.Notes, err
}
