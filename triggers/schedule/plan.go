package schedule

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

const (
	maxCron  = 256 // bytes of a cron text
	minEvery = 10 * time.Second
	maxAll   = 100 // missed times that `all` makes up for
)

// Plan is when a schedule fires.
type Plan struct {
	Missed  string // "skip", "latest" or "all": what happens to times at which Stepmill was not running
	Overlap run.Overlap
	cron    cron.Schedule
	every   time.Duration
	zone    *time.Location
}

// Check says everything that is wrong with a schedule trigger of a scenario whose zone is given.
func Check(t *scenario.Trigger, zone *time.Location) error {
	o := read(t.With, zone)
	if o.plan.Overlap != run.OverlapQueue && t.OrderBy != "" {
		o.problem("overlap", "overlap: %s looks at every run of the trigger, so it goes without order_by.", o.plan.Overlap)
	}
	return o.err()
}

// Parse reads the options of a schedule trigger. zone is the scenario's; `timezone` overrides it.
func Parse(with map[string]any, zone *time.Location) (*Plan, error) {
	o := read(with, zone)
	if err := o.err(); err != nil {
		return nil, err
	}
	return &o.plan, nil
}

// options reads a schedule's, and gathers what is wrong with them.
type options struct {
	plan     Plan
	problems []fault.Problem
}

func (o *options) problem(name, format string, args ...any) {
	o.problems = append(o.problems, fault.Problem{Path: "/" + name, Message: fmt.Sprintf(format, args...)})
}

func (o *options) err() error {
	if len(o.problems) == 0 {
		return nil
	}
	return fault.Invalid(o.problems[0].Message, o.problems)
}

func read(with map[string]any, zone *time.Location) *options {
	o := &options{plan: Plan{Missed: "latest", zone: zone}}
	text := o.texts(with)
	var err error
	if name := text["timezone"]; name != "" {
		if o.plan.zone, err = scenario.Zone(name); err != nil {
			o.plan.zone = zone
			o.problem("timezone", "timezone: %q is not a time zone; use a name as Europe/Zurich.", fault.Clip(name, 60))
		}
	}
	switch missed := text["missed"]; missed {
	case "":
	case "skip", "latest", "all":
		o.plan.Missed = missed
	default:
		o.problem("missed", "missed: %q is not one of skip, latest, all.", fault.Clip(missed, 60))
	}
	switch overlap := text["overlap"]; overlap {
	case "", "queue":
	case "skip", "cancel":
		o.plan.Overlap = run.Overlap(overlap)
	default:
		o.problem("overlap", "overlap: %q is not one of queue, skip, cancel.", fault.Clip(overlap, 60))
	}
	o.times(text["cron"], text["every"], with)
	return o
}

// times reads when the schedule fires.
func (o *options) times(cron, every string, with map[string]any) {
	var err error
	switch {
	case cron != "" && every != "":
		o.problems = append(o.problems, fault.Problem{Message: "A schedule has either cron or every, and this one has both; take one out."})
	case cron == "" && every == "":
		if given(with["cron"]) || given(with["every"]) {
			return // no text, which is said
		}
		o.problems = append(o.problems, fault.Problem{Message: "A schedule needs either cron or every."})
	case every != "":
		if o.plan.every, err = scenario.ParseDuration(every); err != nil {
			o.problem("every", "every: %s", fault.MessageOf(err))
		} else if o.plan.every < minEvery {
			o.problem("every", "every: %s is less than %s.", every, minEvery)
		}
	default:
		if o.plan.cron, err = parseCron(cron); err != nil {
			o.problem("cron", "%s", fault.MessageOf(err))
		} else if o.plan.cron.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, o.plan.zone)).IsZero() { // a leap year, so that 29 February is one of its days
			o.problem("cron", "cron: %q never fires; no such day exists.", fault.Clip(cron, 60))
		}
	}
}

// given tells what is there and no text.
func given(v any) bool {
	_, text := v.(string)
	return v != nil && !text
}

func (o *options) texts(with map[string]any) map[string]string {
	out := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(with)) {
		switch name {
		case "cron", "every", "timezone", "missed", "overlap":
			text, ok := with[name].(string)
			if !ok {
				o.problem(name, "%s: a text is needed.", name)
			}
			out[name] = strings.TrimSpace(text)
		default:
			o.problem(name, "A schedule has no %q; it takes cron, every, timezone, missed and overlap.", fault.Clip(name, 60))
		}
	}
	return out
}

// parseCron reads five fields or @hourly and its like. Some texts make the library panic or fire without end, so it sees
// none of those: a zone inside the text, @every, @reboot.
func parseCron(text string) (cron.Schedule, error) {
	if len(text) > maxCron {
		return nil, fault.New(fault.InvalidInput, "cron: the text is longer than %d bytes.", maxCron)
	}
	if strings.Contains(text, "=") {
		return nil, fault.New(fault.InvalidInput, "cron: a zone inside the text is not taken; write it as timezone.")
	}
	if strings.Contains(text, "?") {
		return nil, fault.New(fault.InvalidInput, "cron: ? is not taken; write * for any.")
	}
	if strings.HasPrefix(text, "@every") {
		return nil, fault.New(fault.InvalidInput, "cron: @every is not taken; write it as every.")
	}
	five := text
	if !strings.HasPrefix(text, "@") {
		var err error
		if five, err = plain(text); err != nil {
			return nil, err
		}
	}
	s, err := cron.ParseStandard(five)
	if err != nil {
		return nil, fault.New(fault.InvalidInput, "cron: %q cannot be read: %s. Five fields are needed: minute hour day month weekday, as 0 9 * * 1-5.", fault.Clip(text, 60), fault.Clip(err.Error(), 120))
	}
	return s, nil
}

