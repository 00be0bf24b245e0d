package fields

import (
	"io"
	"net/http"

	"github.com/stepmill/stepmill/engine/value"
)

// ServeFile sends a file to be kept, under the name and with the type that its link gives it. Whatever these are, it is not shown as a page
// of this site. Half a file does not pass for a whole one.
func ServeFile(w http.ResponseWriter, r *http.Request, f io.Reader) error {
	head := w.Header()
	file := value.File{Name: r.FormValue("name"), Type: value.MediaType(r.FormValue("type"))}
	kind, disposition := file.Saved("")
	if file.Name == "" {
		disposition = "attachment"
	}
	head.Set("Content-Type", kind)
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Content-Disposition", disposition)
	if _, err := io.Copy(w, f); err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}
