// Package actions is the contract between Stepmill and the systems it works with: connectors, their ways to sign in,
// actions, triggers and fields, as data. It holds types only; `outbound` carries them out, `connectors` fills them in.
package actions

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/stepmill/stepmill/engine/value"
)

// Connector is one system: who it is, how to reach it, how to sign in, what it can do.
type Connector struct {
	ID          string // "google_sheets"
	Name        string // "Google Sheets"
	Category    string // "Communication"
	Description string // one sentence
	Words       string // others that people look for it by, "chat"
	Color       string // of its tile, "#4a154b"
	Monogram    string // one or two letters for the tile where Icon is empty
	Icon        string // an SVG document; empty: the monogram stands in
	DocsURL     string

	// BaseURL is what stands before every operation's path. {name} is replaced by the connection's value of that name.
	// Empty: the action's input holds whole URLs, as core.http_request.
	BaseURL string
	// Also are the vendor's further addresses, as where files lie: https://files.example.com, or https://*.example.com for every
	// name below. The credentials may go there too. A connection with an address of its own stands for them as well.
	Also    []string
	Headers map[string]string // sent with every request, as a version header
	Auth    []Auth            // ways to sign in; empty: no connection is needed
	// SetUp is what is done in the vendor's own screens until a connection can be made, step by step, by the way's method.
	SetUp map[string][]string
	// Derive gives further values that BaseURL may name, made from the connection's; nil: none. Its error, an InvalidInput
	// one, says which value is wrong.
	Derive func(values map[string]string) (map[string]string, error)
	Test   *Request // the cheapest authenticated call: what the connection's test button sends
	// TestErrors come before Errors where Test asks, for an answer whose status is bad and which still says that the credentials
	// are taken.
	TestErrors ErrorTable
	Untested   string  // why there is no Test, one sentence for people
	Rate       Rate    // the vendor's known limit, for one connection; zero: none known
	Limits     *Limits // how it tells of its limits; nil: LimitsOf its id
	Errors     ErrorTable
	Actions    []Action
	// Triggers are the events this system can tell of.
	Triggers []Trigger
	// Records are the kinds of records it keeps that can be kept equal to another system's.
	Records []Record
}

// Auth is one way to sign in: the values it asks for and where they go in a request.
type Auth struct {
	Method string  // "token", "api_key", "basic", "oauth"
	Name   string  // for people
	Help   string  // where in the vendor's screens the values are found
	Fields []Field // what the connection holds; Field.Secret marks what is sealed
	Apply  []Place // where the values go
	// Hosts is the field that lists where the credentials may go, for connectors without a base URL. Credentials go to the
	// connection's base URL, the connector's further addresses and these hosts, and nowhere else.
	Hosts string
	// Site is the field that only the connector's base URL names: a connection with its own address needs none. Empty: none is.
	Site string
	// OAuth is how the tokens are come by that Apply puts in; nil: the fields are all there is.
	OAuth *OAuth
	// BaseURL stands in for the connector's where a connection signs in this way; empty: it does not.
	BaseURL string
	// Untested says why the connector's Test tells nothing of this way to sign in, one sentence for people; empty: it does.
	Untested string
	// TestAt is the field with a whole URL that a GET tests the connection by, for connectors without a base URL. A connection
	// that leaves it out is not tested.
	TestAt string
	// Try tests a connection whose server speaks no HTTP: it signs in there, and leaves. nil: nothing does.
	Try func(ctx context.Context, do Doer) error
	// Protocol is what the server of such a connection speaks, as "smtp": its fields host and port say where it is, and the
	// actions of that protocol take it. Empty: HTTP.
	Protocol string
	// Certificates says that its fields are those of CertificateFields too: what the connection shows of itself by TLS, and whom
	// it trusts.
	Certificates bool
}

// Place puts a text made from a connection's values into a request. {name} stands for the value of that name.
type Place struct {
	In    In     // Header, Query, Basic, Digest, AWS or Body: a member of a JSON object, or of a form
	Name  string // of the header, parameter or member; of Basic and Digest the user, of AWS the access key's id
	Value string // "Bearer {token}"; of Basic and Digest the password, of AWS the secret key
}

// In says where in a request a field or a credential goes.
type In string

