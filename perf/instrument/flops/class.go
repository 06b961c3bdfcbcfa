package flops

import "strings"

// Class is a group of instructions that ask for like execution units.
type Class uint8

// The classes.
const (
	Other Class = iota
	FMA
	FPAdd // additions and subtractions, horizontal ones too
	FPMul
	FPDiv // divisions and square roots
	FPMinMax
	FPApprox  // approximate reciprocals
	FPOther   // comparisons, rounding, exponents
	Dot       // dot products of short vectors: BF16, VNNI, DPPS
	TileDot   // products of tiles
	TileMove  // loads, stores, zeros and configuration of tiles
	Convert   // between formats
	Shuffle   // permutations, packing, insertion, extraction
	Broadcast // one element to all
	Blend
	VecLogic
	VecInt // additions, comparisons, shifts of integer vectors
	VecIntMul
	Gather
	Scatter
	Move  // vector registers: moves, loads, stores
	Masks // of mask registers
	X87
	Int // of general-purpose registers, moves too
	IntMul
	IntDiv
	Lea
	Branch
	Call // calls and returns
	Stack
	String
	Prefetch
	Fence
	Nop
	classes
)

var classNames = [classes]string{
	"other", "fma", "fp add", "fp mul", "fp div", "fp min/max", "fp approx", "fp other", "dot", "tile dot", "tile move", "convert",
	"shuffle", "broadcast", "blend", "vector logic", "vector int", "vector int mul", "gather", "scatter", "vector move", "mask",
	"x87", "int", "int mul", "int div", "lea", "branch", "call", "stack", "string", "prefetch", "fence", "nop",
}

func (c Class) String() string { return classNames[min(c, classes)] }

// classRules give the class by name, without a leading v or with it; * stands for anything, and the first that fits counts.
var classRules = func() (rules []struct {
	class    Class
	patterns []string
}) {
	for _, line := range splitLines(classTable) {
		name, patterns, _ := strings.Cut(line, ":")
		for c, n := range classNames {
			if n == name {
				rules = append(rules, struct {
					class    Class
					patterns []string
				}{Class(c), strings.Fields(patterns)})
			}
		}
	}
	return rules
}()

const classTable = `
gather: gather* pgather*
scatter: scatter* pscatter*
tile move: tileload* tilestore* tilezero tilerelease ldtilecfg sttilecfg
call: call ret
branch: j* loop loope loopne
prefetch: prefetch*
fence: lfence mfence sfence clflush* clwb serialize
nop: nop* pause endbr64
stack: push* pop pop[af]* leave enter
lea: lea
int mul: imul mul mulx
int div: idiv div
mask: k* pmovm2* pmov*2m
convert: cvt* pmovzx* pmovsx* pmov[sudqwb]* pmovus* pmovs*
fp other: cmpp[sdh] cmps[sdh] ucomis[sdh] comis[sdh] round* rndscale* reduce[ps]* range[ps]* getexp* getmant* scalef* fixupimm* fpclass*
blend: blend* pblend*
broadcast: broadcast* pbroadcast* movddup movsldup movshdup
shuffle: perm* pperm* shuf* pshuf* unpck* punpck* pack* align* palign* valign* insert* pinsr* extract* pextr* compress* expand* pcompress* pexpand* movhlps movlhps pslldq psrldq pmovmskb movmskp[sd] pmultishiftqb
vector logic: andp[sd] andnp[sd] orp[sd] xorp[sd] pand* por por[dq] pxor* pternlog* ptest* test[pm]*
vector int mul: pmul* pmadd*
vector int: padd* psub* pcmp* pmin* pmax* psll* psrl* psra* pabs* pavg* psad* psign* prol* pror* phadd* phsub* pcnt* popcnt[bwdq] plzcnt* pconflict* pshld* pshrd* mpsadbw dbpsadbw phminposuw aes* sha* gf2p8* pclmul*
vector move: mova* movu* movdq* movnt* movs[sdh] movh* movl* movq movd movw lddqu maskmov* pmaskmov* zeroupper zeroall
x87: f* emms
string: movs[bwdq] stos* lods* scas* cmps*
int: mov* cmov* set* add* sub* adc* sbb* and* or xor* not neg inc dec cmp* test sh[lr]* sa[lr]x sa[lr] ro[lr] rorx rc[lr] bt* bs[fr] bswap bzhi bextr blsi blsr blsmsk pdep pext lzcnt tzcnt popcnt xchg cwd cdq* cbw cwde cqo lahf sahf clc stc cmc cld xlat* crc32 adcx adox cmpxchg* xadd rdrand rdseed
`

func splitLines(table string) []string { return strings.Split(strings.TrimSpace(table), "\n") }
