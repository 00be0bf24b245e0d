//go:build race

package expr

// mostMade bounds what one evaluation allocates in all. With the race detector pools give back next to nothing, so every element that a
// predicate looks at costs a machine of its own.
const mostMade = 1200 << 20
