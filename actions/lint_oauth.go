package actions

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// oauth holds what a way to sign in says about tokens to its fields. known are the fields' ids; it gains what tokens give.
func (l *linter) oauth(a Auth, known map[string]bool) {
	o := a.OAuth
	given := func(id string) bool { // each connection has to say it
		return slices.ContainsFunc(a.Fields, func(f Field) bool { return f.ID == id && f.Required })
	}
	if o.Token != "" || !given(FieldTokenURL) {
		l.address("token URL", o.Token, known)
	}
	if !slices.Contains([]ClientAuth{ClientInBody, ClientInBasic, ClientUnasked}, o.Client) {
		l.say("%q is no way for an app to show who it is", o.Client)
	}
	need := []string{FieldClientID, FieldClientSecret}
	switch o.Grant {
	case Code:
		if o.Authorize != "" || !given(FieldAuthorizeURL) {
			l.address("authorize URL", o.Authorize, known)
		}
		need = append(need, FieldAuthorizeURL)
		if o.Client == ClientUnasked {
			l.say("a code is exchanged by an app, which does not show who it is")
		}
		for _, name := range []string{"client_id", "redirect_uri", "state", "response_type", "scope", "code_challenge"} {
			if _, own := o.Extra[name]; own {
				l.say("the parameter %s of the sign-in is not the connector's to set", name)
			}
		}
	case Client:
	case ServiceAccount:
		need = []string{FieldServiceKey}
	default:
		l.say("%q is no way to come by a token", o.Grant)
	}
	if o.Grant != Code && (o.Authorize != "" || o.PKCE || o.Rotates || o.Issuer != "") {
		l.say("nobody signs in at the vendor, and the data says how")
	}
	for _, id := range append(need, FieldTokenURL) {
		if !known[id] {
			l.say("the field %s is missing", id)
		}
	}
	if len(o.Scopes) > 0 && !known[FieldScopes] {
		l.say("it asks for scopes, and no field lets people choose them")
	}
	for _, text := range o.Params {
		l.filled("a parameter of the token request", text, known)
	}
	known[ValueAccess], known[ValueRefresh] = true, true
	l.tokenValues(o.Values, known)
	l.pointer(o.Account)
	if s := o.After; s != nil {
		l.address("URL of the step after the token", s.URL, known)
		l.filled("the step after the token", s.Equals, known)
		l.pointer(s.Pick)
		l.pointer(s.Account)
		if s.Pick != "" && !known[s.Choose] {
			l.say("the step after the token picks one of several, and no field says which")
		}
		l.tokenValues(s.Values, known)
	}
}

// scopes holds what an action or a trigger says of scopes to what the connector's ways ask for.
func (l *linter) scopes(c Connector, own []string, description string) {
	asked, ways := map[string]bool{}, 0
	for _, a := range c.Auth {
		if a.OAuth != nil && len(a.OAuth.Scopes) > 0 {
			ways++
			for _, s := range a.OAuth.Scopes {
				asked[s] = true
			}
		}
	}
	if len(own) > 0 && ways == 0 {
		l.say("it needs scopes, and no way to sign in asks for any")
	}
	for _, s := range own {
		if asked[s] {
			l.say("the scope %s is asked for by itself", s)
		}
		if !strings.Contains(description, s) {
			l.say("it needs the scope %s, and its description does not say so", s)
		}
	}
	for _, found := range scopeForm.FindAllStringSubmatch(description, -1) {
		for _, s := range strings.Fields(found[1]) {
			if s = strings.TrimRight(s, ".,;"); ways > 0 && !asked[s] && !slices.Contains(own, s) {
				l.say("its description needs the scope %s, which its data does not", s)
			}
		}
	}
}

// scopeForm is how a description says what it needs.
var scopeForm = regexp.MustCompile(`needs the scopes? ([^,;]*)`)

func (l *linter) tokenValues(list []TokenValue, known map[string]bool) {
	for _, v := range list {
		l.id("value of the token's answer", v.Name)
		l.pointer(v.Pointer)
		if v.Pointer == "" || known[v.Name] {
			l.say("the value %s of the token's answer has no place there, or the name of another value", v.Name)
		}
		known[v.Name] = true
	}
}

// address asks that a URL is of https and of a host that is written out, but for parts that values fill.
func (l *linter) address(what, text string, known map[string]bool) {
	l.filled("the "+what, text, known)
	u, err := url.Parse(strings.NewReplacer("{", "", "}", "").Replace(text))
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		l.say("the %s %q is none: it begins with https:// and has neither parameters nor a fragment", what, text)
	}
}

func (l *linter) filled(what, text string, known map[string]bool) {
	for _, name := range named(text) {
		if !known[name] {
			l.say("%s asks for {%s}, which nothing gives", what, name)
		}
	}
}

func (l *linter) pointer(text string) {
	if text != "" && !strings.HasPrefix(text, "/") {
		l.say("%q is no JSON Pointer", text)
	}
}
