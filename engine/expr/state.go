package expr

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	"github.com/expr-lang/expr/vm"

	"github.com/stepmill/stepmill/engine/fault"
)

// state is one evaluation: what it has used up, its moment, and the machine it runs on.
type state struct {
	moment  Moment
	steps   int
	drawn   int // random values taken
	loops   int // begun: the language's machine keeps a scope of each until it is done with the whole
	results int // values given so far
	bytes   int // of the texts in them
	zones   map[string]*time.Location
	env     map[string]any // what the language sees: its roots, and what it calls under hidden names
	reads   reads
	machine vm.VM
}

// states are kept between evaluations, since making one costs more than most expressions do.
var states = sync.Pool{New: func() any { return newState() }}

func newState() *state {
	s := &state{}
	s.machine.MemoryBudget = maxElements
	s.env = map[string]any{nameState: s, nameAdd: two(s.add), nameEqual: asksOf(s.equals), nameHas: asksOf(s.has), nameRange: two(s.numbersOf),
		nameLoop: two(s.loop), nameMade: one(s.made), nameMatch: asksOf(s.matches), nameFind: asksOf(s.contains), nameKey: one(s.key)}
	for operator, f := range comparisons {
		s.env["__"+operator] = s.counting(f)
	}
	return s
}

// begin makes an evaluation of the names that are read.
func begin(vars Vars, r reads, m Moment) (*state, error) {
	s := states.Get().(*state)
	s.moment, s.reads = m, r
	for _, name := range r.roots {
		v, ok := vars[name]
		if !ok {
			continue
		}
		v, err := r.whole(name, v, m.Load)
		if err != nil {
			s.end()
			return nil, err
		}
		s.env[name] = v
	}
	return s, nil
}

// end gives the evaluation back, without anything of what it saw but the lists of a few loops, which the machine lets go of
// when it runs again.
func (s *state) end() {
	for _, name := range s.reads.roots {
		delete(s.env, name)
	}
	if cap(s.machine.Stack) > 256 || s.loops > maxScopes {
		s.machine = vm.VM{MemoryBudget: maxElements}
	}
	clear(s.machine.Stack[:cap(s.machine.Stack)])
	clear(s.machine.Variables)
	s.moment, s.reads, s.zones = Moment{}, reads{}, nil
	s.steps, s.drawn, s.loops, s.results, s.bytes = 0, 0, 0, 0, 0
	states.Put(s)
}

// charge counts work done.
func (s *state) charge(steps int) error {
	s.steps += max(steps, 0)
	if s.steps > maxSteps {
		return fault.New(fault.InvalidInput, "The expression does too much work; split it into several steps, or loop with for_each.")
	}
	return nil
}

// read counts the bytes of a text that is looked at.
func (s *state) read(text string) error { return s.charge(len(text) / 64) }

// readNames counts the members of an object, and the bytes of their names: whoever goes through them hashes those.
func (s *state) readNames(members map[string]any) error {
	bytes := 0
	for name := range members {
		bytes += len(name) / 64
	}
	return s.charge(len(members) + bytes)
}

// random gives the next value that follows from the seed.
func (s *state) random() [32]byte {
	s.drawn++
	sum := sha256.New()
	sum.Write([]byte(s.moment.Seed))
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(s.drawn))
	sum.Write(n[:])
	return [32]byte(sum.Sum(nil))
}

func (s *state) uuid() string {
	b := s.random()
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func (s *state) zone() *time.Location {
	if s.moment.Zone == nil {
		return time.UTC
	}
	return s.moment.Zone
}

// loadZone finds a zone by name, from the disk once an evaluation.
func (s *state) loadZone(name string) (*time.Location, error) {
	if zone, ok := s.zones[name]; ok {
		return zone, nil
	}
	if err := s.charge(200); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" || len(name) > 60 {
		return nil, fault.New(fault.InvalidInput, "%s is not a time zone; use a name as Europe/Zurich.", quote(name))
	}
	if s.zones == nil {
		s.zones = map[string]*time.Location{}
	}
	s.zones[name] = zone
	return zone, nil
}

// loop charges for all items of a list before it is gone through, each with what is done with it.
func (s *state) loop(v, each any) any {
	items, ok := v.([]any)
	if !ok {
		if v == nil {
			fail("A list is needed, and there is null; where it may be missing write ?? [] behind it.")
		}
		hint := ""
		if _, ok := v.(map[string]any); ok {
			hint = " Of an object, values() and entries() give one."
		}
		fail("A list is needed, not %s.%s", kindOf(v), hint)
	}
	weight, _ := each.(int)
	s.loops++
	must(s.charge(loopSteps + len(items)*weight))
	return items
}

