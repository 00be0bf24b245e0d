package actions

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/publicsuffix"
)

// WrongAddress says why a text cannot stand in the place of an app's own address, for people; "": it can.
func WrongAddress(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !hostName(u.Hostname()) {
		return "An address begins with https:// or http://, names a host, and has no user, query or fragment."
	}
	if !portNumber(u) {
		return "The address has a port that there is not; ports go from 1 to 65535."
	}
	return ""
}

// wrongHosts says why a text is no list of hosts that credentials may be sent to; "": it is.
func wrongHosts(text string) string {
	list := strings.FieldsFunc(text, HostsApart)
	for _, one := range list {
		if !strings.Contains(one, "://") {
			one = "https://" + one
		}
		u, err := url.Parse(one)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || !hostName(strings.TrimPrefix(u.Hostname(), "*.")) || !portNumber(u) {
			return "Hosts are written as api.example.com, *.example.com or http://10.0.0.5:8080, without a path, and separated by commas."
		}
		if below, all := strings.CutPrefix(u.Hostname(), "*."); all && anybodys(below) {
			return "*." + below + " is every host below " + below + ", where anybody can have one. Name the host, or a domain that is one owner's, as *.example.com."
		}
	}
	if len(list) == 0 {
		return "It names no host."
	}
	return ""
}

// anybodys says that a domain is one that registries give names below of, as com or co.uk. Those of a vendor, as that of its buckets,
// are not: a connection to the vendor may mean all of them.
func anybodys(domain string) bool {
	domain = strings.ToLower(strings.TrimSuffix(domain, "."))
	suffix, registry := publicsuffix.PublicSuffix(domain)
	return registry && suffix == domain
}

// HostsApart says that a letter stands between two hosts of a list.
func HostsApart(r rune) bool { return r == ',' || r == ' ' || r == '\n' }

// wrongURL says why a text is no URL that can be asked; "": it is one.
func wrongURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || !hostName(u.Hostname()) || !portNumber(u) {
		return "It is a whole URL, as https://api.example.com/me."
	}
	return ""
}

// hostName says that a text can be a host's name or address.
func hostName(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	odd := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && r != '.' && r != '-' && r != '_'
	}
	return strings.Trim(s, ".") != "" && len(s) <= 253 && !strings.ContainsFunc(s, odd) && !strings.HasPrefix(s, ".") && !strings.Contains(s, "..")
}

func portNumber(u *url.URL) bool {
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return u.Port() == "" && !strings.HasSuffix(u.Host, ":") || err == nil && n > 0
}

// HostText says that a text can be part of a host's name.
func HostText(s string) bool {
	return strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789.-") == "" && strings.Trim(s, ".") != ""
}