const (
	InBody   In = ""       // a member of the JSON or form body
	InPath   In = "path"   // {name} in the path, escaped
	InQuery  In = "query"  // a parameter
	InHeader In = "header" // a header
	InBasic  In = "basic"  // HTTP Basic, credentials only
	InDigest In = "digest" // HTTP Digest (RFC 7616), credentials only: what the server asks is answered, by the user and the password
	InAWS    In = "aws"    // AWS Signature Version 4, credentials only, with the values FieldRegion, FieldService and FieldSession
	InNone   In = "none"   // not sent by itself: Request.Prepare or Action.Run use it
)

// Field is one input: its form element, its validation, its place in the request and its line in the reference.
type Field struct {
	ID       string
	Label    string
	Help     string
	Type     Type
	Required bool     // of a text or a list: and not empty
	Secret   bool     // sealed at rest, masked everywhere
	In       In       // where it goes
	Name     string   // what the vendor calls it; empty: ID. Dots nest: "fields.summary"
	Options  []Option // of a Select
	Choices  *Choices // options that lie in the account, or are known, where others are taken too; nil: there are none
	Default  any      // what is taken when the input is not given
	Fields   []Field  // of a Group, or of each item of a list of groups
	Example  any
	MaxLen   int // of a text, in bytes; zero: unlimited
	// Link finds the value in the URL that people paste in its place: a regular expression whose first group that holds something it
	// is, of a text, a list of them or a whole number, without the escapes of the URL. Space around such a text is dropped, and in a whole
	// number any. Empty: the text counts as it is.
	Link    string
	Join    string // what stands between the groups of Link, where all that hold something make up the value; empty: the first is it
	Form    string // of a text: a regular expression that it fits, as ^xoxb-; Help says what it is. Empty: any text
	NoURL   string // what is said, of a text, where a URL is pasted that does not tell the value; empty: one counts as it is
	Days    bool   // of a DateTime: a day counts too, as its beginning in UTC
	Blank   bool   // of a required text or list: it may be empty, as what comes of others may be
	Whole   bool   // of Texts: a text in place of a list is one item; otherwise it is split at its commas and lines
	Local   bool   // of a DateTime: it may leave out its zone, as 2026-01-31T09:30, where the vendor knows it otherwise
	NotNull bool   // null is an error, and not as if it were not given: what is taken then would hide that an expression found nothing
	Holds   Holds  // what is called like a credential there is masked
	// Reads are the values with which a call only reads, whatever the action's effect is otherwise: GET of a method. They count
	// where a step writes one out, or leaves it to the default.
	Reads []string
}

// Type is a field's kind of value.
type Type string

const (
	Text     Type = "text"
	LongText Type = "long_text"
	Number   Type = "number"
	Integer  Type = "integer"
	Boolean  Type = "boolean"
	DateTime Type = "datetime" // RFC 3339 text
	Date     Type = "date"     // a day, as 2026-01-31
	Select   Type = "select"
	Texts    Type = "texts"  // a list of texts
	List     Type = "list"   // a list of anything, or of Fields
	Object   Type = "object" // any object
	Group    Type = "group"  // an object of Fields
	JSON     Type = "json"   // any value
)

// Types lists every kind of field.
func Types() []Type {
	return []Type{Text, LongText, Number, Integer, Boolean, DateTime, Date, Select, Texts, List, Object, Group, JSON}
}

// Holds says what of a request, or of what comes of it, an input is, where no place does.
type Holds string

const (
	Headers Holds = "headers" // an object of headers
	Params  Holds = "params"  // an object of the URL's parameters
	URL     Holds = "url"     // the URL, which may have parameters
	Result  Holds = "result"  // the output, as it is: what is masked in that is masked in both
)

// Option is one choice of a Select.
type Option struct{ Value, Label string }

// Effect says what a lost answer means: pure, read, idempotent or once. The words are those of the word table.
type Effect string

const (
	Pure       Effect = "pure"
	Read       Effect = "read"
	Idempotent Effect = "idempotent"
	Once       Effect = "once"
)

