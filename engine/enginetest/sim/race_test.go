//go:build race

package sim

const (
	usual = 600
	apart = false // lives are played in processes of their own
)
