package form

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain asks that the tests leave no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
