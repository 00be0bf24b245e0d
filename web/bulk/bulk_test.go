package bulk

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

var at = time.Date(2026, 3, 4, 14, 0, 0, 0, time.UTC)

// office is a store of runs, newest first, and of jobs.
type office struct {
	mu    sync.Mutex
	runs  []run.Run
	jobs  map[string]*run.Job
	fails error       // of SaveJob, once
	came  []run.Event // oldest first
}

// hands are replays of runs, and of events.
type hands struct {
	run   func(ctx context.Context, a run.Actor, old run.Run, from string, version int, key string) error
	event func(a run.Actor, e run.Event, key string) error
}

func (h hands) ReplayOnce(ctx context.Context, a run.Actor, old run.Run, from string, version int, key string) error {
	return h.run(ctx, a, old, from, version, key)
}

func (h hands) ReplayEventOnce(_ context.Context, a run.Actor, e run.Event, key string) error {
	return h.event(a, e, key)
}

// Events gives every other page empty, as a search through many does.
func (o *office) Events(_ context.Context, _ run.Actor, f run.EventFilter) (run.EventPage, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !f.OldestFirst || f.Scenario != "s" || f.Trigger != "t" || f.Outcome != run.Filtered || f.Query != "x" {
		return run.EventPage{}, fmt.Errorf("asked for %+v", f)
	}
	if f.Cursor == "" {
		return run.EventPage{NextCursor: "0"}, nil
	}
	from, _ := strconv.Atoi(f.Cursor)
	var fit []run.Event
	for _, e := range o.came {
		if f.Until.IsZero() || e.At.Before(f.Until) {
			fit = append(fit, e)
		}
	}
	page := run.EventPage{Events: fit[min(from, len(fit)):min(from+f.Limit, len(fit))]}
	if from+f.Limit < len(fit) {
		page.NextCursor = strconv.Itoa(from + f.Limit)
	}
	return page, nil
}

func (o *office) HasScenario(_ context.Context, _ run.Actor, ref string) (bool, error) {
	return ref != "nobody", nil
}

func (o *office) Runs(_ context.Context, _ run.Actor, f run.Filter) (run.Page, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var fit []run.Run
	for _, r := range o.runs {
		if (f.Until.IsZero() || r.CreatedAt.Before(f.Until)) && (len(f.Statuses) == 0 || slices.Contains(f.Statuses, r.Status)) {
			fit = append(fit, r)
		}
	}
	page := run.Page{Total: len(fit)}
	from, _ := strconv.Atoi(f.Cursor)
	page.Runs = fit[min(from, len(fit)):min(from+f.Limit, len(fit))]
	if from+f.Limit < len(fit) {
		page.NextCursor = strconv.Itoa(from + f.Limit)
	}
	return page, nil
}

func (o *office) CreateJob(_ context.Context, a run.Actor, j run.Job) (run.Job, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	j.ID, j.Workspace, j.By, j.Role, j.Status, j.CreatedAt = fmt.Sprintf("j%d", len(o.jobs)), a.Workspace, a.Name, a.Role, run.JobRunning, at
	o.jobs[j.ID] = &j
	return j, nil
}

func (o *office) SaveJob(_ context.Context, j run.Job) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.fails; err != nil {
		o.fails = nil
		return err
	}
	if o.jobs[j.ID].Status != run.JobRunning {
		return fault.New(fault.Conflict, "It was stopped.")
	}
	*o.jobs[j.ID] = j
	return nil
}

func (o *office) StopJob(_ context.Context, _ run.Actor, id string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.jobs[id].Status = run.JobStopped
	return nil
}

func (o *office) OpenJobs(context.Context) ([]run.Job, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []run.Job
	for _, j := range o.jobs {
		if j.Status == run.JobRunning {
			out = append(out, *j)
		}
	}
	return out, nil
}

func (o *office) job(id string) run.Job {
	o.mu.Lock()
	defer o.mu.Unlock()
	return *o.jobs[id]
}

func newOffice(n int) *office {
	o := &office{jobs: map[string]*run.Job{}}
	for i := range n {
		r := run.Run{ID: fmt.Sprint("r", i), Status: run.Failed, CreatedAt: at.Add(-time.Minute), Error: &run.Failure{Path: "a.b"}}
		switch i % 4 {
		case 1:
			r.Status, r.Error = run.Succeeded, nil
		case 2:
			r.Status, r.Error = run.Waiting, nil
		}
		o.runs = append(o.runs, r)
	}
	return o
}

