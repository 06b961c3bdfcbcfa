package workers

// pause tells the core that a loop is waiting.
func pause()
