package perf

// Quantities of a command, from the resource usage that the kernel keeps of it and of the children that it waited for.
const (
	UserTime    Quantity = "os.user_time"    // s
	SystemTime  Quantity = "os.system_time"  // s
	PeakRSS     Quantity = "os.peak_rss"     // bytes, of the largest process
	MajorFaults Quantity = "os.major_faults" // page faults that had to read from a disk
)
