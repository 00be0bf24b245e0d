package webhook

import (
	"strings"

	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/triggers"
)

// Unfit says why nothing can be verified with a secret by what a trigger says under verify, for people; "": it can.
func Unfit(def *scenario.Trigger, secret string) string {
	s, err := schemeOf(&triggers.Trigger{Def: def})
	switch {
	case err != nil || s.name == "": // what is wrong with the options is said there
	case s.asks != "" && !strings.Contains(secret, ":"):
		return "it has no colon. It must be user:password, else no request matches it."
	case s.hidden && strings.TrimSpace(secret) != secret:
		return "it begins or ends with a space or a line break, which no header holds. Replace its value by one without."
	case s.hidden && strings.ContainsAny(secret, "\r\n"):
		return "it holds a line break, which no header holds. Replace its value by one without."
	case s.key != nil:
		if key, ok := s.key(secret); !ok || key == "" {
			return "it is no key, which " + guides[s.name].Name + " gives in base64. Copy it anew, whole."
		}
	case s.algorithm == "HS256" && len(jwtKeys(s.algorithm, secret, "")) == 0:
		return "it is a public key, by which HS256 signs nothing. Name RS256 or ES256 as algorithm, or use the key that is shared with the sender."
	case s.algorithm != "" && len(jwtKeys(s.algorithm, secret, "")) == 0:
		return "it is no public key for " + s.algorithm + ". It must be one as PEM or a JWKS: for RS256 an RSA key of 2,048 bits or more, for ES256 one on the curve P-256."
	}
	return ""
}