// Action is one operation of a connector.
type Action struct {
	ID          string // "send_message"
	Name        string // "Send a message"
	Description string
	Words       string // others that people look for it by, "excel workbook"
	Effect      Effect
	Guarantee   string        // one sentence for people: what a crash in the middle means for this action
	Local       bool          // it calls nobody, whatever its effect: a connection is nothing to it
	Answers     bool          // its output answers the inbound request (core.respond)
	Scopes      []string      // of OAuth, beside those that are asked for where a connection names none: see Needing
	Timeout     time.Duration // of one attempt; zero: 30 s
	Input       []Field
	// Check finds what the fields cannot say: which inputs do not go together, and what is wrong with those that are written
	// out, by their names; written says which are. nil: the fields say it all.
	Check   func(with map[string]any, written func(name string) bool) []InputIssue
	Output  value.Shape // what is known of the output; fields may be missing
	Sample  any         // an output as the vendor gives it: what the sandbox answers and the builder shows
	Request *Request    // how it is carried out; nil: Run
	// Protocol is what Run speaks on the lines of Doer.Dial, which it needs a connection of that protocol for. Empty: HTTP.
	Protocol string
	// Ways are the methods of the ways to sign in that it works with, as another address does not have what it calls; empty: every one.
	// A stand-in of the sandbox, which signs in by none, is taken for one of the first.
	Ways []string
	// Page makes the answer a list that may come in parts. Its parts are read until they hold as many items as the input limit
	// says, which LimitField is; the output is what ListOf says. Its effect is Read. Nil: the answer is what it is.
	Page *Page
	// Errors come before the connector's own table.
	Errors ErrorTable
	// Run carries out what data cannot say. It reaches the outside only through do.
	Run func(ctx context.Context, in Input, do Doer) (any, error)
}

// ReadBy is the input that says whether a call only reads, with which values it does, and what it is when it is not given;
// empty: the effect says it.
func (a *Action) ReadBy() (input string, reads []string, otherwise string) {
	for _, f := range a.Input {
		if len(f.Reads) > 0 {
			otherwise, _ = f.Default.(string)
			return f.ID, f.Reads, otherwise
		}
	}
	return "", nil, ""
}

// Request is an HTTP request as data.
type Request struct {
	Method string // "POST"
	Path   string // "/lists/{list}/members/{hash}", appended to the base URL
	Base   string // what stands before the path instead of the base URL: one of the connector's further addresses, in which {name} is what it is there; empty: the base URL does
	Body   Body
	Query  map[string]string // constant parameters
	// Prepare makes from the input what the places of its fields cannot say alone; nil: there is nothing more.
	Prepare func(in map[string]any) (Parts, error)
	Empty   bool // a good answer with status 200 may be empty
	// Output takes a good answer apart; nil: the parsed body is the output.
	Output func(Response) (any, error)
	// Then gives the request that follows once this one succeeded, as tags after a member; nil, or giving nil: none. Of the same
	// input it takes what stands in the path, the rest is its Prepare's; its answer is dropped.
	Then func(in map[string]any) *Request
}

// Parts are what Prepare adds to a request.
type Parts struct {
	Path  map[string]string // what {name} in the path stands for
	Query map[string]any    // parameters; of a list each of its items
	Body  map[string]any    // members of the body
}

// Body is how a request's body is written.
type Body string

const (
	NoBody   Body = ""
	JSONBody Body = "json"
	FormBody Body = "form"
)

// Response is a vendor's whole answer, bounded in size.
type Response struct {
	Status int
	Header http.Header
	Body   []byte      // after decompression, in UTF-8 where it is text
	Value  any         // parsed where the answer is JSON, else its text
	Unread string      // what keeps Value from being the whole text, as "it is no text"; empty: it is
	File   *value.File // what HTTPRequest.Keep kept; nil: nothing
}

// Input is what Run gets.
type Input struct {
	Values map[string]any // validated, defaults filled in, each in its field's type
	Key    string         // the idempotency key
	Now    time.Time
}

// Doer is how code of an action reaches outside: credentials, limits, the guard and the error table hold for it.
type Doer interface {
	// HTTP sends one request. A relative URL is resolved against the connector's base URL.
	HTTP(ctx context.Context, req HTTPRequest) (Response, error)
	// Ask carries out a described action with other values, as a part of this one: its request is built, sent and judged, and
	// its output given. In a sandbox that is its sample.
	Ask(ctx context.Context, a *Action, values map[string]any) (any, error)
	// Dial opens a line to the server that the connection names, for the action's protocol. Where the call is sandboxed it keeps
	// what is shown of it and gives no line.
	Dial(ctx context.Context, shown Shown) (*Line, error)
	// Sandboxed says that requests are recorded and not sent: HTTP then gives an empty answer.
	Sandboxed() bool
	// Judge makes the error of an answer that the action takes for a bad one: what the error tables and the status say it
	// is, InvalidInput where they find nothing wrong.
	Judge(resp Response) error
	// Open gives a file of the run's to read: one that came with its event, or that a step of it made or was given. Its last Read
	// says where it is damaged.
	Open(ctx context.Context, f value.File) (io.ReadCloser, error)
	// Keep keeps all that r gives as a file of the run, without having it in memory; the output is to refer to it. name is what
	// it is called, kind its media type.
	Keep(ctx context.Context, name, kind string, r io.Reader) (value.File, error)
	// Data carries out an operation on one of the workspace's data stores. What writes is carried out once for the step, however often
	// it is asked.
	Data(ctx context.Context, op value.DataOp) (value.DataAnswer, error)
	// Log writes a line to the run's log, or to the server's where the attempt fails.
	Log(line string)
}

