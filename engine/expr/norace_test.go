//go:build !race

package expr

// mostMade bounds what one evaluation allocates in all; the most measured is 154 MB.
const mostMade = 400 << 20
