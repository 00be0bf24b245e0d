package form

import (
	"context"
	"encoding/json"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers"
)

// desk is everything around the service: one trigger, and what came in.
type desk struct {
	trigger *triggers.Trigger
	refuse  error
	answers []run.Answer
	taken   []*run.Start
	known   map[string]*run.Start
	run     run.Run
	journal []run.Entry
	reads   int
}

func newDesk(with string) (*Service, *desk) {
	var options map[string]any
	if err := json.Unmarshal([]byte(with), &options); err != nil {
		panic(err)
	}
	d := &desk{known: map[string]*run.Start{}, trigger: &triggers.Trigger{Name: "The form", Def: &scenario.Trigger{Uses: "form", With: options}, Steps: map[string]bool{"say": true}, Answers: true,
		StoredTrigger: scenario.StoredTrigger{Workspace: "w", ScenarioID: "s", Scenario: "s", ID: "trigger", Uses: "form", Key: "k", Status: scenario.Live}}}
	return &Service{Triggers: d, Starter: d, Secrets: d, Runs: d, Now: time.Now}, d
}

func (d *desk) ByKey(_ context.Context, key string) (*triggers.Trigger, error) {
	if key != "k" {
		return nil, fault.New(fault.NotFound, "There is no live trigger at this URL.")
	}
	return d.trigger, nil
}

func (d *desk) Accept(_ context.Context, s *run.Start) error {
	if d.refuse != nil {
		return d.refuse
	}
	for _, k := range s.Accept.Dedupe {
		if first := d.known[k.Key]; first != nil {
			s.Accept.FirstEvent, s.Accept.FirstRun, s.Accept.OtherBody = "e1", first.Accept.Event.RunID, k.Body != first.Accept.Dedupe[0].Body
			return nil
		}
		d.known[k.Key] = s
	}
	d.taken = append(d.taken, s)
	if s.Accept.Event.Outcome == run.Accepted {
		s.Accept.Event.RunID, s.Accept.Run = "r1", &run.Run{ID: "r1"}
		for _, a := range d.answers {
			if s.Answer != nil {
				s.Answer <- a
			}
		}
	}
	return nil
}

func (d *desk) SecretValue(_ context.Context, _, slug string) (run.Secret, error) {
	if slug != "verify" {
		return "", fault.New(fault.NotFound, "There is no secret.")
	}
	return "s3cret", nil
}

func (d *desk) Run(context.Context, run.Actor, string) (run.Run, error) {
	d.reads++
	if d.run.ID == "" {
		return d.run, fault.New(fault.NotFound, "There is no run.")
	}
	return d.run, nil
}

func (d *desk) WholeEntries(context.Context, run.Actor, string) iter.Seq2[run.Entry, error] {
	return run.Each(d.journal)
}

// TestUserHash is RFC 4231's second case.
func TestUserHash(t *testing.T) {
	if got := UserHash("Jefe", "what do ya want for nothing?"); got != "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" {
		t.Errorf("it is %s", got)
	}
}

func TestOpen(t *testing.T) {
	s, d := newDesk(`{"mode": "chat"}`)
	if p, err := s.Open(t.Context(), "k", true); err != nil || p.Scenario != "The form" || !p.Ended {
		t.Errorf("%+v %v", p, err)
	}
	for _, ask := range []func() error{
		func() error { _, err := s.Open(t.Context(), "k", false); return err },
		func() error { _, err := s.Open(t.Context(), "other", true); return err },
		func() error { _, err := s.Send(t.Context(), Sent{Key: "k"}); return err },
		func() error { _, err := s.Visitor(t.Context(), "k", false, "", ""); return err },
		func() error { d.trigger.Def.Disabled = true; _, err := s.Open(t.Context(), "k", true); return err },
		func() error {
			d.trigger.Def.Disabled, d.trigger.Def.Uses = false, "webhook"
			_, err := s.Open(t.Context(), "k", true)
			return err
		},
	} {
		if err := ask(); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("it is answered %v", err)
		}
	}
}

func TestVisitor(t *testing.T) {
	good := UserHash("s3cret", "u1")
	for with, cases := range map[string]map[[2]string]fault.Code{
		`{}`:                                 {{"u1", "x"}: ""},
		`{"identity": {"secret": "verify"}}`: {{"u1", good}: "", {"", ""}: fault.Unauthorized, {"u1", good + "0"}: fault.Unauthorized, {"u1 ", good}: fault.Unauthorized},
		`{"identity": {"secret": "verify", "required": false}}`:                {{"", ""}: "", {"u1", ""}: fault.Unauthorized, {"u2", good}: fault.Unauthorized},
		`{"identity": {"secret": "verify"}, "mode": "chat"}`:                   {{"", ""}: "", {"u1", good}: ""},
		`{"identity": {"secret": "verify", "required": true}, "mode": "chat"}`: {{"", ""}: fault.Unauthorized},
		`{"identity": {"secret": "gone"}}`:                                     {{"u1", good}: fault.Unavailable},
	} {
		s, d := newDesk(with)
		d.answers = []run.Answer{{Status: run.Succeeded}}
		for c, want := range cases {
			chat := d.trigger.Def.With["mode"] == "chat"
			user, err := s.Visitor(t.Context(), "k", chat, c[0], c[1])
			if fault.CodeOf(err) != want || want == "" && with != `{}` && user != c[0] {
				t.Errorf("%s: %q is %q, %v", with, c, user, err)
			}
			if _, err := s.Send(t.Context(), Sent{Key: "k", Chat: chat, User: c[0], Hash: c[1]}); fault.CodeOf(err) != want && !chat {
				t.Errorf("%s: sent by %q it is %v", with, c, err)
			}
		}
	}
}