// done waits for the end of a job.
func done(t *testing.T, o *office, id string) run.Job {
	t.Helper()
	for range 2000 {
		if j := o.job(id); j.Status != run.JobRunning {
			return j
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("the job does not end: %+v", o.job(id))
	return run.Job{}
}

func TestJobs(t *testing.T) {
	o := newOffice(400)
	var mu sync.Mutex
	count := map[string]int{}
	note := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		count[what]++
	}
	cancel := func(_ context.Context, a run.Actor, id string) error {
		if a.Name != "Ada" || a.Role != run.Operator {
			t.Errorf("it is done as %+v", a)
		}
		note("cancel")
		return nil
	}
	replay := func(_ context.Context, _ run.Actor, old run.Run, from string, version int, key string) error {
		note(fmt.Sprintf("replay %q %d %s", from, version, key))
		if old.ID == "r4" {
			return fault.New(fault.NotFound, "Its event is gone.")
		}
		return nil
	}
	w := New(o, cancel, hands{run: replay}, nil, func() time.Time { return at.Add(time.Hour) }, slog.New(slog.DiscardHandler))
	ctx, end := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { w.Run(ctx) })
	ada := run.Actor{Workspace: "default", Name: "Ada", Role: run.Operator}
	for _, c := range []struct {
		job                   run.Job
		done, skipped, failed int
		calls                 string
		times                 int
	}{
		{run.Job{Action: run.JobCancel}, 100, 300, 0, "cancel", 100},
		{run.Job{Action: run.JobReplay}, 299, 100, 1, `replay "" 0 j1`, 300},
		{run.Job{Action: run.JobRetry, Version: -1, Filter: run.Filter{Statuses: []run.Status{run.Failed, run.Succeeded}}}, 199, 100, 1, `replay "a.b" -1 j2`, 200},
	} {
		j, err := w.Start(t.Context(), ada, c.job)
		if err != nil {
			t.Fatal(err)
		}
		ended := done(t, o, j.ID)
		mu.Lock()
		times := count[c.calls]
		mu.Unlock()
		if ended.Done != c.done || ended.Skipped != c.skipped || ended.Failed != c.failed || times != c.times || ended.EndedAt.IsZero() || ended.Total != c.done+c.skipped+c.failed {
			t.Errorf("%s: %+v, %d calls", c.job.Action, ended, times)
		}
		if c.failed > 0 && ended.Message != "Its event is gone." {
			t.Errorf("it says %q", ended.Message)
		}
	}
	if _, err := w.Start(t.Context(), ada, run.Job{Action: "delete"}); fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("another action: %v", err)
	}
	end()
	all.Wait()
}

