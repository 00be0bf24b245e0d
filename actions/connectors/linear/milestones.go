package linear

import "github.com/stepmill/stepmill/actions"

const milestoneParts = ` { id name description progress targetDate sortOrder createdAt updatedAt project { id name } } `

func milestone() map[string]any {
	return map[string]any{"id": "b4a2b3d4-0000-4000-8000-000000000012", "name": "Beta", "description": "For ten customers.", "progress": 0.5, "targetDate": "2026-03-31", "sortOrder": 1, "createdAt": "2026-01-31T09:30:00.000Z", "updatedAt": "2026-01-31T09:30:00.000Z",
		"project": map[string]any{"id": "f2a2b3d4-0000-4000-8000-000000000008", "name": "Apollo"}}
}

// createMilestone makes a milestone of a project, with an id of ours.
func createMilestone() actions.Action {
	get := reading("milestone_by_id", "", "", `query($id: String!) { projectMilestone(id: $id)`+milestoneParts+`}`, "/projectMilestone", milestone(), actions.Field{ID: "id", Type: actions.Text, In: actions.InNone, Name: "id"})
	return keyed(changing("create_milestone", "Create a milestone", "Makes a milestone of a project.", noKey, `mutation($input: ProjectMilestoneCreateInput!) { projectMilestoneCreate(input: $input) { success projectMilestone`+milestoneParts+`} }`, "/projectMilestoneCreate/projectMilestone", milestone(),
		projectIDField("input.projectId"), nameField("input.name"),
		in(actions.Field{ID: "description", Label: "Description", Help: "In Markdown.", Type: actions.LongText}, "input.description"),
		in(actions.Field{ID: "target", Label: "Target", Help: "The day, as 2026-03-31.", Type: actions.Text, Example: "2026-03-31"}, "input.targetDate")), get, "input.id")
}

// projectIDField is a project where the end of its address is not taken.
func projectIDField(variable string) actions.Field {
	f := projectField(variable)
	f.Help, f.Link = "Its id.", ""
	return f
}

func listMilestones() actions.Action {
	page := parts("project/projectMilestones")
	a := listing("list_milestones", "List a project's milestones", "Gives the milestones of a project, with how far each is.", `query($id: String!, $first: Int, $after: String) { project(id: $id) { projectMilestones(first: $first, after: $after) { nodes`+milestoneParts+rest+`} } }`, "project", milestone(), projectField("id"))
	a.Page = &page
	return a
}
