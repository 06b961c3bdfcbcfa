// The data of the page, and where a point stands under the counts of a source.

// unpacked is the stream of what the page carries compressed in an element.
function unpacked(id) {
  const packed = Uint8Array.from(atob(byId(id).textContent), c => c.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip")));
}

const view = await unpacked("view").json();
const familyNames = { go: "Go, scalar", sse: "128-bit", avx2: "AVX2", avx512: "AVX-512", amx: "AMX" };
const sourceNames = ["pmu", "instrumented", "simulated", "analytic"];

// state is what the reader chose.
const state = {
  levels: new Set(view.levels), families: new Set(Object.keys(familyNames)), threads: view.threads, source: "best",
  scale: "log", find: "", off: new Set(), names: true, theory: false, past: true, domain: null,
};

// operation is what one operation of a point's kernel is called, and rateUnit the unit of its performance.
const operation = p => p.unit === "OP/s" ? "OP" : "FLOP";
const rateUnit = p => operation(p) + "/s";

// countOf is a count of a point from the chosen source: 0 stands for FLOPs, n for the bytes of the n-th level. Undefined: it
// has none.
function countOf(p, n) {
  const list = p.counts[n];
  const c = state.source === "best" ? list[0] : list.find(c => view.words[c[1]] === state.source);
  return c && c[0] !== null ? { value: c[0], from: view.words[c[2]] } : undefined;
}

// whyNone says why there is no such count.
function whyNone(p, n) {
  const c = p.counts[n][0];
  return c && c[0] === null && view.words[c[2]] || "not counted";
}

// placeOf is where a point stands: performance with its interval, and the intensity at each level that is shown. Null: nowhere.
function placeOf(p) {
  const flops = countOf(p, 0), [time, lo, hi] = p.time;
  if (!flops || !(flops.value > 0) || !(time > 0)) return null;
  const at = { y: flops.value / time, ai: {}, level: "" };
  if (lo && hi) [at.lo, at.hi] = [flops.value / hi, flops.value / lo];
  view.levels.forEach((level, i) => {
    const bytes = countOf(p, i + 1);
    if (!bytes || !(bytes.value > 0) || !state.levels.has(level)) return;
    at.ai[level] = flops.value / bytes.value;
    if (at.level !== p.level) at.level = level; // the one that binds, else the outermost
  });
  if (!at.level) return null;
  at.x = at.ai[at.level];
  return at;
}

// matches says whether a point has all the words that the reader typed.
function matches(p) {
  p.text ||= `${p.name} ${p.id} ${view.words[p.isa]}`.toLowerCase();
  return state.find.toLowerCase().split(/\s+/).every(word => p.text.includes(word));
}

// wanted says whether the reader chose to see a point.
function wanted(p) {
  if (p.threads !== state.threads || !state.families.has(p.family)) return false;
  if (p.past ? !state.past : state.off.has(p.run)) return false;
  return matches(p);
}

// shown lists the points to draw, each with its place; the current ones last, on top.
function shown() {
  const list = [];
  view.points.forEach((p, index) => {
    const at = wanted(p) ? placeOf(p) : null;
    if (at) list.push({ p, index, at });
  });
  return list.sort((a, b) => (a.p.past ? 0 : 1) - (b.p.past ? 0 : 1));
}

// roofs are the lines to draw for the chosen threads, levels and instruction sets.
function roofs() {
  const lines = view.lines[state.threads] || [];
  const slopes = lines.filter(l => l.level && state.levels.has(l.level));
  const flats = lines.filter(l => !l.level && l.families.some(f => state.families.has(f)));
  const top = Math.max(0, ...flats.map(l => l.v));
  return { slopes, flats, top, fastest: Math.max(0, ...slopes.map(l => l.v)), slowest: Math.min(Infinity, ...slopes.filter(l => l.main).map(l => l.v)) };
}
