package mail

import (
	"fmt"
	"maps"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
)

// Senders are those whose mail a trigger takes: addresses, and domains that begin with @. None: anybody's. A sender is what a
// mail says of itself, and can be forged.
type Senders []string

const maxSenders = 500

var domainText = regexp.MustCompile(`^@?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// Options reads the options of an `email` trigger. What is wrong is InvalidInput, each problem with its place in the options.
func Options(with map[string]any) (Senders, error) {
	var out Senders
	var problems []fault.Problem
	problem := func(at, format string, args ...any) {
		problems = append(problems, fault.Problem{Path: at, Message: fmt.Sprintf(format, args...)})
	}
	for _, name := range slices.Sorted(maps.Keys(with)) {
		if name != "from" {
			problem("/"+name, "A mail trigger has no %q; it takes from.", fault.Clip(name, 60))
			continue
		}
		list, ok := with[name].([]any)
		if !ok || len(list) == 0 || len(list) > maxSenders {
			problem("/from", `from needs a list of 1 to %d addresses or domains, as ["ada@example.com", "example.com"]. A sender can be forged: it keeps strangers out, not attackers.`, maxSenders)
			continue
		}
		for i, item := range list {
			text, _ := item.(string)
			sender, ok := senderOf(text)
			if !ok {
				problem(fmt.Sprintf("/from/%d", i), "%q is no mail address and no domain; write it as ada@example.com or example.com.", fault.Clip(text, 60))
				continue
			}
			out = append(out, sender)
		}
	}
	if len(problems) > 0 {
		return nil, fault.Invalid(problems[0].Message, problems)
	}
	return out, nil
}

// Domain says that a text in small letters is a domain that mail can go to.
func Domain(text string) bool {
	return len(text) <= 253 && !strings.HasPrefix(text, "@") && (domainText.MatchString(text) || text == "localhost")
}

func senderOf(text string) (string, bool) {
	lower := strings.ToLower(strings.TrimSpace(text))
	if domainText.MatchString(lower) {
		return "@" + strings.TrimPrefix(lower, "@"), true
	}
	a, err := netmail.ParseAddress(lower)
	return lower, err == nil && a.Address == lower
}

// take says that mail of an address is taken.
func (s Senders) take(address string) bool {
	if len(s) == 0 {
		return true
	}
	address = strings.ToLower(address)
	at := strings.LastIndexByte(address, '@')
	return at > 0 && (slices.Contains(s, address) || slices.Contains(s, address[at:]))
}

// wrote says whether everybody who a mail's header says wrote it is one of those whose mail is taken; else who is not.
func (s Senders) wrote(from []string) (string, bool) {
	if len(s) > 0 && len(from) == 0 {
		return "", false
	}
	for _, address := range from {
		if !s.take(address) {
			return address, false
		}
	}
	return "", true
}
