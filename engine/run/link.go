package run

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
)

// Link is what an address leads to that whoever holds it may use: it names one run, and nothing else can be reached with it.
type Link struct {
	Kind      LinkKind `json:"k"`
	Workspace string   `json:"w"`
	Run       string   `json:"r"`
	Path      string   `json:"p,omitempty"` // of the approval
	To        string   `json:"t,omitempty"` // whom an approval's link was made for; empty: anybody
}

// LinkKind is what a link is for. A link of one kind is none of another.
type LinkKind string

const (
	ResumeLink   LinkKind = "resume"   // events for the run's waits
	ApprovalLink LinkKind = "approval" // a decision that one of its steps waits for
)

// Token writes a link, signed with the installation's key. The same link gives the same token.
func (l Link) Token(key []byte) string {
	text, err := json.Marshal(l)
	if err != nil { // strings alone do not fail
		panic(err)
	}
	body := base64.RawURLEncoding.EncodeToString(text)
	return body + "." + base64.RawURLEncoding.EncodeToString(sign(key, body))
}

// OpenLink reads a token. Whatever was not signed with the key, or is of another kind, is NotFound.
func OpenLink(key []byte, kind LinkKind, token string) (Link, error) {
	unknown := fault.New(fault.NotFound, "This address is unknown. Was it copied whole?")
	body, mark, _ := strings.Cut(token, ".")
	given, err := base64.RawURLEncoding.Strict().DecodeString(mark)
	if err != nil || !hmac.Equal(given, sign(key, body)) {
		return Link{}, unknown
	}
	var l Link
	text, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil || json.Unmarshal(text, &l) != nil || l.Kind != kind {
		return Link{}, unknown
	}
	return l, nil
}

// sign gives half of the sum: 128 bits are beyond guessing, and the address stays short.
func sign(key []byte, body string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(body))
	return mac.Sum(nil)[:16]
}
