//go:build !race

package sim

const (
	usual = 10_000
	apart = true // lives are played in processes of their own
)