// counting is a comparison that counts the bytes it may look at.
func (s *state) counting(f asksOf) asksOf {
	return func(a, b any) bool {
		x, _ := a.(string)
		y, _ := b.(string)
		must(s.charge(min(len(x), len(y)) / 64))
		return f(a, b)
	}
}

// key counts the bytes of a member's name.
func (s *state) key(name any) any {
	if text, ok := name.(string); ok {
		must(s.read(text))
	}
	return name
}

// made charges for a list or an object that the expression writes.
func (s *state) made(v any) any {
	switch v := v.(type) {
	case []any:
		must(s.charge(len(v)))
	case map[string]any:
		must(s.charge(2 + len(v)))
	}
	return v
}

// add is +: of two numbers their sum, of two texts both in a row.
func (s *state) add(a, b any) any {
	x, okX := a.(string)
	y, okY := b.(string)
	if okX && okY {
		if len(x)+len(y) > maxText {
			panic(tooLong())
		}
		must(s.charge((len(x) + len(y)) / 64))
		return x + y
	}
	if okX || okY {
		fail("+ cannot add %s and %s; make both texts with string(…) or both numbers.", kindOf(a), kindOf(b))
	}
	return sumOf(a, b)
}

func (s *state) numbersOf(a, b any) any {
	from, okA := whole(a)
	to, okB := whole(b)
	switch {
	case !okA || !okB:
		fail("a..b needs whole numbers, not %s and %s.", kindOf(a), kindOf(b))
	case to < from:
		return []any{}
	case to-from >= maxRange || to-from < 0:
		fail("%d..%d has more than 10,000 numbers.", from, to)
	}
	must(s.charge(to - from + 1))
	out := make([]any, 0, to-from+1)
	for i := from; i <= to; i++ {
		out = append(out, i)
	}
	return out
}

func (s *state) equals(a, b any) bool {
	same, err := s.equal(a, b, 0)
	must(err)
	return same
}

// equal compares two values of any kind, and counts what it looks at.
func (s *state) equal(a, b any, depth int) (bool, error) {
	switch x := a.(type) {
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false, nil
		}
		if err := s.descend(len(x), depth); err != nil {
			return false, err
		}
		for i := range x {
			if same, err := s.equal(x[i], y[i], depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false, nil
		}
		if err := s.descend(0, depth); err != nil {
			return false, err
		}
		if err := s.readNames(x); err != nil {
			return false, err
		}
		for _, name := range sortedNames(x) { // sorted, so that running out of steps does not depend on chance
			other, ok := y[name]
			if !ok {
				return false, nil
			}
			if same, err := s.equal(x[name], other, depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	case string:
		if y, ok := b.(string); ok && len(x) == len(y) {
			return x == y, s.read(x)
		}
		return false, nil
	}
	return sameScalar(a, b), nil
}

// descend counts the parts of a value whose levels are walked. One value may stand at many places of another, so what
// takes little memory may take for ever to walk.
func (s *state) descend(parts, depth int) error {
	if depth >= maxDepth {
		return fault.New(fault.InvalidInput, "A value is nested deeper than %d levels.", maxDepth)
	}
	return s.charge(1 + parts)
}

func (s *state) has(item, v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case []any:
		for _, have := range v {
			if s.steps++; s.steps > maxSteps {
				must(s.charge(0))
			}
			if s.equals(have, item) {
				return true
			}
		}
		return false
	case map[string]any:
		name, ok := item.(string)
		must(s.read(name))
		_, have := v[name]
		return ok && have
	}
	if _, ok := v.(string); ok {
		fail("in looks into a list or an object; whether a text is part of another asks: text contains part.")
	}
	fail("in looks into a list or an object, not into %s.", kindOf(v))
	return false
}

func (s *state) contains(a, b any) bool {
	x, y, ok := texts("contains", a, b)
	if !ok {
		return false
	}
	must(s.charge(len(x) / 64))
	return strings.Contains(x, y)
}

func (s *state) matches(a, b any) bool {
	if a == nil {
		return false
	}
	text, ok := a.(string)
	if !ok {
		fail("matches looks at a text, not at %s.", kindOf(a))
	}
	p := b.(*pattern)
	must(s.match(p, text))
	return p.re.MatchString(text)
}

// match charges for a pattern that a text is held against: in the worst case every instruction at every byte.
func (s *state) match(p *pattern, text string) error {
	if len(text) > maxSubject {
		return fault.New(fault.InvalidInput, "A pattern is held against texts of at most 64 kB; this one has %d bytes.", len(text))
	}
	return s.charge(1 + len(text)*p.size/128)
}
