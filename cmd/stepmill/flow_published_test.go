package main

import (
	"fmt"
	"testing"
	"time"
)

// TestThrottlePublished: what waits for its turn goes by the throttle that is live now, also where the process crashes as soon as
// it is published.
func TestThrottlePublished(t *testing.T) {
	for name, c := range map[string]struct {
		publish func(f *flowing, trigger string)
		after   string
	}{
		"more":          {(*flowing).publish, `, "throttle": "100/1s"`},
		"none":          {(*flowing).publish, ``},
		"more, a crash": {(*flowing).store, `, "throttle": "100/1s"`},
		"none, a crash": {(*flowing).store, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := flows(t, `{"uses": "webhook", "throttle": "1/1h"}`)
			for n := range 4 {
				f.happen(n)
			}
			if v := <-f.calls.inputs; v == nil {
				t.Fatal("the first run had no event")
			}
			c.publish(f, `{"uses": "webhook"`+c.after+`}`)
			f.happen(4)
			f.got("1", "2", "3", "4")
		})
	}
	t.Run("fewer", func(t *testing.T) {
		t.Parallel()
		f := flows(t, `{"uses": "webhook", "throttle": "1/10s"}`)
		for n := range 3 {
			f.happen(n)
		}
		<-f.calls.inputs
		f.publish(`{"uses": "webhook", "throttle": "1/1h"}`)
		f.pass(time.Minute)
		select {
		case v := <-f.calls.inputs:
			t.Errorf("the run of %v began before its turn", v)
		case <-time.After(300 * time.Millisecond):
		}
		f.publish(`{"uses": "webhook"}`)
		f.got("1", "2")
	})
}

// TestGatheringPublished: what waits for others is due by what is live now.
func TestGatheringPublished(t *testing.T) {
	for before, after := range map[string][3]string{
		`"debounce": "1h"`:                                     {`"debounce": "1s"`, "1s", `2`},
		`"batch": {"size": 10, "for": "1h"}`:                   {`"batch": {"size": 10, "for": "2s"}`, "2s", `{"events":[0,1,2]}`},
		`"batch": {"size": 10}`:                                {`"batch": {"for": "3s"}`, "3s", `{"events":[0,1,2]}`},
		`"batch": {"size": 10, "for": "1h"}, "debounce": "1h"`: {`"batch": {"size": 1}`, "0s", `{"events":[2]}`},
	} {
		for name, publish := range map[string]func(*flowing, string){"": (*flowing).publish, ", a crash": (*flowing).store} {
			t.Run(before+name, func(t *testing.T) {
				t.Parallel()
				f := flows(t, `{"uses": "webhook", `+before+`}`)
				for n := range 3 {
					f.happen(n)
				}
				publish(f, `{"uses": "webhook", `+after[0]+`}`)
				wait, err := time.ParseDuration(after[1])
				if err != nil {
					t.Fatal(err)
				}
				f.pass(wait)
				f.got(after[2])
			})
		}
	}

	// The other kind of gathering, without one that these wait for, starts each singly.
	f := flows(t, `{"uses": "webhook", "batch": {"size": 10}}`)
	for n := range 3 {
		f.happen(n)
	}
	f.publish(`{"uses": "webhook", "debounce": "1h"}`)
	f.pass(0)
	f.got("0", "1", "2")
}

// TestConcurrencyPublished: as many of the queued runs go at once as the live version says.
func TestConcurrencyPublished(t *testing.T) {
	for name, c := range map[string]struct {
		publish func(*flowing, string)
		after   string
		most    int
	}{
		"more":          {(*flowing).publish, `, "concurrency": 3`, 3},
		"none":          {(*flowing).publish, ``, 5},
		"more, a crash": {(*flowing).store, `, "concurrency": 3`, 3},
		"none, a crash": {(*flowing).store, ``, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := flows(t, `{"uses": "webhook"}`)
			f.calls.hangs = make(chan struct{})
			f.publish(`{"uses": "webhook", "concurrency": 1}`)
			for n := range 5 {
				f.happen(n)
			}
			next := func() string { return fmt.Sprint(<-f.calls.inputs) }
			if next() != "0" {
				t.Fatal("the first did not begin first")
			}
			moving := 1
			quiet := func() {
				t.Helper()
				select {
				case v := <-f.calls.inputs:
					t.Fatalf("the run of %v began beside %d others", v, moving)
				case <-time.After(200 * time.Millisecond):
				}
			}
			quiet()
			if c.publish(f, `{"uses": "webhook"`+c.after+`}`); name[len(name)-1] == 'h' {
				moving = 0 // the call that was cut is made again
			}
			for ; moving < c.most; moving++ {
				next()
			}
			quiet()
			close(f.calls.hangs)
		})
	}
}
