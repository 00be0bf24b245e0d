package core

import (
	"context"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// textWithin is what people read in an element: spaces as one, lines where blocks begin and end, no scripts or styles. It
// stops once it is longer than most.
func textWithin(n *html.Node, most int) string {
	w := &textWriter{most: most}
	w.node(n)
	return strings.TrimSpace(w.out.String())
}

type textWriter struct {
	out   strings.Builder
	most  int
	space bool // one is due before the next word
	line  bool // a line end is due
	pre   int
}

func (w *textWriter) node(n *html.Node) {
	if w.out.Len() > w.most {
		return
	}
	switch n.Type {
	case html.TextNode:
		w.text(n.Data)
		return
	case html.ElementNode:
		switch n.DataAtom {
		case atom.Script, atom.Style, atom.Template, atom.Head:
			return
		case atom.Br:
			w.end()
			w.out.WriteByte('\n')
			return
		}
	}
	block := n.Type == html.ElementNode && blocks[n.DataAtom]
	if block {
		w.line = true
	}
	if n.DataAtom == atom.Pre {
		w.pre++
		defer func() { w.pre-- }()
	}
	if n.DataAtom == atom.Td || n.DataAtom == atom.Th {
		w.space = true
	}
	for c := range n.ChildNodes() {
		w.node(c)
	}
	if block {
		w.line = true
	}
}

// blocks are the elements that stand on lines of their own.
var blocks = map[atom.Atom]bool{atom.Address: true, atom.Article: true, atom.Aside: true, atom.Blockquote: true, atom.Dd: true, atom.Div: true, atom.Dl: true, atom.Dt: true, atom.Fieldset: true,
	atom.Figcaption: true, atom.Figure: true, atom.Footer: true, atom.Form: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Header: true, atom.Hr: true,
	atom.Li: true, atom.Main: true, atom.Nav: true, atom.Ol: true, atom.P: true, atom.Pre: true, atom.Section: true, atom.Table: true, atom.Tr: true, atom.Ul: true, atom.Option: true, atom.Caption: true}

// end writes the line end that is due.
func (w *textWriter) end() {
	if w.line && w.out.Len() > 0 && !strings.HasSuffix(w.out.String(), "\n") {
		w.out.WriteByte('\n')
	}
	w.line, w.space = false, false
}

func (w *textWriter) text(text string) {
	if w.pre > 0 {
		w.end()
		w.out.WriteString(text)
		return
	}
	rest := text
	for rest != "" {
		word := strings.TrimLeft(rest, " \t\r\n\f\u00a0")
		if len(word) < len(rest) {
			w.space = true
		}
		if word == "" {
			return
		}
		end := strings.IndexAny(word, " \t\r\n\f\u00a0")
		if end < 0 {
			end = len(word)
		}
		if w.line {
			w.end()
		} else if w.space && w.out.Len() > 0 && !strings.HasSuffix(w.out.String(), "\n") {
			w.out.WriteByte(' ')
		}
		w.space = false
		w.out.WriteString(word[:end])
		rest = word[end:]
	}
}

// maxSpan bounds the columns and rows that one cell may fill.
const maxSpan = 100

// table gives the rows of a table: objects by the names in its first row, or lists. A cell that spans several stands in each.
func (x *extracting) table(ctx context.Context, e *extraction, n *html.Node) (any, error) {
	if n.DataAtom != atom.Table {
		return nil, wrong(e.at, "%s finds <%s>, which is no table.", shown(e.written), n.Data)
	}
	rows, err := x.rows(ctx, n)
	if err != nil {
		return nil, err
	}
	out := []any{}
	if !e.header {
		for _, row := range rows {
			if err := x.nodes.take(len(row) + 1); err != nil {
				return nil, err
			}
			out = append(out, anyTexts(row))
		}
		return out, nil
	}
	var names []string
	for i, row := range rows {
		if i == 0 {
			if err := fewColumns(len(row)); err != nil {
				return nil, err
			}
			cells := make([]cell, len(row))
			for j, text := range row {
				cells[j] = cell{text: text}
			}
			names = columnNames(cells)
			continue
		}
		if err := x.nodes.take(len(names) + 1); err != nil {
			return nil, err
		}
		object := make(map[string]any, len(names))
		for j, name := range names {
			object[name] = ""
			if j < len(row) {
				object[name] = row[j]
			}
		}
		out = append(out, object)
	}
	return out, nil
}

// rows are the texts of a table's own cells, not of tables within it.
func (x *extracting) rows(ctx context.Context, table *html.Node) ([][]string, error) {
	var out [][]string
	carried := map[int]carry{} // by column: what hangs down from rows above
	var walk func(n *html.Node) error
	walk = func(n *html.Node) error {
		for c := range n.ChildNodes() {
			switch c.DataAtom {
			case atom.Tr:
				if err := tick(ctx, len(out)); err != nil {
					return err
				}
				row, err := x.row(c, carried)
				if err != nil {
					return err
				}
				if len(row) > 0 {
					out = append(out, row)
				}
			case atom.Thead, atom.Tbody, atom.Tfoot:
				if err := walk(c); err != nil {
					return err
				}
			}
		}
		return nil
	}
	err := walk(table)
	return out, err
}

// carry is a cell that goes on in further rows.
type carry struct {
	text string
	rows int
}

func (x *extracting) row(tr *html.Node, carried map[int]carry) ([]string, error) {
	var row []string
	put := func(text string) error {
		if x.room.take(len(text)+16) != nil {
			return tooLong()
		}
		row = append(row, text)
		return nil
	}
	hanging := func() error {
		for c := carried[len(row)]; c.rows > 0; c = carried[len(row)] {
			carried[len(row)] = carry{c.text, c.rows - 1}
			if err := put(c.text); err != nil {
				return err
			}
		}
		return nil
	}
	for c := range tr.ChildNodes() {
		if c.DataAtom != atom.Td && c.DataAtom != atom.Th {
			continue
		}
		if err := hanging(); err != nil {
			return nil, err
		}
		text := textWithin(c, maxBytes-x.room.taken)
		down := span(c, "rowspan") - 1
		for range span(c, "colspan") {
			if down > 0 {
				carried[len(row)] = carry{text, down}
			}
			if err := put(text); err != nil {
				return nil, err
			}
		}
	}
	return row, hanging()
}

func span(n *html.Node, name string) int {
	for _, a := range n.Attr {
		if a.Key == name {
			if i, err := strconv.Atoi(strings.TrimSpace(a.Val)); err == nil && i > 0 {
				return min(i, maxSpan)
			}
		}
	}
	return 1
}
