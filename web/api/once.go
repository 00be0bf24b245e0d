package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"net/http"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
)

const maxIdempotencyKey = 255 // bytes

// once carries a request with an Idempotency-Key out once: sent again, it gets the answer of the first time. An answer
// that is the server's own failure is not kept.
func (a *api) once(w http.ResponseWriter, r *http.Request, serve func(http.ResponseWriter, *http.Request) error) error {
	key := r.Header.Get("Idempotency-Key")
	if len(key) > maxIdempotencyKey {
		return fault.New(fault.InvalidInput, "The Idempotency-Key has %d bytes; at most %d are taken.", len(key), maxIdempotencyKey)
	}
	actor, ok := access.ActorFrom(r.Context())
	if !ok {
		return access.ErrSignedOut
	}
	body, err := whole(w, r)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	kept, err := a.Store.BeginAnswer(r.Context(), actor, key, fingerprint(r, body))
	if err != nil {
		return err
	}
	if kept != nil {
		maps.Copy(w.Header(), kept.Header)
		w.Header().Set("Idempotency-Replayed", "true")
		w.WriteHeader(kept.Status)
		_, err := w.Write(kept.Body)
		return err
	}
	seen := &copied{ResponseWriter: w, kept: run.KeptAnswer{Status: http.StatusOK}}
	defer func() { // also of a panic: a request that failed inside may be sent again
		result := &seen.kept
		if !seen.done || result.Status >= 500 {
			result = nil
		}
		a.Store.KeepAnswer(context.WithoutCancel(r.Context()), actor, key, result) // where this fails a repeat waits a minute and is carried out
	}()
	if err = serve(seen, r); err != nil {
		WriteError(seen, err)
		err = access.Answered{Err: err}
	}
	seen.kept.Header = answerHeader(w.Header())
	seen.done = true
	return err
}

// fingerprint tells one request from another.
func fingerprint(r *http.Request, body []byte) string {
	sum := sha256.New()
	io.WriteString(sum, r.Method+" "+r.URL.RequestURI()+"\n"+r.Header.Get("If-Match")+"\n")
	sum.Write(body)
	return hex.EncodeToString(sum.Sum(nil))
}

// answerHeader are the headers that belong to the answer and not to the site.
func answerHeader(header http.Header) map[string][]string {
	out := map[string][]string{}
	for _, name := range []string{"Content-Type", "ETag", "Location", "Retry-After"} {
		if list := header.Values(name); len(list) > 0 {
			out[http.CanonicalHeaderKey(name)] = list
		}
	}
	return out
}

// copied keeps a copy of an answer.
type copied struct {
	http.ResponseWriter
	kept run.KeptAnswer
	done bool
}

func (c *copied) WriteHeader(status int) {
	c.kept.Status = status
	c.ResponseWriter.WriteHeader(status)
}

func (c *copied) Write(b []byte) (int, error) {
	c.kept.Body = append(c.kept.Body, b...)
	return c.ResponseWriter.Write(b)
}

func (c *copied) Unwrap() http.ResponseWriter { return c.ResponseWriter }
