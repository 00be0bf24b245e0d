// Package form takes in what people send from hosted pages, forms and chats: it finds the trigger of a page's key, checks who
// the visitor is, has the event kept, and waits for what its run answers. How a page looks is not known here.
package form

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers"
)

// Triggers finds the trigger of a page's key.
type Triggers interface {
	ByKey(ctx context.Context, key string) (*triggers.Trigger, error)
}

// Secrets opens what ids are signed with.
type Secrets interface {
	SecretValue(ctx context.Context, workspace, slug string) (run.Secret, error)
}

// Service is the forms and chats of every scenario.
type Service struct {
	Triggers Triggers
	Starter  triggers.Starter
	Secrets  Secrets
	Runs     Runs
	Now      func() time.Time
	Ending   <-chan struct{} // closed when the server ends soon: who waits for a run is answered; nil: never
}

// Page is what stands at an address.
type Page struct {
	scenario.Form
	Scenario string // its name
}

// Sent is what somebody sends.
type Sent struct {
	Key    string         // of the page's address
	Chat   bool           // it was sent to a chat's address
	Values map[string]any // what `trigger` is, but for who sends it
	Files  []value.Large  // that Values refers to
	User   string         // the visitor's id; empty: none is said
	Hash   string         // its proof
	Token  string         // that the page had: a second one is the first; empty: it had none
}

// Reply is what became of it.
type Reply struct {
	Text   string // what the run answers; empty: nothing
	Failed bool   // the run ended without carrying it out
	Later  bool   // the run goes on, and was to answer
}

// Open gives the page at an address. One that is not known, not live or of the other kind is NotFound.
func (s *Service) Open(ctx context.Context, key string, chat bool) (Page, error) {
	t, form, err := s.open(ctx, key, chat)
	if err != nil {
		return Page{}, err
	}
	return Page{Form: form, Scenario: t.Name}, nil
}

func (s *Service) open(ctx context.Context, key string, chat bool) (*triggers.Trigger, scenario.Form, error) {
	t, err := s.Triggers.ByKey(ctx, key)
	if err != nil {
		return nil, scenario.Form{}, err
	}
	if t.Def.Uses != "form" {
		return nil, scenario.Form{}, noPage()
	}
	if t.Def.Disabled {
		return nil, scenario.Form{}, fault.New(fault.NotFound, "This page is switched off.")
	}
	form, err := scenario.ReadForm(t.Def.With)
	if err != nil {
		return nil, form, err
	}
	if form.Chat != chat {
		return nil, form, noPage()
	}
	return t, form, nil
}

func noPage() error { return fault.New(fault.NotFound, "There is no page at this address.") }

// Visitor gives the id that a page's address says and proves; empty: it says none. One that is not proved, or is needed and not
// there, is Unauthorized.
func (s *Service) Visitor(ctx context.Context, key string, chat bool, user, hash string) (string, error) {
	t, form, err := s.open(ctx, key, chat)
	if err != nil {
		return "", err
	}
	return s.visitor(ctx, t, form, user, hash)
}

// maxUser is how long a visitor's id may be, in bytes.
const maxUser = 255

func (s *Service) visitor(ctx context.Context, t *triggers.Trigger, form scenario.Form, user, hash string) (string, error) {
	id := form.Identity
	switch {
	case id == nil:
		return "", nil
	case user == "" && hash == "" && !id.Required:
		return "", nil
	case user == "" || hash == "":
		return "", fault.New(fault.Unauthorized, "This page is for signed-in visitors of the site that leads to it. Open it from there.")
	}
	secret, err := s.Secrets.SecretValue(ctx, t.Workspace, id.Secret)
	if err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "Who you are cannot be checked now. Try again later.")
	}
	if len(user) > maxUser || !hmac.Equal([]byte(UserHash(secret.Reveal(), user)), []byte(strings.ToLower(hash))) {
		return "", fault.New(fault.Unauthorized, "Who you are could not be confirmed. Open this page again from the site that led to it.")
	}
	return user, nil
}

// UserHash proves an id: the HMAC-SHA256 of it with a secret's text, in hexadecimal.
func UserHash(secret, user string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(user))
	return hex.EncodeToString(mac.Sum(nil))
}

// Send makes what somebody sends durable, and starts its run. Where the page waits for an answer, so does it. A token that was
// sent before with something else is a Conflict.
func (s *Service) Send(ctx context.Context, in Sent) (Reply, error) {
	t, form, err := s.open(ctx, in.Key, in.Chat)
	if err != nil {
		return Reply{}, err
	}
	user, err := s.visitor(ctx, t, form, in.User, in.Hash)
	if err != nil {
		return Reply{}, err
	}
	h, err := s.happening(form, in, user)
	if err != nil {
		return Reply{}, err
	}
	answers := make(chan run.Answer, 2)
	if form.Ended {
		h.Answer = answers
	}
	taken, err := triggers.Intake(ctx, s.Starter, t, h)
	switch {
	case err != nil:
		return Reply{}, err
	case taken.OtherBody:
		return Reply{}, fault.New(fault.Conflict, "This page was sent before, with something else in it.")
	case !form.Ended:
		return Reply{}, nil
	case taken.FirstRun != "":
		return s.again(ctx, t, taken.FirstRun)
	case !taken.Started(): // it is kept, and starts nothing now
		return Reply{Later: t.Status == scenario.Paused || t.Def.Debounce != nil || t.Def.Batch != nil}, nil
	}
	return s.await(ctx, answers), nil
}

func (s *Service) happening(form scenario.Form, in Sent, user string) (triggers.Happening, error) {
	h := triggers.Happening{Source: "form", Files: in.Files, At: s.Now().UTC().Truncate(time.Millisecond)}
	object := make(map[string]any, len(in.Values)+1)
	for name, v := range in.Values {
		object[name] = v
	}
	var who any
	if user != "" {
		who = user
	}
	switch {
	case form.Chat:
		h.Source, object["user"] = "chat", who
	case form.Identity != nil:
		object[form.Identity.Field] = who
	}
	var err error
	if h.JSON, err = value.Encode(object); err != nil {
		return h, err
	}
	if h.Value, err = value.Normalize(object); err != nil {
		return h, err
	}
	if in.Token != "" {
		sum := sha256.Sum256(h.JSON)
		h.Delivery, h.BodyHash = h.Source+":"+in.Token, hex.EncodeToString(sum[:])
	}
	return h, nil
}
