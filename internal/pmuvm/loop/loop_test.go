package loop

import "testing"

// TestTurn ends: a loop that counted down past zero would not.
func TestTurn(t *testing.T) {
	Turn(1)
	Turn(1000)
}
