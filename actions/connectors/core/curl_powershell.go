package core

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Commands of PowerShell, and how to know them. Source: https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.utility/invoke-webrequest
var (
	psCommand = regexp.MustCompile(`(?im)^(?:PS [^>\n]*>)?[ \t]*(?:\$\w+[ \t]*=[ \t]*\(*[ \t]*)?\(*(Invoke-WebRequest|Invoke-RestMethod|iwr|irm)\b`)
	psCurl    = regexp.MustCompile(`(?is)^\s*(?:curl|wget)(?:\s.*?)?\s-(?:Uri|UseBasicParsing|Headers|Body|ContentType)\s`)
	psFile    = regexp.MustCompile(`(?i)^\(Get-(?:Child)?Item(?: -(?:Literal)?Path)? (.+)\)$`)
	psBegins  = regexp.MustCompile(`(?i)^(Invoke-WebRequest|Invoke-RestMethod|iwr|irm|curl|wget)$`)
)

func isPowerShell(command string) bool {
	return len(command) <= mostCommand && (psCommand.MatchString(command) || psCurl.MatchString(command))
}

// psFlags are the parameters without a value, psValues those with one.
var (
	psFlags = []string{"usebasicparsing", "skipcertificatecheck", "skipheadervalidation", "skiphttperrorcheck", "disablekeepalive", "usedefaultcredentials", "allowunencryptedauthentication", "allowinsecureredirect", "passthru", "noproxy",
		"resume", "followrellink", "preserveauthorizationonredirect", "preservehttpmethodonredirect", "proxyusedefaultcredentials", "verbose", "debug"}
	psValues = []string{"uri", "method", "custommethod", "headers", "body", "contenttype", "useragent", "timeoutsec", "connectiontimeoutseconds", "operationtimeoutseconds", "outfile", "infile", "form", "credential", "authentication", "token",
		"websession", "sessionvariable", "maximumredirection", "maximumretrycount", "retryintervalsec", "proxy", "proxycredential", "certificate", "certificatethumbprint", "transferencoding", "httpversion", "sslprotocol", "statuscodevariable",
		"responseheadersvariable", "maximumfollowrellink", "unixsocket", "erroraction", "warningaction", "informationaction", "progressaction", "outvariable", "errorvariable"}
)

// fromPowerShell reads the first request of what was pasted, and the values that stand before it.
func fromPowerShell(text string) (Request, error) {
	p, err := powerShell(text)
	if err != nil {
		return Request{}, err
	}
	c := &curling{headers: map[string]any{}, globs: true}
	if err := p.statements(c); err != nil {
		return Request{}, err
	}
	for _, note := range p.notes {
		c.note("%s", note)
	}
	c.open = p.open
	return c.request()
}

// sent takes the parameters of a request.
func (p *psReader) sent(c *curling) error {
	given := map[string]any{}
	for p.token().kind == psWord || p.token().kind == psText || p.token().kind == psVariable || p.token().mark == "(" || p.token().mark == "@{" {
		t := p.token()
		name, isParam := strings.CutPrefix(t.text, "-")
		if t.kind != psWord || !isParam {
			v, err := p.value()
			if err != nil {
				return err
			}
			if given["uri"] != nil {
				c.note("%s stands beside the URL, and is left out.", fault.Clip(value.Text(v), 60))
				continue
			}
			given["uri"] = v
			continue
		}
		p.next()
		name, joined, isJoined := strings.Cut(name, ":")
		lower := strings.ToLower(name)
		if slices.Contains(psFlags, lower) || strings.HasPrefix("usebasicparsing", lower) && len(lower) > 3 {
			c.psFlag(lower, name)
			continue
		}
		full, ok := whole(lower)
		if !ok {
			return fault.New(fault.InvalidInput, "The parameter -%s is not known here; leave it out.", fault.Clip(name, 40))
		}
		if isJoined && joined != "" {
			given[full] = joined
			continue
		}
		v, err := p.value()
		if err != nil {
			return err
		}
		given[full] = v
	}
	return c.powerShell(given, p)
}

// whole is a parameter by the beginning of its name, as PowerShell takes it.
func whole(name string) (string, bool) {
	found := ""
	for _, full := range psValues {
		if full == name {
			return full, true
		}
		if name != "" && strings.HasPrefix(full, name) {
			if found != "" {
				return "", false
			}
			found = full
		}
	}
	return found, found != ""
}

