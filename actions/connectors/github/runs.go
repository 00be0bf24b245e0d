package github

import (
	"context"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func run() map[string]any {
	return map[string]any{"id": 30433642, "name": "Build", "display_title": "Fix all the bugs", "run_number": 562, "run_attempt": 1, "event": "push", "status": "completed", "conclusion": "success", "workflow_id": 159038,
		"head_branch": "main", "head_sha": "acb5820ced9479c074f688cc328bf03f341a511d", "html_url": "https://github.com/octocat/Hello-World/actions/runs/30433642", "actor": account(),
		"created_at": "2020-01-22T19:33:08Z", "updated_at": "2020-01-22T19:33:08Z", "run_started_at": "2020-01-22T19:33:08Z"}
}

func workflowChoices() *actions.Choices {
	c := inRepository("/repos/{owner}/{repo}/actions/workflows", "/id", "{/name} ({/path})")
	c.Page.Items, c.Page.Sure = "/workflows", "/workflows"
	return c
}

func listWorkflows() actions.Action {
	a := listing("list_workflows", "List workflows", "Gives the workflows of a repository.", "/repos/{owner}/{repo}/actions/workflows",
		map[string]any{"id": 161335, "name": "Build", "path": ".github/workflows/build.yml", "state": "active", "html_url": "https://github.com/octocat/Hello-World/blob/main/.github/workflows/build.yml"}, ownerField(), repoField())
	a.Page.Items, a.Page.Sure = "/workflows", "/workflows"
	return a
}

// listRuns gives runs. Source: https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-repository
func listRuns() actions.Action {
	a := listing("list_workflow_runs", "List workflow runs", "Gives the runs of a repository's workflows that fit all conditions that are given, the latest first.", "/repos/{owner}/{repo}/actions/runs", run(), ownerField(), repoField(),
		actions.Field{ID: "branch", Label: "Branch", Help: "The branch that was pushed.", Type: actions.Text, In: actions.InQuery, Choices: branchChoices()},
		actions.Field{ID: "event", Label: "Event", Help: "What started them, as push or schedule.", Type: actions.Text, In: actions.InQuery, Example: "push"},
		actions.Field{ID: "status", Label: "Status", Help: "How far they are, or how they ended.", Type: actions.Select, In: actions.InQuery, Options: []actions.Option{{Value: "queued", Label: "Waiting"}, {Value: "in_progress", Label: "Running"}, {Value: "completed", Label: "Ended"},
			{Value: "success", Label: "Succeeded"}, {Value: "failure", Label: "Failed"}, {Value: "cancelled", Label: "Cancelled"}, {Value: "timed_out", Label: "Timed out"}, {Value: "action_required", Label: "Waiting for approval"}}},
		actions.Field{ID: "commit", Label: "Commit", Help: "The commit that they ran on.", Type: actions.Text, In: actions.InQuery, Name: "head_sha"})
	a.Page.Items, a.Page.Sure = "/workflow_runs", "/workflow_runs"
	return a
}

func runField() actions.Field {
	c := inRepository("/repos/{owner}/{repo}/actions/runs", "/id", "{/name} #{/run_number}: {/display_title}")
	c.Page.Items, c.Page.Sure = "/workflow_runs", "/workflow_runs"
	return actions.Field{ID: "run", Label: "Run", Help: "Its id, or the address of its page.", Type: actions.Integer, Required: true, In: actions.InPath, Name: "run_id", Example: 30433642, Link: `/actions/runs/([0-9]+)`, Choices: c}
}

func getRun() actions.Action {
	sample := run()
	return actions.Action{
		ID: "get_workflow_run", Name: "Get a workflow run", Description: "Reads a run: whether it has ended, and how.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{ownerField(), repoField(), runField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/repos/{owner}/{repo}/actions/runs/{run_id}"},
	}
}

// again is what GitHub takes. Source: https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
const again = "A run is run again at most 30 days after it began, at most 50 times, and while its workflow is there."

