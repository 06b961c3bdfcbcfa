package model

import "encoding/binary"

// Offsets within struct perf_event_mmap_page, and its size without the ring buffer's fields.
const (
	pageVersion      = 0
	pageCompat       = 4
	pageCapabilities = 40
	pageSizeField    = 72
	pageEnd          = 96 // where the reserved part begins

	capBit0IsDeprecated = 1 << 1 // tells a new kernel's page from an old one's; cap_user_rdpmc, bit 2, stays off
)

// Page returns the head of an event's mmap page: a recent kernel's, on which user space may not read the counter itself.
func Page() []byte {
	b := make([]byte, pageEnd)
	binary.LittleEndian.PutUint32(b[pageVersion:], 0)
	binary.LittleEndian.PutUint32(b[pageCompat:], 0)
	binary.LittleEndian.PutUint64(b[pageCapabilities:], capBit0IsDeprecated)
	binary.LittleEndian.PutUint32(b[pageSizeField:], pageEnd)
	return b
}