func (c *curling) psFlag(lower, name string) {
	switch lower {
	case "skipcertificatecheck":
		c.flag("insecure")
	case "usedefaultcredentials":
		c.note("-%s is left out: no connection signs in as a user of Windows.", name)
	case "skiphttperrorcheck":
		c.lenient = true
	case "resume", "followrellink":
		c.note("-%s is left out; for a list in parts see Pages.", name)
	}
}

// powerShell puts parameters where curl's options go.
func (c *curling) powerShell(given map[string]any, p *psReader) error {
	text := func(name string) string { return value.Text(given[name]) }
	if c.url = strings.TrimSpace(text("uri")); c.url == "" {
		return fault.New(fault.InvalidInput, "The command has no URL.")
	}
	c.method = strings.ToUpper(text("method") + text("custommethod"))
	headers, isDictionary := given["headers"].(map[string]any)
	if given["headers"] != nil && !isDictionary {
		c.note("The headers %s are not written out here, and are left out: add them.", fault.Clip(text("headers"), 40))
	}
	_, pseudo := headers["scheme"]
	for _, name := range sortedNames(headers) {
		if pseudo && slices.Contains([]string{"authority", "method", "path", "scheme"}, name) { // those of HTTP/2, as browsers copy them
			continue
		}
		c.header(name + ": " + value.Text(headers[name]))
	}
	if kind := text("contenttype"); kind != "" {
		c.headers["Content-Type"] = kind
	}
	for _, name := range []string{"useragent", "websession"} {
		session, _ := given[name].(map[string]any)
		if agent := value.Text(session["UserAgent"]); agent != "" {
			c.headers["User-Agent"] = agent
		}
		if session["Cookies"] != nil {
			c.cookie()
		}
	}
	if agent, ok := given["useragent"].(string); ok {
		c.headers["User-Agent"] = agent
	}
	if err := c.psBody(given["body"]); err != nil {
		return err
	}
	if form, ok := given["form"].(map[string]any); ok {
		for _, name := range sortedNames(form) {
			text := value.Text(form[name])
			if file := psFile.FindStringSubmatch(text); file != nil {
				p.open = slices.DeleteFunc(p.open, func(open string) bool { return open == text })
				c.part("form", name+"=@"+file[1])
				continue
			}
			c.part("form-string", name+"="+text)
		}
	}
	for _, name := range sortedNames(given) {
		if err := c.psOther(name, text(name)); err != nil {
			return err
		}
	}
	return nil
}

// psOther takes the parameters that are neither address, headers nor body.
func (c *curling) psOther(name, text string) error {
	switch name {
	case "timeoutsec", "operationtimeoutseconds":
		if text != "0" {
			return c.option("max-time", text)
		}
	case "outfile":
		c.download = true
	case "infile":
		c.noFile(text)
	case "credential":
		c.note("The credentials are left out: make a connection for plain HTTP with a user name and a password, and name it as the step's connection.")
	case "token":
		return c.option("oauth2-bearer", text)
	case "authentication":
		if kind := strings.ToLower(text); kind != "bearer" && kind != "oauth" {
			c.note("-Authentication %s is left out: make a connection for plain HTTP that signs in so, and name it as the step's connection.", fault.Clip(text, 20))
		}
	case "maximumredirection":
		return c.option("max-redirs", text)
	case "maximumretrycount", "retryintervalsec":
		return c.option("retry", text)
	case "certificate", "certificatethumbprint":
		return c.option("cert", text)
	case "proxy", "proxycredential", "unixsocket", "sslprotocol":
		c.note("-%s is left out: it is set up for the whole server, or not at all.", name)
	}
	return nil
}

// psBody takes a body: a dictionary is a form, or the parameters of a GET.
func (c *curling) psBody(v any) error {
	members, ok := v.(map[string]any)
	if !ok {
		if text := value.Text(v); v != nil && text != "" {
			c.data = append(c.data, text)
			c.get = false
			if c.method == "" {
				c.method = "GET"
			}
		}
		return nil
	}
	c.get = c.method == "" || c.method == "GET"
	for _, name := range sortedNames(members) {
		c.data = append(c.data, url.QueryEscape(name)+"="+url.QueryEscape(value.Text(members[name])))
	}
	return nil
}