// A job that is interrupted goes on where it was noted to be; one that is stopped does not.
func TestInterrupted(t *testing.T) {
	o := newOffice(400)
	ctx, end := context.WithCancel(t.Context())
	calls := 0
	replay := func(context.Context, run.Actor, run.Run, string, int, string) error {
		if calls++; calls == 120 {
			end()
			return context.Canceled
		}
		return nil
	}
	w := New(o, nil, hands{run: replay}, nil, time.Now, slog.New(slog.DiscardHandler))
	j, err := w.Start(t.Context(), run.Actor{}, run.Job{Action: run.JobReplay})
	if err != nil {
		t.Fatal(err)
	}
	w.Run(ctx)
	if half := o.job(j.ID); half.Status != run.JobRunning || half.Done+half.Skipped == 0 || half.Filter.Cursor == "" {
		t.Fatalf("%+v", half)
	}
	ctx, end = context.WithCancel(t.Context())
	defer end()
	var all sync.WaitGroup
	all.Go(func() { w.Run(ctx) })
	if ended := done(t, o, j.ID); ended.Done != 300 || ended.Skipped != 100 {
		t.Errorf("%+v", ended)
	}
	end()
	all.Wait()

	j, err = w.Start(t.Context(), run.Actor{}, run.Job{Action: run.JobReplay})
	if err == nil {
		err = w.Stop(t.Context(), run.Actor{}, j.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, end = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer end()
	before := calls
	w.Run(ctx)
	if calls != before {
		t.Error("a stopped job goes on")
	}
}

// While nothing can be kept a job stands still, and then does the part again.
func TestStandsStill(t *testing.T) {
	o := newOffice(40)
	o.fails = fault.New(fault.Unavailable, "The disk is full.")
	var calls atomic.Int32
	w := New(o, func(context.Context, run.Actor, string) error {
		if calls.Add(1) == 1 {
			return fault.New(fault.Unavailable, "The disk is full.")
		}
		return nil
	}, nil, nil, time.Now, slog.New(slog.DiscardHandler))
	j, err := w.Start(t.Context(), run.Actor{}, run.Job{Action: run.JobCancel})
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { w.Run(ctx) })
	if ended := done(t, o, j.ID); ended.Done != 10 || ended.Skipped != 30 {
		t.Errorf("%+v", ended)
	}
	end()
	all.Wait()
}

// What a job was to do and did just before the process died, before that was noted, fits its filter no more: it is counted all the
// same.
func TestCounted(t *testing.T) {
	o := newOffice(100)
	for i := range o.runs {
		o.runs[i].Status = run.Waiting
	}
	cancel := func(_ context.Context, _ run.Actor, id string) error {
		o.mu.Lock()
		defer o.mu.Unlock()
		for i := range o.runs {
			if o.runs[i].ID == id {
				o.runs[i].Status = run.Cancelled
			}
		}
		return nil
	}
	w := New(o, cancel, nil, nil, time.Now, slog.New(slog.DiscardHandler))
	j, err := w.Start(t.Context(), run.Actor{}, run.Job{Action: run.JobCancel, Filter: run.Filter{Statuses: []run.Status{run.Waiting}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range o.runs[:7] {
		cancel(t.Context(), run.Actor{}, r.ID)
	}
	ctx, end := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { w.Run(ctx) })
	ended := done(t, o, j.ID)
	end()
	all.Wait()
	if ended.Done+ended.Skipped != 100 || ended.Skipped < 7 || ended.Failed != 0 {
		t.Errorf("%+v", ended)
	}
}

// past is the planned times of a trigger; those that have a run are in ran.
type past struct {
	times []time.Time
	ran   map[time.Time]bool
	order []time.Time
	end   func() // called at the 250th
	fails error
}

func (p *past) Times(ctx context.Context, _ run.Actor, _ run.Job) (todo []time.Time, ran int, err error) {
	if ctx.Err() != nil {
		return nil, 0, ctx.Err()
	}
	for _, at := range p.times {
		if p.ran[at] {
			ran++
		} else {
			todo = append(todo, at)
		}
	}
	return todo, ran, p.fails
}

func (p *past) Start(_ context.Context, _ run.Actor, j run.Job, at time.Time) error {
	if p.ran[at] {
		return fault.New(fault.Conflict, "It has a run.")
	}
	p.ran[at] = true
	if p.order = append(p.order, at); len(p.order) == 250 && p.end != nil {
		p.end()
		return context.Canceled // it is kept, and the process ends before it is counted
	}
	return nil
}

// TestBackfill: each planned time gets one run, in order, also where the process ends midway; those that have one are passed over.
func TestBackfill(t *testing.T) {
	o := newOffice(0)
	p := &past{ran: map[time.Time]bool{}}
	for i := range 500 {
		p.times = append(p.times, at.Add(time.Duration(i)*time.Minute))
	}
	p.ran[p.times[3]], p.ran[p.times[400]] = true, true
	ctx, end := context.WithCancel(t.Context())
	p.end = end
	w := New(o, nil, nil, p, time.Now, slog.New(slog.DiscardHandler))
	if todo, ran, err := w.CountBackfill(t.Context(), run.Actor{}, run.Job{}); todo != 498 || ran != 2 || err != nil {
		t.Errorf("%d %d %v", todo, ran, err)
	}
	j, err := w.Start(t.Context(), run.Actor{}, run.Job{Action: run.JobBackfill})
	if err != nil || j.Total != 500 {
		t.Fatalf("%+v %v", j, err)
	}
	w.Run(ctx)
	if half := o.job(j.ID); half.Done != 200 || half.Filter.Cursor == "" {
		t.Fatalf("%+v", half)
	}
	ctx, end = context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { w.Run(ctx) })
	ended := done(t, o, j.ID)
	end()
	all.Wait()
	if ended.Done+ended.Skipped != 500 || ended.Failed != 0 || len(p.order) != 498 || !slices.IsSortedFunc(p.order, time.Time.Compare) {
		t.Errorf("%+v, %d started", ended, len(p.order))
	}
	gone := fault.New(fault.NotFound, "It is gone.")
	if p.fails = gone; true {
		if _, err := w.Start(t.Context(), run.Actor{}, run.Job{Action: run.JobBackfill}); err != gone {
			t.Errorf("%v", err)
		}
	}
	j, _ = o.CreateJob(t.Context(), run.Actor{}, run.Job{Action: run.JobBackfill, Total: 7})
	w.some(t.Context(), o.job(j.ID))
	if ended := o.job(j.ID); ended.Failed != 7 || ended.Status != run.JobDone || ended.Message != "It is gone." {
		t.Errorf("a backfill whose scenario is gone: %+v", ended)
	}
}

// TestEvents replays the events of a filter, oldest first, each once though the process ends in between. What comes while
// it does is none of them.
func TestEvents(t *testing.T) {
	o := newOffice(0)
	for i := range 130 {
		o.came = append(o.came, run.Event{ID: fmt.Sprintf("e%03d", i), Outcome: run.Filtered, At: at.Add(-time.Hour)})
	}
	var order []string
	seen, cut := map[string]bool{}, false
	ctx, end := context.WithCancel(t.Context())
	event := func(_ run.Actor, e run.Event, key string) error {
		if len(order) == 70 && !cut {
			cut = true
			end()
			return context.Canceled
		}
		if e.ID == "e007" {
			return fault.New(fault.Conflict, "It waits.")
		}
		if !seen[key+e.ID] {
			order = append(order, e.ID)
		}
		seen[key+e.ID] = true
		o.mu.Lock()
		defer o.mu.Unlock()
		o.came = append(o.came, run.Event{ID: "new", Outcome: run.Filtered, At: at.Add(time.Minute)})
		return nil
	}
	w := New(o, nil, hands{event: event}, nil, time.Now, slog.New(slog.DiscardHandler))
	j, err := w.Start(t.Context(), run.Actor{}, run.Job{Action: run.JobEvents, Trigger: "t", Outcome: run.Filtered, Filter: run.Filter{Scenario: "s", Query: "x"}})
	if err != nil || j.Total != 130 || j.More {
		t.Fatalf("%+v %v", j, err)
	}
	w.Run(ctx)
	if half := o.job(j.ID); half.Status != run.JobRunning || half.Done != 49 || half.Skipped != 1 {
		t.Fatalf("%+v", half)
	}
	ctx, end = context.WithCancel(t.Context())
	defer end()
	var all sync.WaitGroup
	all.Go(func() { w.Run(ctx) })
	if ended := done(t, o, j.ID); ended.Done != 129 || ended.Skipped != 1 || ended.Failed != 0 {
		t.Errorf("%+v", ended)
	}
	end()
	all.Wait()
	if len(order) != 129 || !slices.IsSorted(order) {
		t.Errorf("%d: %v", len(order), order)
	}
	if _, err := w.Start(t.Context(), run.Actor{}, run.Job{Action: run.JobEvents}); err == nil {
		t.Error("what the store says was lost")
	}
}

// TestNoScenario: a job about a scenario that never was is not taken, as one that is misspelt.
func TestNoScenario(t *testing.T) {
	w := New(newOffice(1), nil, nil, nil, time.Now, slog.New(slog.DiscardHandler))
	for _, action := range []run.JobAction{run.JobCancel, run.JobReplay, run.JobRetry, run.JobEvents} {
		_, err := w.Start(t.Context(), run.Actor{}, run.Job{Action: action, Filter: run.Filter{Scenario: "nobody"}})
		if list := fault.ProblemsOf(err); len(list) != 1 || list[0].Path != "/filter/scenario" {
			t.Errorf("%s: %v", action, err)
		}
	}
}