// Shown is what people see of a call that is no HTTP request: on the run's page, and in the outbox where it is not made.
type Shown struct {
	Method string // what is done there, as "SEND"
	Path   string // with what, as a file's path; empty: nothing is named
	Header map[string]string
	Body   string
}

// Line is a stream to a connection's server, as it is when it is opened: without TLS. It ends with the call, and whoever asked for
// it closes it.
type Line struct {
	net.Conn
	Host   string            // that the connection names
	Method string            // by which the connection signs in
	TLS    *tls.Config       // by which the server is known, where the line changes to TLS
	Values map[string]string // the connection's, the secret ones too
	// Beside opens another stream to the same host, for protocols that carry their files so; it ends with the call too.
	Beside func(ctx context.Context, port int) (net.Conn, error)
	// Sent says whether something may have been done there whose answer has not come.
	Sent func(bool)
	// Failure makes the error of a line that broke.
	Failure func(error) error
}

// HTTPRequest is a request made by code.
type HTTPRequest struct {
	Method string
	URL    string
	Base   string // as Request.Base
	Header http.Header
	Body   io.Reader // nil: none, or Stream
	Stream *Stream   // a body that is not taken into memory; nil: Body
	// Keep makes the body of a good answer a file of the run, Response.File, instead of taking it into memory. Where its name
	// and type are empty the answer's own are taken.
	Keep *value.File
	// Bare sends no credentials, to whatever address it goes: one that the vendor gave and that is good by itself.
	Bare bool
	// Prepares says that a later request carries out what this one begins: where its answer is lost, nothing has happened.
	Prepares bool
	// Pages takes a page of HTML, or nothing, for an answer. Otherwise either with status 200 in the place of an app's is an error; Empty
	// takes nothing alone.
	Pages, Empty bool
	// Stays gives a redirect as the answer that it is, and goes nowhere after it.
	Stays bool
	// AnyStatus returns the answer whatever its status, and goes after redirects as a browser does; otherwise the error table
	// turns bad answers into errors, and a redirect that makes a GET of another method is one.
	AnyStatus bool
}

// Stream is a body of known length that is read where it is sent, each time that it is.
type Stream struct {
	Size int64 // bytes
	Open func() (io.ReadCloser, error)
}

// ErrorTable turns an answer into an error. The first rule that fits wins; what none fits is judged by its status.
type ErrorTable []ErrorRule

// ErrorRule fits an answer by its status and by what its body says. In its message and its remedy {} is the text that Pointer found,
// {/pointer} the text at another place, {header:Name} that of a header, {input:id} that of an input of the action, and {words} are the vendor's own, where any are found.
// In a pointer * stands for any item of a list: the first counts that fits, and in a text all that have something there are named.
type ErrorRule struct {
	Status   int    // zero: any, also 200
	Pointer  string // JSON Pointer into the body; empty: the body is not asked, or, by Contains, one that is a text and no JSON
	Equals   string // the text there
	Contains string // part of the text there in lower case; its case does not count. Empty, and so is Equals: anything but null, false and ""
	Header   string // a header that the answer has; empty: none is asked for
	Code     string // a fault.Code; empty: no error after all
	Message  string // empty: the status and the vendor's own words
	Remedy   string // what a person can do, added to the message
	Own      bool   // it is about the connection, and not about what an action is given: a test says it too
	SignIn   bool   // the credentials are not taken any more, as with status 401: a new token is fetched, or a person signs in anew
}

// Rate is a number of requests in a window.
type Rate struct {
	Requests int
	Window   time.Duration
}

// Reserved says that a request's header is the request's own to set: it frames the message, or names where it goes.
func Reserved(header string) bool {
	switch http.CanonicalHeaderKey(header) {
	case "Host", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Te", "Trailer", "Keep-Alive", "Expect", "Proxy-Authorization", "Proxy-Connection":
		return true
	}
	return false
}
