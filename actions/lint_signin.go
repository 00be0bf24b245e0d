package actions

import (
	"cmp"
	"maps"
	"slices"
)

// signIn holds the ways to sign in to their fields and to the addresses that they are for.
func (l *linter) signIn(c Connector) {
	var methods []string
	for _, a := range c.Auth {
		l.at = c.ID + ", sign-in " + a.Method
		methods = append(methods, a.Method)
		l.id("method", a.Method)
		l.words("name", a.Name)
		l.sentence("help", a.Help)
		for _, step := range c.SetUp[a.Method] {
			l.sentence("step of setting it up", step)
		}
		if c.DocsURL != "" && len(a.Fields) > 0 && len(c.SetUp[a.Method]) == 0 {
			l.say("nothing says what is done in the vendor's screens, step by step (SetUp)")
		}
		l.fields(a.Fields)
		known := map[string]bool{}
		for _, f := range a.Fields {
			known[f.ID] = true
		}
		if a.OAuth != nil {
			l.oauth(a, known)
		}
		if a.Certificates && !(known[FieldCertificate] && known[FieldCertificateKey] && known[FieldAuthority]) {
			l.say("it has certificates, and a field for one is missing")
		}
		if a.Protocol != "" && (!known["host"] || !known["port"]) {
			l.say("it speaks %s, and no field host or port says where", a.Protocol)
		}
		if a.Try != nil && a.Protocol == "" {
			l.say("it tests a server that speaks no HTTP, and names no protocol")
		}
		if a.BaseURL != "" {
			has := maps.Clone(known)
			for _, name := range named(a.BaseURL) { // Derive gives what no field does, and knows the values only
				has[name] = known[name] || c.Derive != nil
			}
			l.address("base URL", a.BaseURL, has)
		}
		for _, p := range a.Apply {
			if !slices.Contains([]In{InHeader, InQuery, InBasic, InDigest, InAWS, InBody}, p.In) {
				l.say("credentials do not go into %q", p.In)
			}
			if p.In == InAWS && !(known[FieldRegion] && known[FieldService] && known[FieldSession]) {
				l.say("it signs as AWS asks, and a field for the region, the service or the session token is missing")
			}
			for _, name := range named(p.Name + p.Value) {
				if !known[name] {
					l.say("the place asks for {%s}, which no field gives", name)
				}
			}
		}
		if len(a.Apply) > 0 && cmp.Or(a.BaseURL, c.BaseURL) == "" && !known[a.Hosts] {
			l.say("nothing says which hosts may see the credentials")
		}
		if a.TestAt != "" && (!known[a.TestAt] || a.Try != nil || c.Test != nil) {
			l.say("the URL that tests it is no field's, or there is another test")
		}
		if a.Site != "" && (!known[a.Site] || !slices.Contains(named(cmp.Or(a.BaseURL, c.BaseURL)), a.Site)) {
			l.say("its base URL does not name {%s}", a.Site)
		}
	}
	l.at = c.ID
	for method := range c.SetUp {
		if !slices.Contains(methods, method) {
			l.say("it says how %q is set up, and has no such sign-in", method)
		}
	}
	l.unique("sign-in", methods)
}

// ways holds the ways to sign in that an action or a trigger names to those that there are.
func (l *linter) ways(c Connector, methods []string) {
	for _, method := range methods {
		if !slices.ContainsFunc(c.Auth, func(a Auth) bool { return a.Method == method }) {
			l.say("there is no way to sign in %q", method)
		}
	}
}
