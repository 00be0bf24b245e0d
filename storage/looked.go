package storage

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/stepmill/stepmill/engine/run"
)

// searched bounds how many runs, from the newest of those that fit the other conditions, a text is looked for in at once.
// A page may then hold fewer than it could; its NextCursor goes on behind them.
const searched = 20_000

// found is what looking for a text among the newest runs gave.
type found struct {
	ids    []any // newest first, up to countedRuns and one more
	last   string
	number int64 // of last
	behind bool  // there are runs behind the last one, id last, that were not looked at
}

// look lists the runs that hold a text.
func (s *Store) look(ctx context.Context, q *runsQuery, f run.Filter) (run.Page, error) {
	page := run.Page{}
	got, err := s.find(ctx, q.clone(), f.Query)
	if err != nil {
		return page, s.failed(err)
	}
	page.Total, page.More = min(len(got.ids), countedRuns), len(got.ids) > countedRuns
	if f.Cursor != "" {
		if err := q.after(f.Cursor); err != nil {
			return page, err
		}
		if got, err = s.find(ctx, q.clone(), f.Query); err != nil {
			return page, s.failed(err)
		}
	}
	limit := pageSize(f.Limit)
	if len(got.ids) > 0 {
		ids := got.ids[:min(len(got.ids), limit)]
		these := &runsQuery{order: q.order}
		these.add(`r.id IN (?`+strings.Repeat(`, ?`, len(ids)-1)+`)`, ids...)
		if page.Runs, err = s.list(ctx, these, limit); err != nil {
			return page, s.failed(err)
		}
	}
	switch {
	case len(got.ids) > limit && len(page.Runs) > 0:
		last := page.Runs[len(page.Runs)-1]
		page.NextCursor = q.cursor(last.ID, last.Number)
	case got.behind:
		page.NextCursor = q.cursor(got.last, got.number)
	}
	return page, nil
}

// find looks for a text in one pass over the newest runs.
func (s *Store) find(ctx context.Context, q *runsQuery, text string) (found, error) {
	looked := `WITH looked AS MATERIALIZED (SELECT r.id, r.number, r.label, r.error, r.scenario_id FROM runs r WHERE ` + q.all() + q.newest(searched) + `) `
	rows, err := s.cfg.Read.QueryContext(ctx, looked+`SELECT id, number, 0 FROM (SELECT r.id, r.number FROM looked r WHERE `+q.text(text)+q.newest(countedRuns+1)+`) AS f
		UNION ALL SELECT MIN(id), MIN(number), COUNT(*) FROM looked`, q.args...)
	var out found
	if err != nil {
		return out, err
	}
	defer rows.Close()
	for rows.Next() {
		var id sql.NullString
		var number sql.NullInt64
		var count int
		if err := rows.Scan(&id, &number, &count); err != nil {
			return out, err
		}
		out.ids, out.last, out.number, out.behind = append(out.ids, id.String), id.String, number.Int64, count == searched
	}
	if err := rows.Err(); err != nil {
		return out, err
	}
	out.ids = out.ids[:len(out.ids)-1] // the last row is what was looked at
	return out, nil
}

// holding is the pattern of what holds a text, with \ before what would stand for others. A pattern ends at a zero byte, so one stands
// as JSON writes it: a pattern that ends early fits everything.
func holding(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`, "\x00", `\\u0000`).Replace(text) + "%"
}

// cases are the ways in which a text may be written that LIKE does not take for one another, which knows the cases of ASCII only: as it
// is, in small letters, in capitals, and each word with a capital.
func cases(text string) []string {
	before := ' '
	words := strings.Map(func(r rune) rune {
		first := !unicode.IsLetter(before) && !unicode.IsDigit(before)
		if before = r; first {
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, text)
	var out []string
	for _, one := range []string{text, strings.ToLower(text), strings.ToUpper(text), words} {
		if ascii := strings.IndexFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) < 0; len(out) == 0 || !ascii && !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	return out
}

// holdsAny is the condition that one of the columns holds a text, and what is bound in it.
func holdsAny(text string, columns ...string) (cond string, bound []any) {
	var all []string
	for _, column := range columns {
		for _, one := range cases(text) {
			all, bound = append(all, column+` LIKE ? ESCAPE '\'`), append(bound, holding(one))
		}
	}
	return strings.Join(all, " OR "), bound
}

// text is the condition that a run, or what its scenario is called, holds a text.
func (q *runsQuery) text(text string) string {
	number, _ := strconv.ParseInt(strings.TrimPrefix(text, "#"), 10, 64)
	own, bound := holdsAny(text, "r.label", "r.error")
	called, names := holdsAny(text, "s.name", "s.slug")
	return q.bind(`(r.id = ? OR r.number = ? OR `+own+`
		OR r.scenario_id IN (SELECT s.id FROM scenarios s WHERE `+called+`))`, slices.Concat([]any{text, number}, bound, names)...)
}
