package schedule

import (
	"archive/zip"
	"bufio"
	"compress/gzip"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// oracleZones are the zones that the table was made with.
func oracleZones(t *testing.T) map[string]*time.Location {
	t.Helper()
	archive, err := zip.OpenReader("testdata/zones.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	zones := map[string]*time.Location{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err == nil {
			zones[f.Name], err = time.LoadLocationFromTZData(f.Name, data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return zones
}

// TestOracle is R9: in 30 zones and five years, and in the oddest years of some, every text fires exactly when the table
// says, which testdata/oracle.py makes from Python's zoneinfo.
func TestOracle(t *testing.T) {
	zones := oracleZones(t)
	file, err := os.Open("testdata/fires.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 1<<20)
	full, fires := map[string]bool{}, 0
	for lines.Scan() {
		parts := strings.Split(lines.Text(), "\t")
		name, cron := parts[0], parts[3]
		p := plan(t, map[string]any{"cron": cron})
		p.zone = zones[name]
		fires += compare(t, p, name+" "+cron, year(t, parts[1]), year(t, parts[2]), parts[4])
		full[name] = full[name] || parts[1] == "2024" && parts[2] == "2029"
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	for name, all := range full {
		if !all {
			delete(full, name)
		}
	}
	if len(full) < 30 || fires < 5_000_000 {
		t.Errorf("the table is of %d zones, %d fires", len(full), fires)
	}
}

func year(t *testing.T, text string) time.Time {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(n, 1, 1, 0, 0, 0, 0, time.UTC)
}

// compare goes through a plan's fires after a time, up to another, beside those of the table, and gives how many there are.
// It leaves out most of the days on which clocks do not change.
func compare(t *testing.T, p *Plan, name string, begin, end time.Time, table string) int {
	t.Helper()
	n, at := 0, int64(0)
	next := p.Next(begin)
	for _, part := range strings.Fields(table) {
		step, times, many := strings.Cut(part, "x")
		if !many {
			times = "1"
		}
		by, err := strconv.ParseInt(step, 10, 64)
		count, err2 := strconv.Atoi(times)
		if err != nil || err2 != nil {
			t.Fatalf("%s: %q stands in the table", name, part)
		}
		for i := 0; i < count; i++ {
			if skip := min(calm(p.zone, at)/by, int64(count-i)-1); skip > 0 {
				at += skip * by
				i += int(skip)
				n += int(skip)
				next = p.Next(time.Unix(at*60, 0))
			}
			at += by
			if want := time.Unix(at*60, 0); !next.Equal(want) {
				t.Errorf("%s fires at %s, not at %s", name, next.In(p.zone), want.In(p.zone))
				return n
			}
			n++
			next = p.Next(next)
		}
	}
	if !next.IsZero() && !next.After(end) {
		t.Errorf("%s fires at %s, which is not in the table", name, next.In(p.zone))
	}
	return n
}

// calm is for how many minutes from a moment on clocks do not change, but for a day before they do and a day at each month's
// beginning; zero within those.
func calm(zone *time.Location, minute int64) int64 {
	at := time.Unix(minute*60, 0).In(zone)
	began, end := at.ZoneBounds()
	month := time.Date(at.Year(), at.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	if at.Sub(began) < 24*time.Hour || at.Day() == 1 {
		return 0
	}
	if end.IsZero() || end.After(month) {
		end = month
	}
	return max(0, int64(end.Sub(at)/time.Minute)-24*60)
}
