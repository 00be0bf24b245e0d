package machine

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/stepmill/stepmill/engine/expr"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// entry is what a failure trigger asks of an event before it starts a run. Other triggers are asked where their events come in.
type entry struct {
	cond *expr.Condition // nil: every one passes
	key  *expr.Template  // of dedupe; nil: no two are the same
	keep time.Duration   // how long a key is known
}

// keepsKey is how long a dedupe key is known where the trigger does not say.
const keepsKey = 7 * 24 * time.Hour

func (c *compiler) entry(t *scenario.Trigger, path string) *entry {
	if t.Uses != "failure" {
		return nil
	}
	e := &entry{cond: c.condition(t.If, path+"/if"), keep: keepsKey}
	if t.Dedupe != nil {
		e.key = c.template(t.Dedupe.Key, path+"/dedupe/key")
		if t.Dedupe.For != "" {
			e.keep = c.duration(t.Dedupe.For, path+"/dedupe/for")
		}
	}
	return e
}

// Admits says whether the event that tells of a failure passes its trigger's `if`, and which identity its dedupe gives it;
// nil: none.
func (p *Program) Admits(trigger string, event any, now time.Time, load func(value.Large) (any, error)) (ok bool, key *run.DedupeKey, err error) {
	for _, f := range p.flows {
		if f.trigger != trigger || f.entry == nil {
			continue
		}
		vars, at := expr.Vars{"trigger": event}, expr.Moment{Now: now, Zone: p.zone, Load: load}
		if f.entry.key != nil {
			v, err := f.entry.key.Eval(vars, at)
			if err != nil {
				return true, nil, fault.Wrap(err, fault.InvalidInput, "The trigger's dedupe key: %s", fault.MessageOf(err))
			}
			if text := shortened(value.Text(v)); text != "" {
				key = &run.DedupeKey{Key: "dedupe:" + text, Until: now.Add(f.entry.keep)}
			}
		}
		if f.entry.cond == nil {
			return true, key, nil
		}
		holds, err := f.entry.cond.Eval(vars, at)
		if err != nil {
			return true, key, fault.Wrap(err, fault.InvalidInput, "The trigger's if: %s", fault.MessageOf(err))
		}
		return holds, key, nil
	}
	return true, nil, nil
}

// maxKey is the longest key that stands as it is; longer ones are hashed.
const maxKey = 200

func shortened(key string) string {
	if len(key) <= maxKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return "sha256:" + hex.EncodeToString(sum[:])
}
