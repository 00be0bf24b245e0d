package actions

import (
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

// Limits are how a vendor tells that it takes no more for now, and how much it still takes.
type Limits struct {
	Headers []Limit  // of its answers, one for each limit that it counts
	Signals []Signal // the answers that refuse; a 429 is one without standing here
}

// Limit is a limit that the headers of an answer count down. Nothing is sent while Remaining is 0 and Reset is to come.
type Limit struct {
	Remaining string // the header with how many requests are left
	Limit     string // with how many a window takes; empty: not told
	Used      string // the header with both, as api-usage=18/5000; instead of Remaining and Limit
	Reset     string // with when it opens again; empty: not told
	Unit      Unit   // of Reset
	// Window is how long nothing is sent once nothing is left, where Reset does not say; zero: nothing is held back then.
	Window time.Duration
	// Of and Is keep to answers whose header Of is Is, where the vendor counts several limits by the same headers.
	Of, Is string
	// Late says that it is read of an answer that refuses only: it may count something narrower than the connection.
	Late bool
}

// Unit is how a header writes when a limit opens again.
type Unit string

const (
	EpochSeconds Unit = "epoch"    // Unix seconds
	EpochMillis  Unit = "epoch_ms" // Unix milliseconds
	SecondsToGo  Unit = "seconds"
	MillisToGo   Unit = "ms"
	AsDate       Unit = "date" // RFC 3339 or an HTTP date
	AnyUnit      Unit = ""     // one of these, told apart by its size
)

// Units lists them.
func Units() []Unit {
	return []Unit{EpochSeconds, EpochMillis, SecondsToGo, MillisToGo, AsDate, AnyUnit}
}

// Signal fits an answer that refuses because of a limit, by everything that it names.
type Signal struct {
	Status   int    // zero: any
	Header   string // one that is there; empty: not asked
	Is       string // its text; empty: any
	Pointer  string // JSON Pointer into the body; empty: the body is not asked
	Equals   string // the text there; empty: anything but null, false and ""
	Contains string // part of the text there, whatever its case
	Code     string // a fault.Code; empty: rate_limited
	// Wait is how long to send nothing where the answer does not say; zero: a second, twice as long each time it says so again.
	Wait time.Duration
	// WaitAt points at the seconds to wait in the body; empty: they stand in Retry-After or the limit's headers only.
	WaitAt string
	// Narrow says that it holds for what was asked for only: the step waits, the connection's other requests do not.
	Narrow bool
	// Step says that it holds for the step that asked: all its calls wait, those of other steps do not.
	Step bool
}

// LimitsOf is how the vendors are known to tell of their limits, by the connector's id; of any other it is how most do. A
// connector that brings Limits of its own is read by those. Sources: the vendors' pages on rate limits.
func LimitsOf(connector string) Limits {
	switch connector {
	case "intercom": // in slices of ten seconds
		return Limits{Headers: counted("X-RateLimit", EpochSeconds),
			Signals: []Signal{{Pointer: "/errors/0/code", Equals: "rate_limit_exceeded"}}}
	case "salesforce": // over the last 24 hours, so some is free again soon
		return Limits{Headers: []Limit{{Used: "Sforce-Limit-Info", Window: 15 * time.Minute}},
			Signals: []Signal{{Status: 403, Pointer: "/0/errorCode", Equals: "REQUEST_LIMIT_EXCEEDED", Wait: 15 * time.Minute}}}
	case "hubspot": // the search has a limit of its own and no headers
		return Limits{Headers: []Limit{{Remaining: "X-HubSpot-RateLimit-Remaining", Limit: "X-HubSpot-RateLimit-Max", Reset: "X-HubSpot-RateLimit-Interval-Milliseconds", Unit: MillisToGo}},
			Signals: []Signal{
				{Status: 429, Pointer: "/policyName", Equals: "TEN_SECONDLY_ROLLING", Wait: 10 * time.Second},
				{Status: 429, Pointer: "/policyName", Equals: "SECONDLY", Wait: time.Second},
				{Status: 429, Pointer: "/policyName", Equals: "DAILY", Wait: time.Hour}}} // until midnight where the account is
	case "pipedrive": // windows of two seconds
		return Limits{Headers: counted("X-RateLimit", SecondsToGo)}
	case "slack":
		return Limits{Signals: []Signal{{Pointer: "/error", Equals: "ratelimited"}, {Pointer: "/error", Equals: "rate_limited"}}}
	case "microsoft_teams":
		return Limits{Signals: []Signal{{Status: 503, Header: "Retry-After", Code: "unavailable"}, {Status: 504, Header: "Retry-After", Code: "unavailable"}}}
	case "zoom": // a day's limit is one kind of request's, or one user's
		return Limits{Signals: []Signal{{Status: 429, Header: "X-RateLimit-Type", Is: "Daily-limit", Wait: time.Hour, Narrow: true}}}
	case "google_analytics", "google_sheets", "google_drive":
		return Limits{Signals: []Signal{
			{Status: 403, Pointer: "/error/errors/0/reason", Equals: "userRateLimitExceeded"},
			{Status: 403, Pointer: "/error/errors/0/reason", Equals: "rateLimitExceeded"},
			{Pointer: "/error/status", Equals: "RESOURCE_EXHAUSTED"}}}
	case "amplitude": // of the devices and users named, and of no other
		return Limits{Signals: []Signal{
			{Status: 429, Pointer: "/throttled_devices", Wait: 30 * time.Second, Narrow: true},
			{Status: 429, Pointer: "/throttled_users", Wait: 30 * time.Second, Narrow: true}}}
	case "jira":
		return Limits{Headers: counted("X-RateLimit", AsDate),
			Signals: []Signal{{Status: 429, Header: "RateLimit-Reason", Is: "jira-per-issue-on-write", Narrow: true}}}
	case "linear":
		return Limits{Headers: append(counted("X-RateLimit-Requests", EpochMillis), counted("X-RateLimit-Complexity", EpochMillis)...),
			Signals: []Signal{{Pointer: "/errors/0/extensions/code", Equals: "RATELIMITED"}}}
	case "github": // the search is counted by the same headers
		limit := counted("X-RateLimit", EpochSeconds)
		limit[0].Of, limit[0].Is = "X-RateLimit-Resource", "core"
		return Limits{Headers: append(limit, late("X-RateLimit", EpochSeconds)), Signals: []Signal{
			{Status: 403, Header: "X-RateLimit-Remaining", Is: "0"},
			{Status: 403, Header: "Retry-After"},
			{Status: 403, Pointer: "/message", Contains: "secondary rate limit", Wait: time.Minute},
			{Status: 429, Wait: time.Minute}}}
	case "notion":
		return Limits{Signals: []Signal{
			{Status: 503, Pointer: "/code", Equals: "service_unavailable", Code: "unavailable"},
			{Status: 503, Pointer: "/code", Equals: "service_overload", Code: "unavailable"},
			{Pointer: "/code", Equals: "rate_limited"}}}
	case "dropbox":
		return Limits{Signals: []Signal{
			{Pointer: "/error/.tag", Equals: "too_many_requests", WaitAt: "/error/retry_after"},
			{Pointer: "/error/.tag", Equals: "too_many_write_operations", WaitAt: "/error/retry_after"},
			{Pointer: "/error/reason/.tag", Equals: "too_many_requests", WaitAt: "/error/retry_after"},
			{Pointer: "/error/reason/.tag", Equals: "too_many_write_operations", WaitAt: "/error/retry_after"},
			{Pointer: "/error_summary", Contains: "too_many_"}}}
	}
	return Limits{Headers: []Limit{late("X-RateLimit", AnyUnit), late("RateLimit", AnyUnit)}, Signals: []Signal{
		{Status: 403, Header: "X-RateLimit-Remaining", Is: "0"},
		{Status: 503, Header: "Retry-After", Code: "unavailable", Step: true}}} // which may be one path's word
}

// counted are the three headers by which most vendors count.
func counted(prefix string, unit Unit) []Limit {
	return []Limit{{Remaining: prefix + "-Remaining", Limit: prefix + "-Limit", Reset: prefix + "-Reset", Unit: unit}}
}

func late(prefix string, unit Unit) Limit {
	l := counted(prefix, unit)[0]
	l.Late = true
	return l
}

func (l *linter) limits(of Limits) {
	for _, h := range of.Headers {
		if h.Remaining == "" && h.Used == "" {
			l.say("a limit names no header that says what is left")
		}
		if h.Reset == "" && h.Window == 0 {
			l.say("nothing says when the limit of %s opens again", h.Remaining+h.Used)
		}
		if !slices.Contains(Units(), h.Unit) {
			l.say("%q is no unit of a limit's reset", h.Unit)
		}
	}
	for _, s := range of.Signals {
		if s.Status == 0 && s.Pointer == "" && s.Header == "" {
			l.say("a signal fits every answer")
		}
		for _, pointer := range []string{s.Pointer, s.WaitAt} {
			if pointer != "" && !strings.HasPrefix(pointer, "/") {
				l.say("%q is no JSON Pointer", pointer)
			}
		}
		if s.Code != "" && s.Code != string(fault.RateLimited) && s.Code != string(fault.Unavailable) {
			l.say("a signal is rate_limited or unavailable, not %q", s.Code)
		}
		if s.Contains != strings.ToLower(s.Contains) {
			l.say("the text %q that a signal looks for is not in lower case", s.Contains)
		}
	}
}
