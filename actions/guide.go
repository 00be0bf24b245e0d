package actions

// Guide says for people how the requests of one sender are proven to be its own: where the secret is found, what is checked.
type Guide struct {
	Preset    string   // what `verify.preset` names
	Name      string   // of the sender, or of the way
	Secret    string   // what the secret is, and where the sender's screens have it
	Steps     []string // what is done at the sender's, in order
	Checks    []string // what a request must have; else it is refused
	Handshake string   // what the sender asks before it sends, and how it is answered; empty: nothing
	Delivery  string   // by what a delivery that comes again is known
	Options   []GuideOption
	Example   map[string]any // what stands under `verify`
	DocsURL   string         // the sender's own page; empty: none is known
}

// GuideOption is an option of a preset beside its secret.
type GuideOption struct{ Name, Help string }