// Next is the first planned time after another. What a cron text means when clocks change is this rule, and nothing else:
//
//   - A time that clocks skip fires at the instant it would have been, which they show as much later as they jump: 02:30 of
//     a night without 02:00 to 03:00 fires at 03:30.
//   - A time that comes twice fires the first time; where the hour is *, both times, for every hour is meant.
//   - Two planned times that are one instant fire once.
//
// So a daily text fires on each day, also on one that a zone leaves out, and an hourly one each hour. testdata/oracle.py holds
// the rule against another implementation.
//
// Between two changes of a zone's clocks the library counts at a fixed offset, and the changes are dealt with here: left
// to itself it loses times where clocks change by half an hour, and those that no clock shows.
func (p *Plan) Next(after time.Time) time.Time {
	if p.every > 0 {
		return after.Truncate(p.every).Add(p.every).UTC()
	}
	at := after.In(p.zone)
	began, end := bounds(at)
	_, offset := at.Zone()
	for {
		moved := p.moved(began, at)
		next := p.at(offset, at)
		for p.repeated(next, began) {
			next = p.at(offset, next)
		}
		switch {
		case !moved.IsZero() && (next.IsZero() || moved.Before(next)):
			return moved.UTC()
		case next.IsZero(), end.IsZero(), next.Before(end):
			return next.UTC()
		}
		_, offset = end.Zone()
		at, began = end.Add(-time.Nanosecond), end
		_, end = bounds(began)
	}
}

// bounds are when the zone's clocks last changed before a time and next change after it; zero: never. From 2038 on, where Go counts
// by a rule, it ends leap years a day early: there, at the last midnight of one, the end it gives is no later than the time itself.
func bounds(at time.Time) (began, end time.Time) {
	began, end = at.ZoneBounds()
	for later := at; !end.IsZero() && !end.After(at); {
		later = later.Add(24 * time.Hour)
		_, end = later.ZoneBounds()
	}
	return began, end
}

// at is the next time of the cron text on a clock that never changes.
func (p *Plan) at(offset int, after time.Time) time.Time {
	return p.cron.Next(after.In(time.FixedZone("", offset)))
}

// repeated says that a fixed hour comes a second time, after clocks were set back: it has fired already. Every hour (a
// star) means both.
func (p *Plan) repeated(t, began time.Time) bool {
	spec, ok := p.cron.(*cron.SpecSchedule)
	if !ok || spec.Hour&star != 0 || t.IsZero() || began.IsZero() {
		return false
	}
	return t.Sub(began) < -jump(began)
}

// moved finds a time that no clock shows, because clocks were set forward when began: it fires as much later as they
// jumped, so 02:30 at 03:30. Zero: there is none.
func (p *Plan) moved(began, after time.Time) time.Time {
	if began.IsZero() {
		return time.Time{}
	}
	before := began.Add(-time.Nanosecond)
	end := began.Add(jump(began))
	_, offset := before.Zone()
	if t := p.at(offset, later(before, after)); t.Before(end) {
		return t
	}
	return time.Time{}
}

// jump is by how much clocks are set forward at a moment; less than zero: back.
func jump(at time.Time) time.Duration {
	_, before := at.Add(-time.Nanosecond).Zone()
	_, then := at.Zone()
	return time.Duration(then-before) * time.Second
}

// Due gives the planned times after last up to now for which a run shall start, by the policy for missed ones, and the
// last planned time up to now, which is where the schedule stands afterwards.
func (p *Plan) Due(last, now time.Time) (fire []time.Time, stands time.Time) {
	fire = p.reached(last, now)
	if len(fire) == 0 {
		return nil, last
	}
	stands = fire[len(fire)-1]
	const late = time.Minute // a time this long ago was missed, not merely reached a little late
	switch p.Missed {
	case "latest":
		fire = fire[len(fire)-1:]
	case "skip": // several that are due at once were missed, but for the newest
		if fire = fire[len(fire)-1:]; now.Sub(stands) > late {
			fire = nil
		}
	}
	return fire, stands
}

// reached gives the planned times after last up to now, the latest maxAll of them. After a long absence it looks back
// only as far as those need, for counting every minute of ten years would hold up all other schedules.
func (p *Plan) reached(last, now time.Time) []time.Time {
	for back := time.Hour; back > 0 && back < now.Sub(last); back *= 2 {
		if times := p.between(now.Add(-back), now); len(times) > maxAll {
			return times[len(times)-maxAll:]
		}
	}
	times := p.between(last, now)
	return times[max(0, len(times)-maxAll):]
}

func (p *Plan) between(from, to time.Time) (out []time.Time) {
	for next := p.Next(from); !next.IsZero() && !next.After(to); next = p.Next(next) {
		out = append(out, next)
	}
	return out
}
