package rewrite

// Offsets into a thread's context, as the copy addresses it (GS segment).
const (
	OffSelf       = 0x000 // address of the context itself
	OffHandle     = 0x008 // the owner's, not used by the copy
	OffEntrySP    = 0x010 // stack pointer at the entry of the copy: at the return address
	OffEntryBP    = 0x018 // RBP at the entry
	OffResume     = 0x020 // where in the copy an exit goes on
	OffReason     = 0x028 // of an exit
	OffExit       = 0x030 // where exits go: machine code that ends by jumping to the address at OffReturn
	OffReturn     = 0x038 // the copy's code that restores all state and goes on
	OffTarget     = 0x040 // address that an indirect jump went to, or what the reason of an exit says
	OffJump       = 0x048 // copy of the target of an indirect jump
	OffTable      = 0x050 // table of copies: 8 bytes for each byte of code
	OffTableLow   = 0x058 // address of the code that the first entry is for
	OffTableSpan  = 0x060 // bytes of code
	OffLog        = 0x068 // where the next record goes
	OffLogLimit   = 0x070 // beyond it the log counts as full; Slack bytes must follow
	OffAside      = 0x078 // memory of AsideSize bytes to put the copy's stack frames aside during an exit; 0: own stack
	OffMXCSR      = 0x080 // for Go
	OffPrivateSP  = 0x088 // stack pointer to enter with, for entries on a stack of its own: at the arguments that lie there
	OffStackSP    = 0x090 // stack pointer of the caller of such an entry
	OffResultRAX  = 0x098
	OffResultRDX  = 0x0a0
	OffResultX0   = 0x0a8 // 16 bytes each
	OffResultX1   = 0x0b8
	OffGPR        = 0x0d0 // saved registers, by number
	OffSpill      = 0x150 // registers put aside for the moment
	OffSpills     = 24
	OffArgs       = 0x210 // RDI, RSI, RDX, RCX, R8, R9 of an entry from C
	OffFloatArgs  = 0x240 // XMM0 … XMM7, 8 bytes each
	OffBorrowed   = 0x280 // registers put aside by borrowing, by number
	OffTileConfig = 0x300 // 64 bytes: the tile configuration that counts so far belong to
	OffTileNew    = 0x340 // 64 bytes: the one just loaded
	OffSignal     = 0x380 // of ExitFault: number, code and address of the signal
	OffSignalCode = 0x388
	OffSignalAddr = 0x390
	OffThread     = 0x398 // thread pointer (FS) or number of the thread that a detached context belongs to
	OffProcess    = 0x3a0 // number of its process
	OffInside     = 0x3a8 // not 0 while its thread is in a detached copy, where registers may be in the context

	OffXSave    = 0x1000 // 64-byte aligned
	OffCounters = 0x5000 // 8 bytes each
)

// Sizes of what the copy uses beside the context.
const (
	MaxCounters = 1 << 16
	ContextSize = OffCounters + 8*MaxCounters
	Slack       = 1 << 20 // bytes behind the log's limit
	AsideSize   = 1 << 16
)

// The reasons of an exit.
const (
	ExitLogFull       = 1 + iota // at OffLog
	ExitUnknownTarget            // no copy yet of the code at OffTarget: to be set at OffJump
	ExitTileConfig               // the configuration at OffTileNew differs from the one at OffTileConfig
	ExitRefused                  // behind the block whose ID is at OffTarget nothing is understood: there is no going on
	ExitFault                    // a signal at the address of the copy at OffTarget: there is no going on
	ExitFirstCall                // of the function at OffTarget, through a gate: go on at OffJump
)

// xsaveMask are the states that kernels use and Go code does not keep: x87, SSE, AVX, AVX-512, AMX.
const xsaveMask = 0x600e7
