// Package fault is the one error type of Stepmill: a code that a machine acts on, a sentence that a person reads, and,
// for input that a person wrote, the problems in it with their places. It knows nothing of the rooms that return it.
package fault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Code is a failure's class. Retry policies, HTTP statuses and the error handlers of a scenario act on it.
type Code string

// The classes, the same words that a scenario's `retry.on` and `error.class` use.
const (
	RateLimited  Code = "rate_limited"  // 429 and the vendors' forms of it
	Unavailable  Code = "unavailable"   // 5xx, refused, unknown host, cut before the request was sent
	Timeout      Code = "timeout"       // 408, or no answer in time
	InvalidInput Code = "invalid_input" // other 4xx, a wrong input, a failing expression
	Stopped      Code = "stopped"       // a `stop` as failed
	Unauthorized Code = "unauthorized"  // 401, 403
	NotFound     Code = "not_found"     // 404, 410
	Conflict     Code = "conflict"      // 409, 412
	TooLarge     Code = "too_large"
	Cancelled    Code = "cancelled"
	Internal     Code = "internal"
	Uncertain    Code = "uncertain" // a call of effect `once` whose answer was lost
)

// Codes lists every class, in the order of the documentation.
func Codes() []Code {
	return []Code{RateLimited, Unavailable, Timeout, InvalidInput, Stopped, Unauthorized, NotFound, Conflict, TooLarge,
		Cancelled, Internal, Uncertain}
}

// Severity tells a problem that forbids publishing from one that does not.
type Severity string

const (
	Fault   Severity = "" // the zero value: publishing is refused
	Warning Severity = "warning"
)

// Problem is one thing wrong with a document that a person wrote.
type Problem struct {
	Path     string   `json:"path"`             // JSON Pointer (RFC 6901) of the value
	Line     int      `json:"line,omitempty"`   // from 1; zero: the document has no text
	Column   int      `json:"column,omitempty"` // from 1, in bytes
	Severity Severity `json:"severity,omitempty"`
	Message  string   `json:"message"` // what is wrong and what to do

	// Of a connection that is not there the id of the app that it is to be for, and the slug that it is to have, if any; of one that
	// lacks something its slug.
	App        string `json:"app,omitempty"`
	Connection string `json:"connection,omitempty"`
	Secret     string `json:"secret,omitempty"` // slug of one that is not there
}

// Error is every failure that crosses a package boundary.
type Error struct {
	Code       Code
	Message    string        // one sentence for a person; never a secret
	RetryAfter time.Duration // zero: the retry policy decides
	Problems   []Problem     // what is wrong where, when the input was a document
	cause      error
}

// New makes an Error whose message is formatted as by fmt.Sprintf. It is called, as Wrap is, at a thousand places, too many to
// build it in.
//
//go:noinline
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap is New with the error that caused it, which Unwrap returns and no message shows.
//
//go:noinline
func Wrap(cause error, code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), cause: cause}
}

// Invalid is an InvalidInput error that carries the problems of a document.
func Invalid(message string, problems []Problem) *Error {
	return &Error{Code: InvalidInput, Message: message, Problems: problems}
}

func (e *Error) Error() string {
	if e.cause != nil {
		return e.Message + " (" + e.cause.Error() + ")"
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.cause }

// CodeOf returns the class of any error: that of the first Error in its chain, Cancelled and Timeout for a context's
// errors, Internal for the rest, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Code
	case errors.Is(err, context.Canceled):
		return Cancelled
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	}
	return Internal
}

// MessageOf returns what a person may read of any error. Errors from elsewhere may hold paths or secrets, so of those
// it says nothing but that something went wrong inside.
func MessageOf(err error) string {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Message
	case errors.Is(err, context.Canceled):
		return "The work was cancelled."
	case errors.Is(err, context.DeadlineExceeded):
		return "The work took too long."
	}
	return "Something went wrong inside Stepmill; the server's log has the details."
}

// ProblemsOf returns the problems that the first Error in the chain carries.
func ProblemsOf(err error) []Problem {
	var e *Error
	if errors.As(err, &e) {
		return e.Problems
	}
	return nil
}

// Faults returns the problems that forbid publishing.
func Faults(problems []Problem) []Problem {
	var out []Problem
	for _, p := range problems {
		if p.Severity == Fault {
			out = append(out, p)
		}
	}
	return out
}

// Clip shortens a text from outside to at most n bytes at a rune's edge, so that no message repeats a megabyte of input.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}

// InOrder gives problems in the order of their places, each once; those without a line come last.
func InOrder(problems []Problem) []Problem {
	out := slices.Clone(problems)
	slices.SortStableFunc(out, func(a, b Problem) int {
		if a.Line == 0 || b.Line == 0 {
			return cmp.Compare(b.Line, a.Line)
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.CompactFunc(out, func(a, b Problem) bool { return a == b })
}
