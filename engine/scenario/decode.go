package scenario

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/stepmill/stepmill/engine/fault"
)

// Document is a decoded scenario with its text, so that a path found later can be given its line and column.
type Document struct {
	*Scenario
	Text  []byte
	root  *node
	ruler *ruler
}

// Decode reads a document and lints it. The error is for what is no document at all: no JSON object, or one of another
// format version. Everything else that is wrong stands in the problems, all of it at once, and the document holds what
// could be read.
func Decode(text []byte) (*Document, []fault.Problem, error) {
	root, ruler, problems, err := parse(text)
	if err != nil {
		return nil, nil, err
	}
	d := decoder{doc: &Document{Scenario: &Scenario{}, Text: text, root: root, ruler: ruler}, problems: problems}
	if err := d.format(root); err != nil {
		return nil, nil, err
	}
	d.object(root, reflect.ValueOf(d.doc.Scenario).Elem(), "", "")
	lint(&d)
	d.doc.Place(d.problems)
	slices.SortStableFunc(d.problems, func(a, b fault.Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return d.doc, few(d.problems), nil
}

// MaxProblems is how many problems of a document are told.
const MaxProblems = 1000

// few keeps the first problems and says how many more there are.
func few(problems []fault.Problem) []fault.Problem {
	if rest := len(problems) - MaxProblems; rest > 0 {
		problems = append(problems[:MaxProblems], fault.Problem{Message: fmt.Sprintf("There are %d more problems; mend these first.", rest)})
	}
	return problems
}

// Place fills in the line and the column of problems that have none.
func (doc *Document) Place(problems []fault.Problem) {
	for i, p := range problems {
		if p.Line == 0 {
			problems[i].Line, problems[i].Column = doc.ruler.position(doc.root.find(p.Path).offset)
		}
	}
}

type decoder struct {
	doc      *Document
	problems []fault.Problem
	steps    int
}

type typeUse struct {
	typ reflect.Type
	of  string
}

// readTypes are the fields that were read off the tags, by typeUse: types do not change.
var readTypes sync.Map

// knownFields is fieldsOf, read off the tags once a process.
func knownFields(t reflect.Type, of string) fields {
	use := typeUse{t, of}
	fs, ok := readTypes.Load(use)
	if !ok {
		fs, _ = readTypes.LoadOrStore(use, fieldsOf(t, of))
	}
	return fs.(fields)
}

func (d *decoder) problem(path, format string, args ...any) {
	d.problems = append(d.problems, fault.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

// problemName places a problem at a member's name, which may be one that the types do not have.
func (d *decoder) problemName(n *node, i int, path, format string, args ...any) {
	line, column := d.doc.ruler.position(n.nameOff[i])
	d.problems = append(d.problems, fault.Problem{Path: path, Line: line, Column: column, Message: fmt.Sprintf(format, args...)})
}

// another names the program whose file a document is by its members; "" where it looks like none that people bring along.
func another(root *node) string {
	switch {
	case root.child("nodes") != nil && root.child("connections") != nil:
		return "n8n"
	case root.child("flow") != nil && root.child("metadata") != nil:
		return "Make"
	}
	return ""
}

// format refuses what this release cannot read as a scenario.
func (d *decoder) format(root *node) error {
	if root.kind != '{' {
		return problemAt(d.doc.Text, root.offset, "", "A scenario is a JSON object; this is %s.", kindName(root))
	}
	version := root.child("stepmill")
	if version == nil {
		if whose := another(root); whose != "" {
			return problemAt(d.doc.Text, root.offset, "", "This is a file of %s. This release reads its own scenario files only.", whose)
		}
		return problemAt(d.doc.Text, root.offset, "/stepmill", `A scenario begins with "stepmill": %d, the version of its format; it is missing.`, Format)
	}
	n, err := strconv.Atoi(version.text)
	switch {
	case version.kind != '0' || err != nil || n < 1:
		return problemAt(d.doc.Text, version.offset, "/stepmill", `"stepmill" is the version of the format, a whole number; write %d.`, Format)
	case n > Format:
		return problemAt(d.doc.Text, version.offset, "/stepmill",
			"This file has format %d, and this Stepmill reads up to format %d. Update Stepmill, or export the file for an older one.", n, Format)
	}
	return nil
}

// oneOf names what a member may be; "" where that is anything.
func oneOf(enum []string) string {
	if len(enum) == 0 {
		return ""
	}
	return " Write one of " + strings.Join(enum, ", ") + "."
}

// example shows an object that has what is required; "": nothing is.
func example(of fields) string {
	var out []string
	for _, f := range of {
		if f.required {
			out = append(out, fmt.Sprintf("%q: …", f.name))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return ", as {" + strings.Join(out, ", ") + "}"
}

// within says where a name of a step stands that belongs to its loop.
func within(of reflect.Type, name string) string {
	if of != reflect.TypeFor[Step]() {
		return ""
	}
	if _, ok := knownFields(reflect.TypeFor[Each](), "").byName(name); !ok {
		return ""
	}
	return fmt.Sprintf(" Of an each it stands within: \"each\": {\"items\": …, %q: …}.", name)
}

// object reads n into a struct. Which members it may have is what the struct's fields say; of limits them to those of one
// use of a type that has several.
func (d *decoder) object(n *node, v reflect.Value, path, of string) {
	if n.kind != '{' {
		d.problem(path, "Here stands %s; it must be an object%s.", kindName(n), example(knownFields(v.Type(), of)))
		return
	}
	fields := knownFields(v.Type(), of)
	for i, name := range n.names {
		at := member(path, name)
		f, ok := fields.byName(name)
		if !ok {
			d.problemName(n, i, at, "There is no %q here.%s%s", fault.Clip(name, 60), fault.DidYouMean(name, fields.names()), within(v.Type(), name))
			continue
		}
		d.field(n.items[i], v.Field(f.index), at, f)
	}
	for _, f := range fields {
		if f.required && n.child(f.name) == nil {
			d.problem(path, "%q is missing: %s%s", f.name, f.doc, oneOf(f.enum))
		}
	}
}

// field reads one member and checks it by the field's rule.
func (d *decoder) field(n *node, v reflect.Value, path string, f field) {
	before := len(d.problems)
	d.into(n, v, path, f)
	if len(d.problems) == before {
		d.rule(n, v, path, f)
	}
}

func (d *decoder) into(n *node, v reflect.Value, path string, f field) {
	switch target := v.Addr().Interface().(type) {
	case *Value:
		target.Given = true
		target.V = d.any(n, path)
		return
	case **Each:
		if n.kind == '"' {
			*target = &Each{Items: n.text}
			return
		}
	case **Debounce:
		if n.kind == '"' {
			*target = &Debounce{For: n.text}
			d.checkText(n.text, path, "duration")
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		if v.Type() == reflect.TypeFor[*Step]() && !d.countStep(path) {
			return
		}
		d.object(n, v.Elem(), path, f.scope)
	case reflect.Slice:
		d.slice(n, v, path, f)
	case reflect.Map:
		if object, ok := d.any(n, path).(map[string]any); ok {
			v.Set(reflect.ValueOf(object))
		} else {
			d.problem(path, "Here stands %s; it must be an object.", kindName(n))
		}
	case reflect.Interface:
		if x := d.any(n, path); x != nil {
			v.Set(reflect.ValueOf(x))
		}
	default:
		d.scalar(n, v, path, f.is)
	}
}

func (d *decoder) slice(n *node, v reflect.Value, path string, f field) {
	if n.kind != '[' {
		d.problem(path, "Here stands %s; it must be a list.", kindName(n))
		return
	}
	list := reflect.MakeSlice(v.Type(), len(n.items), len(n.items))
	for i, item := range n.items {
		if at := index(path, i); v.Type().Elem().Kind() == reflect.String {
			d.scalar(item, list.Index(i), at, f.is)
		} else {
			d.into(item, list.Index(i), at, f)
		}
	}
	v.Set(list)
}

func (d *decoder) scalar(n *node, v reflect.Value, path, is string) {
	switch v.Kind() {
	case reflect.String:
		if n.kind == '"' {
			v.SetString(n.text)
			return
		}
		d.problem(path, "Here stands %s; %s.", kindName(n), cmp.Or(rules()[is].want, "it must be a text"))
	case reflect.Bool:
		if n.kind == 't' || n.kind == 'f' {
			v.SetBool(n.kind == 't')
			return
		}
		d.problem(path, "Here stands %s; it must be true or false.", kindName(n))
	case reflect.Int:
		if i, err := strconv.Atoi(n.text); n.kind == '0' && err == nil {
			v.SetInt(int64(i))
			return
		}
		d.problem(path, "Here stands %s; it must be a whole number.", kindName(n))
	case reflect.Float64:
		if f, err := strconv.ParseFloat(n.text, 64); n.kind == '0' && err == nil {
			v.SetFloat(f)
			return
		}
		d.problem(path, "Here stands %s; it must be a number.", kindName(n))
	}
}

func (d *decoder) any(n *node, path string) any {
	v, err := n.value()
	if err != nil {
		d.problem(path, "%s", fault.MessageOf(err))
	}
	return v
}

// countStep says whether one more step is within the bound; it complains once.
func (d *decoder) countStep(path string) bool {
	d.steps++
	if d.steps == MaxSteps+1 {
		d.problem(path, "The scenario has more than %d steps; move a part of it into a scenario that it calls.", MaxSteps)
	}
	return d.steps <= MaxSteps
}

// rule checks a value by what the field's tags say.
func (d *decoder) rule(n *node, v reflect.Value, path string, f field) {
	switch {
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String:
		for i := range v.Len() {
			d.checkEnum(v.Index(i).String(), index(path, i), f)
		}
		d.checkMin(float64(v.Len()), path, f, "must hold at least %v")
	case v.Kind() == reflect.Slice:
		d.checkMin(float64(v.Len()), path, f, "must hold at least %v")
	case v.Kind() == reflect.Int:
		d.checkMin(float64(v.Int()), path, f, "must be at least %v")
		if f.max != 0 && float64(v.Int()) > f.max {
			d.problem(path, "%q must be at most %v.", f.name, f.max)
		}
	case v.Kind() == reflect.Float64:
		d.checkMin(v.Float(), path, f, "must be at least %v")
	case v.Kind() == reflect.String:
		d.checkEnum(v.String(), path, f)
		d.checkText(v.String(), path, f.is)
	case v.Kind() == reflect.Interface && f.is != "":
		d.checkAny(n, path, f.is)
	}
}

func (d *decoder) checkMin(have float64, path string, f field, what string) {
	if f.min != 0 && have < f.min {
		d.problem(path, "%q "+what+".", f.name, f.min)
	}
}

func (d *decoder) checkEnum(text, path string, f field) {
	if len(f.enum) > 0 && !slices.Contains(f.enum, text) {
		d.problem(path, "%q is not one of %s.", fault.Clip(text, 60), strings.Join(f.enum, ", "))
	}
}

func (d *decoder) checkText(text, path, is string) {
	r, ok := rules()[is]
	if !ok || r.check == nil {
		return
	}
	if why := r.check(text); why != "" {
		d.problem(path, "%s", why)
	}
}

func (d *decoder) checkAny(n *node, path, is string) {
	if r := rules()[is]; len(r.kinds) > 0 && !slices.Contains(r.kinds, n.kind) {
		d.problem(path, "Here stands %s; %s.", kindName(n), r.want)
	}
}

func kindName(n *node) string {
	switch n.kind {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a text"
	case '0':
		return "the number " + fault.Clip(n.text, 30)
	case 't':
		return "true"
	case 'f':
		return "false"
	}
	return "null"
}
