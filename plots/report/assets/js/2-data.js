// The data of the page, and where a run stands under the counts of a source.

const data = JSON.parse(byId("data").textContent);
const view = JSON.parse(byId("view").textContent);
const familyNames = { go: "Go, scalar", sse: "128-bit", avx2: "AVX2", avx512: "AVX-512", amx: "AMX" };
const sourceNames = ["pmu", "instrumented", "simulated", "analytic"];

// state is what the reader chose.
const state = {
  levels: new Set(view.levels), families: new Set(Object.keys(familyNames)), threads: view.threads, source: "best",
  scale: "log", find: "", off: new Set(), names: true, theory: false, past: true, domain: null,
};

const runOf = p => data.results[p.from.e].result.runs[p.from.r];

// countOf is the count of a quantity from the chosen source; undefined when it has none.
function countOf(run, quantity, source = state.source) {
  const list = run.counts[quantity] || [];
  const c = source === "best" ? list[0] : list.find(c => c.source === source);
  return c && c.quality !== "missing" ? c : undefined;
}

// placeOf is where a point stands: FLOP/s with its interval, and the intensity at each level that is shown. Null: nowhere.
function placeOf(p) {
  const run = runOf(p);
  const flops = countOf(run, "flops");
  if (!flops || !(flops.value > 0) || !(run.time.median > 0)) return null;
  const at = { y: flops.value / run.time.median, ai: {}, level: "" };
  if (run.time.lo && run.time.hi) [at.lo, at.hi] = [flops.value / run.time.hi, flops.value / run.time.lo];
  for (const level of view.levels) {
    const bytes = countOf(run, "bytes." + level);
    if (!bytes || !(bytes.value > 0) || !state.levels.has(level)) continue;
    at.ai[level] = flops.value / bytes.value;
    if (at.level !== p.level) at.level = level; // the one that binds, else the outermost
  }
  if (!at.level) return null;
  at.x = at.ai[at.level];
  return at;
}

// wanted says whether the reader chose to see a point.
function wanted(p) {
  const run = runOf(p);
  if (run.threads !== state.threads || !state.families.has(p.family)) return false;
  if (p.past ? !state.past : state.off.has(p.run)) return false;
  const text = `${p.name} ${run.kernel}/${run.variant}/${run.dtype} ${run.isa}`.toLowerCase();
  return state.find.toLowerCase().split(/\s+/).every(word => text.includes(word));
}

// shown lists the points to draw, each with its place; the current ones last, on top.
function shown() {
  const list = [];
  view.points.forEach((p, index) => {
    const at = wanted(p) ? placeOf(p) : null;
    if (at) list.push({ p, index, at, hidden: false });
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
