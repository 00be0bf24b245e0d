package access

import (
	"errors"
	"mime"
	"net/http"

	"github.com/stepmill/stepmill/engine/fault"
)

// ReadForm reads a request's form of at most that many bytes. FormValue alone says nothing of a form that is too large or
// broken: it gives what it understood of it, which does something else than was asked for.
func ReadForm(w http.ResponseWriter, r *http.Request, most int64) error {
	r.Body = http.MaxBytesReader(w, r.Body, most)
	err := r.ParseForm()
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "multipart/form-data" {
		err = r.ParseMultipartForm(most)
	}
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return fault.Wrap(err, fault.TooLarge, "That is more than can be taken here.")
	}
	return fault.Wrap(err, fault.InvalidInput, "The form did not come whole, or is not encoded as forms are; send it again.")
}
