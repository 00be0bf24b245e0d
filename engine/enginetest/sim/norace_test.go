//go:build !race

package sim

const (
	usual = 3000
	apart = true // lives are played in processes of their own
)
