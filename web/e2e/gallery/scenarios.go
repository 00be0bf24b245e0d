package gallery

// The scenarios of the sample workspace.

const leadRouting = `{
  "stepmill": 1,
  "name": "Lead routing",
  "description": "New leads go to the right people by the size of their company.",
  "trigger": { "id": "lead", "name": "New lead qualified", "uses": "intercom.event", "connection": "intercom", "with": { "topics": ["contact.lead.signed_up"] } },
  "settings": { "label": "{{ trigger.data.item.email }}" },
  "steps": [
    { "id": "contact", "name": "Create or update contact", "uses": "hubspot.upsert_contact", "connection": "hubspot",
      "with": { "email": "{{ trigger.data.item.email }}" } },
    { "id": "size", "name": "By company size", "router": { "mode": "first", "branches": [
      { "id": "enterprise", "name": "Enterprise", "if": "steps.contact.employees > 200", "steps": [
        { "id": "opportunity", "name": "Create opportunity", "uses": "salesforce.create_record", "connection": "salesforce", "with": {} },
        { "id": "post", "name": "Post to #enterprise", "uses": "slack.send_message", "connection": "slack",
          "with": { "channel": "#enterprise", "text": "New lead: {{ trigger.data.item.company }}" } } ] },
      { "id": "mid", "name": "Mid-market", "if": "steps.contact.employees > 20", "steps": [
        { "id": "row", "name": "Append row", "uses": "google_sheets.append_row", "connection": "sheets", "with": {} },
        { "id": "nurture", "name": "Add to nurture audience", "uses": "mailchimp.upsert_member", "connection": "mailchimp", "with": {} } ] },
      { "id": "other", "name": "Otherwise", "steps": [
        { "id": "lead_db", "name": "Log in lead database", "uses": "notion.create_page", "connection": "notion", "with": {} },
        { "id": "pause", "name": "Next weekday at 09:00", "wait": { "for": "14h" } } ] } ] } },
    { "id": "track", "name": "Track “Lead routed”", "uses": "mixpanel.track", "connection": "mixpanel", "with": {} }
  ]
}`

const escalations = `{
  "stepmill": 1,
  "name": "Intercom escalations",
  "description": "Open conversations tagged urgent: one Jira bug per attached file, and a word in Slack.",
  "trigger": { "uses": "webhook", "with": { "verify": { "preset": "github", "secret": "hook_secret" } }, "dedupe": { "key": "{{ trigger.body.id }}", "for": "72h" } },
  "steps": [
    { "id": "plan", "name": "By plan", "router": { "mode": "first", "branches": [
      { "id": "paying", "name": "Paying", "if": "(trigger.body.mrr ?? 0) > 0", "steps": [
        { "id": "files", "name": "One bug per attachment", "for_each": { "items": "{{ trigger.body.attachments }}", "as": "file", "on_item_error": "skip", "collect": "{{ steps.bug?.key }}", "steps": [
          { "id": "bug", "uses": "jira.create_issue", "connection": "jira", "with": { "project": "SUP", "summary": "{{ file.name }}" },
            "on_error": { "do": "handle", "steps": [ { "id": "alarm", "name": "Tell support-ops", "uses": "slack.send_message", "connection": "slack", "with": { "channel": "#support-ops", "text": "Jira refused" } } ] } } ] } } ] },
      { "id": "other", "name": "Everyone else", "steps": [] } ] } },
    { "id": "tell", "uses": "slack.send_message", "connection": "slack", "with": { "channel": "#urgent", "text": "{{ trigger.body.title }}" } }
  ]
}`

const newUser = `{
  "stepmill": 1,
  "name": "New users join the mailing list",
  "trigger": { "uses": "webhook" },
  "steps": [
    { "id": "clean", "name": "Take what is needed", "uses": "core.set", "with": { "values": { "email": "{{ trigger.body.email }}" } } },
    { "id": "member", "uses": "mailchimp.upsert_member", "connection": "mailchimp", "with": { "list": "b1", "email": "{{ steps.clean.email }}", "status": "subscribed" } },
    { "id": "answer", "name": "Say thanks", "uses": "core.respond", "with": { "json": { "ok": true } } }
  ]
}`

const broken = `{
  "stepmill": 1,
  "name": "Nightly export",
  "trigger": { "uses": "schedule", "with": { "every": "24h" } },
  "steps": [
    { "id": "fetch", "uses": "core.http_request", "with": { "method": "GET", "url": "https://example.com/orders.csv" } },
    { "id": "fetch", "name": "Append the rows", "uses": "google_sheets.append_row", "wiht": { "values": [] } }
  ]
}`
