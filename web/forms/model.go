package forms

import (
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/fields"
)

// form is a form as it is shown.
type form struct {
	Page
	Action string
	Fields []fields.Field
	Files  bool // one of them is a file
	Token  string
	User   string // the visitor's id, and its proof
	Hash   string
	Wrong  string // why it was not taken; empty: nothing was sent yet
}

func newForm(v *visit) form {
	p := form{Page: v.page, Action: v.r.URL.EscapedPath()}
	for _, in := range v.page.Form.Fields {
		f := fields.Field{Key: in.Name, Name: in.Name, Label: in.Label, Help: in.Help, Type: in.Type, Required: in.Required}
		if f.Label == "" {
			f.Label = words(in.Name)
		}
		for _, o := range in.Options {
			f.Options = append(f.Options, fields.Option{Value: o.Value, Label: o.Label})
		}
		f.Fill(in.Default)
		p.Files = p.Files || f.Type == "file"
		p.Fields = append(p.Fields, f)
	}
	return p
}

// words makes a label of a name: "first_name" is "First name".
func words(name string) string {
	text := strings.TrimSpace(strings.ReplaceAll(name, "_", " "))
	if text == "" {
		return name
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// prefill puts in what stands in the page's address, under the names of the fields.
func (p *form) prefill(query url.Values) {
	for i := range p.Fields {
		f := &p.Fields[i]
		list, given := query[f.Name]
		if !given {
			continue
		}
		var all []any
		for _, text := range list {
			all = append(all, fault.Clip(fields.Text(text), fields.Most))
		}
		if f.Type == "multi_select" {
			f.Fill(all)
		} else {
			f.Fill(all[0])
		}
	}
}

// take reads the fields; false: something is wrong, which is noted in them.
func (p *form) take(r *http.Request) (map[string]any, bool) {
	values, fine := map[string]any{}, true
	for i := range p.Fields {
		f := &p.Fields[i]
		if f.Type == "file" {
			takeFile(f, r)
		} else {
			f.Take(r.PostForm, true)
		}
		fine = fine && f.Wrong == ""
		values[f.Name] = f.Value
	}
	if !fine {
		p.choseBefore(r)
	}
	return values, fine
}

// choseBefore says of files that a browser does not send again what it sent once.
func (p *form) choseBefore(r *http.Request) {
	for i := range p.Fields {
		if f := &p.Fields[i]; f.Type == "file" && f.Wrong == "" && len(uploads(r, f.Key)) > 0 {
			f.Wrong = "Choose the file again: it was not kept, since something else has to be mended first."
		}
	}
}

// takeFile looks at the file of a field. Its bytes are kept once everything else is right.
func takeFile(f *fields.Field, r *http.Request) {
	list := uploads(r, f.Key)
	switch {
	case len(list) > 1:
		f.Wrong = "Choose one file."
	case len(list) == 0 && f.Required:
		f.Wrong = "This is needed."
	}
}

// uploads are the files that were sent for a field. A browser sends an empty one where nobody chose any.
func uploads(r *http.Request, key string) []*multipart.FileHeader {
	if r.MultipartForm == nil {
		return nil
	}
	var out []*multipart.FileHeader
	for _, header := range r.MultipartForm.File[key] {
		if header.Filename != "" || header.Size > 0 {
			out = append(out, header)
		}
	}
	return out
}

// keep keeps the files, and puts what stands for them into the values.
func (h *Handler) keep(r *http.Request, p form, values map[string]any) ([]value.Large, error) {
	var kept []value.Large
	for _, f := range p.Fields {
		for _, header := range uploads(r, f.Key) {
			if f.Type != "file" {
				continue
			}
			file, err := header.Open()
			if err != nil {
				return nil, fault.Wrap(err, fault.Unavailable, "The file of %q cannot be kept.", f.Label)
			}
			large, err := h.Keep(r.Context(), file)
			file.Close()
			if err != nil {
				return nil, err
			}
			kept = append(kept, large)
			values[f.Name] = value.File{Hash: large.Hash, Name: value.FileName(header.Filename), Type: value.MediaType(header.Header.Get("Content-Type")), Size: large.Bytes}.Value()
		}
	}
	return kept, nil
}

// title is what the page is about.
func (p form) title() string {
	if p.Title != "" {
		return p.Title
	}
	return p.Scenario
}

func (p form) submit() string {
	if p.Submit != "" {
		return p.Submit
	}
	return "Send"
}

// thanks is what somebody is told who has sent the form.
func (p form) thanks() string {
	if p.Thanks != "" {
		return p.Thanks
	}
	return "We have received what you sent."
}