// TestAnswers: what the page is told of its run, at once, later, and when it asks again.
func TestAnswers(t *testing.T) {
	respond := map[string]any{"status": 200, "text": "hello"}
	for name, c := range map[string]struct {
		with    string
		answers []run.Answer
		want    Reply
		after   time.Duration
	}{
		"not asked":         {`{}`, []run.Answer{{Status: run.Running, Output: respond}}, Reply{}, 0},
		"a step's text":     {`{"respond": "ended"}`, []run.Answer{{Status: run.Running, Output: respond}}, Reply{Text: "hello"}, 0},
		"a step's JSON":     {`{"respond": "ended"}`, []run.Answer{{Status: run.Running, Output: map[string]any{"json": map[string]any{"a": 1}}}}, Reply{Text: "{\n  \"a\": 1\n}"}, 0},
		"a step's nothing":  {`{"respond": "ended"}`, []run.Answer{{Status: run.Running, Output: map[string]any{"status": 204}}}, Reply{}, 0},
		"the run's output":  {`{"respond": "ended"}`, []run.Answer{{Status: run.Succeeded, Output: map[string]any{"status": "open"}}}, Reply{Text: "{\n  \"status\": \"open\"\n}"}, 0},
		"a number":          {`{"respond": "ended"}`, []run.Answer{{Status: run.Succeeded, Output: 12}}, Reply{Text: "12"}, 0},
		"failed":            {`{"respond": "ended"}`, []run.Answer{{Status: run.Failed}}, Reply{Failed: true}, 0},
		"waits for someone": {`{"respond": "ended"}`, []run.Answer{{Status: run.Incomplete}}, Reply{Later: true}, 0},
		"takes longer":      {`{"respond": "ended"}`, nil, Reply{Later: true}, answerWithin},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, d := newDesk(c.with)
				d.answers = c.answers
				began := time.Now()
				got, err := s.Send(t.Context(), Sent{Key: "k"})
				if err != nil || got != c.want || time.Since(began) != c.after {
					t.Errorf("it is told %+v after %s, %v", got, time.Since(began), err)
				}
			})
		})
	}
}

func TestAgain(t *testing.T) {
	for name, c := range map[string]struct {
		run     run.Run
		journal []run.Entry
		want    Reply
	}{
		"answered":     {run.Run{ID: "r1", Status: run.Running}, []run.Entry{{Kind: run.StepSucceeded, Path: "other", Data: run.Data{Output: map[string]any{"text": "no"}}}, {Kind: run.StepSucceeded, Path: "l[0].say", Data: run.Data{Output: map[string]any{"text": "hello"}}}}, Reply{Text: "hello"}},
		"ended":        {run.Run{ID: "r1", Status: run.Succeeded, Output: []byte(`"done"`)}, nil, Reply{Text: "done"}},
		"failed":       {run.Run{ID: "r1", Status: run.Failed}, nil, Reply{Failed: true}},
		"parked":       {run.Run{ID: "r1", Status: run.Uncertain}, nil, Reply{Later: true}},
		"still going":  {run.Run{ID: "r1", Status: run.Waiting}, nil, Reply{Later: true}},
		"kept no more": {run.Run{}, nil, Reply{}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, d := newDesk(`{"respond": "ended"}`)
				d.answers = []run.Answer{{Status: run.Succeeded}}
				sent := Sent{Key: "k", Token: "t1", Values: map[string]any{"a": 1}}
				if _, err := s.Send(t.Context(), sent); err != nil {
					t.Fatal(err)
				}
				d.run, d.journal = c.run, c.journal
				got, err := s.Send(t.Context(), sent)
				if err != nil || got != c.want || len(d.taken) != 1 {
					t.Errorf("it is told %+v, %v, %d events", got, err, len(d.taken))
				}
				if c.want.Later && c.run.Status == run.Waiting && d.reads != int(answerWithin/askEvery) && d.reads != int(answerWithin/askEvery)+1 {
					t.Errorf("the run was looked at %d times", d.reads)
				}
				sent.Values["a"] = 2
				if _, err := s.Send(t.Context(), sent); fault.CodeOf(err) != fault.Conflict {
					t.Errorf("other answers of the same page: %v", err)
				}
			})
		})
	}
}

// TestEnding: who waits when the server ends is told that it comes later, and who cannot be taken in is told so.
func TestEnding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := newDesk(`{"mode": "chat"}`)
		ending := make(chan struct{})
		s.Ending = ending
		time.AfterFunc(time.Second, func() { close(ending) })
		began := time.Now()
		if got, err := s.Send(t.Context(), Sent{Key: "k", Chat: true}); err != nil || !got.Later || time.Since(began) != time.Second {
			t.Errorf("%+v %v after %s", got, err, time.Since(began))
		}
		d.refuse = fault.New(fault.Unavailable, "The disk is full.")
		if _, err := s.Send(t.Context(), Sent{Key: "k", Chat: true}); fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("on a full disk: %v", err)
		}
		d.refuse, d.trigger.Status = nil, scenario.Paused
		if got, err := s.Send(t.Context(), Sent{Key: "k", Chat: true, Files: []value.Large{{Hash: "h"}}}); err != nil || !got.Later || len(d.taken[len(d.taken)-1].Accept.Files) != 1 {
			t.Errorf("paused: %+v %v", got, err)
		}
	})
}
