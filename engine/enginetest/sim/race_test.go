//go:build race

package sim

const (
	usual = 2400
	apart = false // lives are played in processes of their own
)
