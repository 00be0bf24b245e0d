package connections

import (
	"net/url"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
)

// What people find the connections by that are no app's.
const (
	serversName = "HTTP, mail, files, databases"
	serversFor  = "Any API, and servers of your own"
)

// mostTabs is how many ways to sign in at any server stand beside one another.
const mostTabs = 4

// anyServer says that a connector's connections are no app's, but to whatever server somebody has.
func anyServer(c actions.Connector) bool {
	return slices.ContainsFunc(c.Auth, func(a actions.Auth) bool { return a.Protocol != "" })
}

// ways are those to sign in at one kind of server.
type ways struct {
	Name string
	Ways []actions.Auth
}

// waysOf puts together an app's ways to sign in by what the server speaks.
func waysOf(c actions.Connector) []ways {
	out := []ways{{Name: "HTTP API"}, {Name: "Mail"}, {Name: "Files"}, {Name: "Database"}, {Name: "Others"}}
	for _, a := range c.Auth {
		at := kindOf(a)
		out[at].Ways = append(out[at].Ways, a)
	}
	return slices.DeleteFunc(out, func(w ways) bool { return len(w.Ways) == 0 })
}

// kindOf is which kind of server a way to sign in is for.
func kindOf(a actions.Auth) int {
	if at, known := map[string]int{"": 0, "smtp": 1, "imap": 1, "sftp": 2, "ftp": 2, "sql": 3}[a.Protocol]; known {
		return at
	}
	return 4
}

// serverName is what the server of a way to sign in is called where an app has its name.
func serverName(a actions.Auth) string {
	return waysOf(actions.Connector{Auth: []actions.Auth{a}})[0].Name
}

// slugOf is the slug that is proposed for a connection by a way to sign in at any server.
func slugOf(a actions.Auth) string {
	slug := strings.ReplaceAll(a.Method, "_", "-")
	switch {
	case a.Protocol != "":
		return slug
	case a.Method == "none":
		return "http"
	}
	return "http-" + slug
}

// formAt is the form for a way to sign in; slug is the one that was asked for, if any.
func formAt(c actions.Connector, a actions.Auth, slug string) string {
	v := url.Values{"connector": {c.ID}, "method": {a.Method}}
	if slug != "" {
		v.Set("slug", slug)
	}
	return "/connections/new?" + v.Encode()
}
