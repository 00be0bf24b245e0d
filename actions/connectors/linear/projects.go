package linear

import "github.com/stepmill/stepmill/actions"

const projectParts = ` { id name description content url slugId color icon priority priorityLabel progress health startDate targetDate createdAt updatedAt completedAt canceledAt archivedAt
 status { id name type } lead { id name email } teams(first: 20) { nodes { id key name } } } `

func project() map[string]any {
	return map[string]any{"id": "f2a2b3d4-0000-4000-8000-000000000008", "name": "Apollo", "description": "To the moon.", "content": nil, "url": "https://linear.app/acme/project/apollo-3f1c", "slugId": "3f1c", "color": "#bec2c8", "icon": nil,
		"priority": 0, "priorityLabel": "No priority", "progress": 0.25, "health": "onTrack", "startDate": "2026-01-31", "targetDate": "2026-06-30", "createdAt": "2026-01-31T09:30:00.000Z", "updatedAt": "2026-01-31T09:30:00.000Z",
		"completedAt": nil, "canceledAt": nil, "archivedAt": nil, "status": map[string]any{"id": "f3a2b3d4-0000-4000-8000-000000000009", "name": "In Progress", "type": "started"}, "lead": person(),
		"teams": map[string]any{"nodes": []any{map[string]any{"id": "b1a2b3d4-0000-4000-8000-000000000002", "key": "ENG", "name": "Engineering"}}}}
}

func projectField(variable string) actions.Field {
	return in(actions.Field{ID: "project", Label: "Project", Help: "Its id, or the address of its page.", Type: actions.Text, Required: true, Example: "f2a2b3d4-0000-4000-8000-000000000008", Choices: projects(), Link: projectLink}, variable)
}

func nameField(variable string) actions.Field {
	return in(actions.Field{ID: "name", Label: "Name", Help: "One line.", Type: actions.Text, Required: true, Example: "Apollo"}, variable)
}

func projectDetails() []actions.Field {
	return []actions.Field{
		in(actions.Field{ID: "description", Label: "Summary", Help: "At most 255 characters.", Type: actions.Text}, "input.description"),
		in(actions.Field{ID: "content", Label: "Description", Help: "In Markdown.", Type: actions.LongText}, "input.content"),
		in(actions.Field{ID: "status", Label: "Status", Help: "The id of a status of projects.", Type: actions.Text, Choices: projectStatuses()}, "input.statusId"),
		in(actions.Field{ID: "lead", Label: "Lead", Help: "The id of who leads it.", Type: actions.Text, Choices: users()}, "input.leadId"),
		in(actions.Field{ID: "members", Label: "Members", Help: "The ids of all who work on it.", Type: actions.Texts, Choices: users()}, "input.memberIds"),
		priorityField("input.priority"),
		in(actions.Field{ID: "starts", Label: "Start", Help: "The day, as 2026-01-31.", Type: actions.Text, Example: "2026-01-31"}, "input.startDate"),
		in(actions.Field{ID: "target", Label: "Target", Help: "The day, as 2026-06-30.", Type: actions.Text, Example: "2026-06-30"}, "input.targetDate"),
	}
}

func plainCreateProject() actions.Action {
	return changing("create_project", "Create a project", "Makes a project of one team or several.", noKey, `mutation($input: ProjectCreateInput!) { projectCreate(input: $input) { success project`+projectParts+`} }`, "/projectCreate/project", project(),
		append([]actions.Field{nameField("input.name"), in(actions.Field{ID: "teams", Label: "Teams", Help: "Their ids.", Type: actions.Texts, Required: true, Example: []any{"b1a2b3d4-0000-4000-8000-000000000002"}, Choices: teams()}, "input.teamIds")}, projectDetails()...)...)
}

func projectByID() actions.Action {
	return reading("project_by_id", "", "", `query($id: String!) { project(id: $id)`+projectParts+`}`, "/project", project(), actions.Field{ID: "id", Type: actions.Text, In: actions.InNone, Name: "id"})
}

func createProject() actions.Action { return keyed(plainCreateProject(), projectByID(), "input.id") }

func findOrCreateProject() actions.Action {
	find := listing("find_project", "", "", `query($filter: ProjectFilter, $first: Int, $after: String) { projects(filter: $filter, first: $first, after: $after) { nodes`+projectParts+rest+`} }`, "projects", project(), nameField("filter.name.eqIgnoreCase"))
	return findOrMake("find_or_create_project", "Find or create a project", "Finds a project by its name, or makes it.", find, plainCreateProject(), projectByID(), "input.id")
}

func getProject() actions.Action {
	return reading("get_project", "Get a project", "Reads a project.", `query($id: String!) { project(id: $id)`+projectParts+`}`, "/project", project(), projectField("id"))
}

func updateProject() actions.Action {
	fields := append([]actions.Field{projectField("id"), optional(nameField("input.name"))}, projectDetails()...)
	return changing("update_project", "Update a project", "Changes what is given of a project and leaves the rest.", sameAfter, `mutation($id: String!, $input: ProjectUpdateInput!) { projectUpdate(id: $id, input: $input) { success project`+projectParts+`} }`, "/projectUpdate/project", project(),
		append(fields, clearField("lead, starts or target", "lead"))...)
}

func listProjects() actions.Action {
	return listing("list_projects", "List projects", "Gives the projects that fit all conditions that are given, the newest first.", `query($filter: ProjectFilter, $archived: Boolean, $first: Int, $after: String) { projects(filter: $filter, includeArchived: $archived, first: $first, after: $after) { nodes`+projectParts+rest+`} }`, "projects", project(),
		in(actions.Field{ID: "name", Label: "Name", Help: "Words that stand in the name as they are here.", Type: actions.Text, Example: "Apollo"}, "filter.name.containsIgnoreCase"),
		optional(teamField("filter.accessibleTeams.some.id.eq")),
		in(actions.Field{ID: "status", Label: "Status", Help: "The id of a status of projects.", Type: actions.Text, Choices: projectStatuses()}, "filter.status.id.eq"),
		in(actions.Field{ID: "updated_from", Label: "Changed from", Help: "Only those changed from this time on.", Type: actions.DateTime, Example: "2026-01-31T09:30:00Z"}, "filter.updatedAt.gte"),
		in(actions.Field{ID: "archived", Label: "Also archived", Help: "Whether archived projects are given too.", Type: actions.Boolean, Default: false}, "archived"))
}

func createProjectUpdate() actions.Action {
	sample := map[string]any{"id": "f4a2b3d4-0000-4000-8000-000000000010", "body": "The engine is ready.", "health": "onTrack", "url": "https://linear.app/acme/project/apollo-3f1c/updates#f4a2b3d4", "createdAt": "2026-01-31T09:30:00.000Z", "user": person(), "project": map[string]any{"id": "f2a2b3d4-0000-4000-8000-000000000008", "name": "Apollo"}}
	return changing("create_project_update", "Report on a project", "Writes an update of a project and says how it stands.", noKey, `mutation($input: ProjectUpdateCreateInput!) { projectUpdateCreate(input: $input) { success projectUpdate { id body health url createdAt user { id name email } project { id name } } } }`, "/projectUpdateCreate/projectUpdate", sample,
		projectField("input.projectId"), bodyField(),
		in(actions.Field{ID: "health", Label: "How it stands", Help: "Shown on the project.", Type: actions.Select, Options: []actions.Option{{Value: "onTrack", Label: "On track"}, {Value: "atRisk", Label: "At risk"}, {Value: "offTrack", Label: "Off track"}}}, "input.health"))
}
