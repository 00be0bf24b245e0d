package intercom

// topics are the events that Intercom's API of version 2.x tells of.
// https://developers.intercom.com/docs/references/webhooks/webhook-models
func topics() []string {
	return []string{
		"admin.activity_log_event.created", "admin.added_to_workspace", "admin.away_mode_updated", "admin.logged_in", "admin.logged_out",
		"admin.removed_from_workspace", "company.contact.attached", "company.contact.detached", "company.created", "company.deleted", "company.updated",
		"contact.archived", "contact.deleted", "contact.email.updated", "contact.lead.added_email", "contact.lead.created", "contact.lead.signed_up",
		"contact.lead.tag.created", "contact.lead.tag.deleted", "contact.lead.updated", "contact.merged", "contact.subscribed", "contact.unarchive",
		"contact.unsubscribed", "contact.user.created", "contact.user.tag.created", "contact.user.tag.deleted", "contact.user.updated",
		"conversation.admin.assigned", "conversation.admin.closed", "conversation.admin.noted", "conversation.admin.open.assigned",
		"conversation.admin.opened", "conversation.admin.replied", "conversation.admin.single.created", "conversation.admin.snoozed",
		"conversation.admin.unsnoozed", "conversation.contact.attached", "conversation.contact.detached", "conversation.deleted",
		"conversation.operator.replied", "conversation.priority.updated", "conversation.rating.added", "conversation.read", "conversation.user.created",
		"conversation.user.replied", "conversation_part.redacted", "conversation_part.tag.created", "event.created", "ping", "ticket.admin.assigned",
		"ticket.admin.replied", "ticket.attribute.updated", "ticket.closed", "ticket.contact.attached", "ticket.contact.detached", "ticket.contact.replied",
		"ticket.created", "ticket.note.created", "ticket.rating.provided", "ticket.state.updated", "ticket.team.assigned", "visitor.signed_up",
	}
}