// rerun starts a run again, all of it or what failed. Source: https://docs.github.com/en/rest/actions/workflow-runs#re-run-a-workflow
func rerun() actions.Action {
	sample := map[string]any{"done": true}
	return actions.Action{
		ID: "rerun_workflow", Name: "Run a workflow again", Description: "Starts a run again that has ended, at most 30 days after it began.", Effect: actions.Once,
		Guarantee: "GitHub has no key that would make a repeat harmless: a run whose answer was lost in a crash is not started again by itself, you are asked.",
		Input: []actions.Field{ownerField(), repoField(), runField(),
			{ID: "jobs", Label: "What", Help: "Which of its jobs.", Type: actions.Select, In: actions.InNone, Default: "rerun", Options: []actions.Option{{Value: "rerun", Label: "All jobs"}, {Value: "rerun-failed-jobs", Label: "Those that failed, and what waits for them"}}},
			{ID: "debug", Label: "With more words", Help: "Whether the log says more.", Type: actions.Boolean, Name: "enable_debug_logging"}},
		Output: value.ShapeOf(sample), Sample: sample, Errors: actions.ErrorTable{{Status: 403, Pointer: "/message", Contains: "already running", Code: "conflict", Message: "GitHub refused: {}", Remedy: "Wait until the run has ended, or cancel it first."},
			{Status: 403, Pointer: "/message", Contains: "cannot be re", Code: "invalid_input", Message: "GitHub refused: {}", Remedy: again},
			{Status: 403, Pointer: "/message", Contains: "unable to re", Code: "invalid_input", Message: "GitHub refused: {}", Remedy: again}},
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/actions/runs/{run_id}/{jobs}", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			return actions.Parts{Path: map[string]string{"jobs": value.Text(in["jobs"])}}, nil
		}, Output: wasDone},
	}
}

func cancelRun() actions.Action {
	sample := map[string]any{"done": true}
	return actions.Action{
		ID: "cancel_workflow_run", Name: "Cancel a workflow run", Description: "Ends a run that goes on; done is false where it had ended already.", Effect: actions.Idempotent,
		Guarantee: "A run that has ended stays so, and a repeat changes nothing.",
		Input:     []actions.Field{ownerField(), repoField(), runField()}, Output: value.ShapeOf(sample), Sample: sample, Errors: actions.ErrorTable{{Status: 409}},
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/actions/runs/{run_id}/cancel", Output: func(resp actions.Response) (any, error) {
			return map[string]any{"done": resp.Status != 409}, nil
		}},
	}
}

func listJobs() actions.Action {
	a := listing("list_run_jobs", "List a run's jobs", "Gives the jobs of a run's latest attempt with their steps, and how each ended.", "/repos/{owner}/{repo}/actions/runs/{run_id}/jobs",
		map[string]any{"id": 399444496, "run_id": 30433642, "name": "build", "status": "completed", "conclusion": "failure", "started_at": "2020-01-20T17:42:40Z", "completed_at": "2020-01-20T17:44:39Z", "html_url": "https://github.com/octocat/Hello-World/actions/runs/30433642/job/399444496",
			"steps": []any{map[string]any{"name": "Run tests", "status": "completed", "conclusion": "failure", "number": 4}}}, ownerField(), repoField(), runField())
	a.Page.Items, a.Page.Sure = "/jobs", "/jobs"
	return a
}

// downloadLogs fetches the archive that GitHub leads to. Source: https://docs.github.com/en/rest/actions/workflow-runs#download-workflow-run-logs
func downloadLogs() actions.Action {
	sample := map[string]any{"file": actions.FileSample("run-30433642.zip", "application/zip", 20480)}
	return actions.Action{
		ID: "download_run_logs", Name: "Download a run's logs", Description: "Reads the logs of a run that has ended, as a ZIP archive for later steps to take.", Effect: actions.Read, Guarantee: readsOnly, Timeout: actions.FileTimeout,
		Input: []actions.Field{ownerField(), repoField(), in(runField(), actions.InNone)}, Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			id := value.Text(in.Values["run"])
			path, err := actions.FillPath("/repos/{owner}/{repo}/actions/runs/{run_id}/logs", map[string]string{"owner": value.Text(in.Values["owner"]), "repo": value.Text(in.Values["repo"]), "run_id": id})
			if err != nil {
				return nil, err
			}
			resp, err := actions.Fetch(ctx, do, actions.HTTPRequest{Method: "GET", URL: path}, value.File{Name: "run-" + id + ".zip", Type: "application/zip"})
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			return map[string]any{"file": resp.File.Value()}, nil
		},
	}
}
