//go:build !race

package sim

const usual = 3000
