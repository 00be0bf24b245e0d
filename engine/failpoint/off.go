//go:build !failpoints

package failpoint

// Here is nothing in this build: the compiler leaves it out.
func Here(string) {}

// Or gives the value that the product has.
func Or(_ string, value int) int { return value }
