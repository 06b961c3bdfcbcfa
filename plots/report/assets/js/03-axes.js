// Axes: from values to pixels and back, logarithmic or linear, and the lines of the grid.

// axesFor fits a frame in pixels around all points and roofs. Logarithmic axes have the same scale, so slopes rise at 45°.
function axesFor(points, lines, box) {
  const log = state.scale === "log";
  const t = log ? Math.log10 : v => v;
  const xs = [], ys = [];
  for (const { p, at } of points) {
    xs.push(...(log ? Object.values(at.ai) : [at.x]));
    ys.push(at.y, at.lo || at.y, at.hi || at.y);
    if (p.attainable && state.source === "best") ys.push(p.attainable);
  }
  for (const f of lines.flats) ys.push(f.v);
  if (lines.top) for (const s of lines.slopes.filter(s => s.main)) xs.push(lines.top / s.v);
  if (!xs.length) xs.push(1);
  if (!ys.length) ys.push(...lines.slopes.map(s => s.v));
  if (!ys.length) ys.push(1e9);
  const [[x0, x1], [y0, y1]] = [ends(xs.map(t)), ends(ys.map(t))];
  if (!log) return { log, box, x0: 0, x1: 1.12 * x1, y0: 0, y1: 1.08 * y1 };
  const d = { x0: x0 - 0.5, x1: x1 + 0.5, y0: y0 - 0.3, y1: y1 + 0.25 };
  const w = box.right - box.left, h = box.bottom - box.top;
  const decade = Math.min(w / (d.x1 - d.x0), h / (d.y1 - d.y0), 400);
  const dx = w / decade - (d.x1 - d.x0), dy = h / decade - (d.y1 - d.y0);
  return { log, box, x0: d.x0 - 0.4 * dx, x1: d.x1 + 0.6 * dx, y0: d.y0 - 0.75 * dy, y1: d.y1 + 0.25 * dy };
}

// ends are the least and the most of a list: spreading thousands of arguments would overflow.
const ends = list => list.reduce(([lo, hi], v) => [Math.min(lo, v), Math.max(hi, v)], [Infinity, -Infinity]);

const toX = (a, v) => a.box.left + ((a.log ? Math.log10(v) : v) - a.x0) / (a.x1 - a.x0) * (a.box.right - a.box.left);
const toY = (a, v) => a.box.bottom - ((a.log ? Math.log10(v) : v) - a.y0) / (a.y1 - a.y0) * (a.box.bottom - a.box.top);

// ticks lists the values of the grid between two ends of an axis.
function ticks(log, lo, hi, most) {
  if (log && hi - lo > 0.9) return decades(lo, hi);
  if (log) [lo, hi] = [10 ** lo, 10 ** hi];
  const raw = (hi - lo) / most, unit = 10 ** Math.floor(Math.log10(raw));
  const step = unit * [1, 2, 5, 10].find(m => m * unit >= raw);
  const list = [];
  for (let i = Math.ceil(lo / step - 1e-9); i * step <= hi * (1 + 1e-12); i++) list.push({ v: i * step, major: true, label: tick(Number((i * step).toPrecision(12))) });
  return list;
}

function decades(lo, hi) {
  const list = [], dense = hi - lo < 3, step = hi - lo > 9 ? 2 : 1;
  for (let e = Math.floor(lo); e <= Math.ceil(hi); e++) {
    for (let m = 1; m <= 9; m++) {
      const l = e + Math.log10(m);
      if (l < lo - 1e-9 || l > hi + 1e-9) continue;
      const labelled = m === 1 ? e % step === 0 : dense && (m === 2 || m === 5);
      list.push({ v: Number((m * 10 ** e).toPrecision(3)), major: m === 1, label: labelled ? tick(Number((m * 10 ** e).toPrecision(3))) : "" });
    }
  }
  return list;
}

// clip returns the part of the line from a to b inside the frame, null when there is none (Liang–Barsky).
function clip(box, [ax, ay], [bx, by]) {
  let t0 = 0, t1 = 1;
  const dx = bx - ax, dy = by - ay;
  for (const [p, q] of [[-dx, ax - box.left], [dx, box.right - ax], [-dy, ay - box.top], [dy, box.bottom - ay]]) {
    if (p === 0 && q < 0) return null;
    if (p < 0) t0 = Math.max(t0, q / p);
    if (p > 0) t1 = Math.min(t1, q / p);
  }
  return t0 > t1 ? null : [[ax + t0 * dx, ay + t0 * dy], [ax + t1 * dx, ay + t1 * dy]];
}

// slopeEnds are the ends of a bandwidth line: from below the frame up to the highest roof.
function slopeEnds(a, bandwidth, top) {
  const end = top > 0 ? top / bandwidth : a.log ? 10 ** a.x1 : a.x1;
  const begin = a.log ? 10 ** (Math.min(a.x0, a.y0 - Math.log10(bandwidth)) - 1) : 0;
  return [[toX(a, begin), toY(a, begin * bandwidth)], [toX(a, end), toY(a, end * bandwidth)]];
}

// flatEnds are the ends of a compute roof: from the fastest slope to the right edge.
function flatEnds(a, v, fastest) {
  const begin = fastest > 0 ? toX(a, v / fastest) : a.box.left;
  return [[Math.max(begin, a.box.left), toY(a, v)], [a.box.right, toY(a, v)]];
}
