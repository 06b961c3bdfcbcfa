// Points, the lines that belong to them, the arrows between them, and their names.

// glyph is the outline of a marker: a shape for each operation.
function glyph(kernel, r) {
  const polygon = (n, deg, k) => "M" + Array.from({ length: n }, (_, i) => {
    const t = (deg + 360 * i / n) * Math.PI / 180;
    return `${(k * r * Math.cos(t)).toFixed(2)} ${(-k * r * Math.sin(t)).toFixed(2)}`;
  }).join("L") + "Z";
  switch (kernel) {
    case "matmul": return `M${r} 0A${r} ${r} 0 1 1 ${-r} 0A${r} ${r} 0 1 1 ${r} 0Z`;
    case "attention": return polygon(4, 45, 1.2);
    case "decode": return polygon(3, 90, 1.3);
    case "gemv": return polygon(4, 0, 1.25);
    case "triad": return polygon(3, -90, 1.3);
    case "dot": return polygon(5, 90, 1.15);
  }
  return polygon(6, 0, 1.1);
}

const outlines = { counted: undefined, modelled: "4.5 2.5", declared: "1.4 2" };

// describe is what a screen reader says of a point.
function describe({ p, at }) {
  let s = `${p.past ? p.past + ": " : ""}${p.name}, ${si(at.y, rateUnit(p))}`;
  if (at.lo) s += ` ${interval(at.y, at.lo, at.hi, rateUnit(p))}`;
  s += `, intensity ${digits(at.x)} ${operation(p)} per byte at ${at.level}`;
  if (p.fraction) s += `, ${percent(p.fraction)} of ${view.bounds[p.by] || p.by}`;
  return s + `, ${p.threads} thread${p.threads === 1 ? "" : "s"}`;
}

function pointNode(item) {
  const { p, at } = item, kernel = view.words[p.kernel];
  const g = svg("g", { class: `point f-${p.family}${p.past ? " past" : ""}`, "data-index": item.index, role: "button", tabindex: "-1", "aria-label": describe(item), "aria-pressed": "false" });
  if (at.level === "L1") g.append(svg("circle", { class: "ring", r: 13 }));
  g.append(svg("path", { class: "mark", d: glyph(kernel, 8.5), "stroke-dasharray": outlines[p.provenance] }));
  if (!p.past) g.append(svg("path", { class: "core", d: glyph(kernel, 5) }));
  g.append(svg("circle", { class: "hit", r: 14 }));
  return g;
}

// drawLines draws what lies under a point: its levels, its interval and, where there is room, the way up to its roof.
function drawLines(a, item, layer, room) {
  const { p, at, x, y } = item;
  const g = svg("g", { class: `point-lines point f-${p.family}`, "aria-hidden": "true" });
  const xs = Object.values(at.ai).map(v => toX(a, v));
  if (xs.length > 1) g.append(svg("path", { class: "trail", d: path([Math.min(...xs), y], [Math.max(...xs), y]) }));
  if (room && p.attainable && state.source === "best" && !p.past) {
    const roof = toY(a, p.attainable);
    g.append(svg("path", { class: "drop", d: path([x, y], [x, roof]) + path([x - 4, roof], [x + 4, roof]) }));
  }
  if (at.lo) {
    const lo = toY(a, at.lo), hi = toY(a, at.hi);
    g.append(svg("path", { class: "ci", fill: "none", d: path([x, lo], [x, hi]) + path([x - 5, lo], [x + 5, lo]) + path([x - 5, hi], [x + 5, hi]) }));
  }
  for (const [level, ai] of Object.entries(at.ai)) {
    if (level === at.level) continue;
    const cx = toX(a, ai);
    if (level === "L1") g.append(svg("circle", { class: "ring", cx, cy: y, r: 6 }));
    g.append(svg("circle", { class: "level", cx, cy: y, r: 3.2 }, svg("title", {}, `${p.name} at ${level}: ${digits(ai)} ${operation(p)}/B`)));
  }
  layer.append(g);
}

function drawArrows(points, room, layer) {
  const at = new Map(points.map(i => [i.index, i]));
  for (const w of view.arrows) {
    const from = at.get(w.from), to = at.get(w.to);
    if (!from || !to) continue;
    const [x1, y1, x2, y2] = [from.x, from.y, to.x, to.y];
    const length = Math.hypot(x2 - x1, y2 - y1);
    const ux = (x2 - x1) / (length || 1), uy = (y2 - y1) / (length || 1), gap = 14;
    if (length > 2 * gap + 8) {
      const tip = [x2 - gap * ux, y2 - gap * uy];
      layer.append(svg("path", { class: "arrow", d: path([x1 + gap * ux, y1 + gap * uy], [tip[0] - 7 * ux, tip[1] - 7 * uy]) }),
        svg("path", { class: "arrow-head", d: path(tip, [tip[0] - 11 * ux - 5 * uy, tip[1] - 11 * uy + 5 * ux], [tip[0] - 11 * ux + 5 * uy, tip[1] - 11 * uy - 5 * ux]) + "Z" }));
    }
    if (!w.text || w.outcome === "no-difference") continue;
    const box = room.near((x1 + x2) / 2, (y1 + y2) / 2, 6, widthOf(w.text, 12, true), 14);
    if (box) layer.append(svg("text", { class: "arrow-label halo", x: box[0], y: box[1] + 11 }, w.text));
  }
}

// labelPoints names as many points as there is room for; a point in a crowd chooses first.
function labelPoints(points, room, layer) {
  if (!state.names) return;
  const { left, right, top, bottom } = room.box;
  const spots = points.filter(({ x, y }) => x >= left && x <= right && y >= top && y <= bottom).map(item => ({ item, x: item.x, y: item.y }));
  for (const s of spots) s.crowd = spots.filter(o => Math.hypot(o.x - s.x, o.y - s.y) < 60).length;
  spots.sort((s, t) => t.crowd - s.crowd);
  for (const { item: { p, at }, x, y } of spots) {
    if (p.past) continue;
    const share = spots.length <= 20 && p.fraction && state.source === "best" ? `${percent(p.fraction)} · ${p.bound}-bound` : "";
    const w = Math.max(widthOf(p.name, 12, true), share ? widthOf(share, 11) : 0), r = at.level === "L1" ? 13 : 9;
    const two = share && room.near(x, y, r, w, 28), one = two || room.near(x, y, r, widthOf(p.name, 12, true), 14);
    if (!one) continue;
    const left = one[2] <= x, tx = left ? one[2] : one[0], anchor = left ? "end" : "start";
    layer.append(svg("text", { class: `name halo f-${p.family}`, x: tx, y: one[1] + 11.5, "text-anchor": anchor }, p.name));
    if (two) layer.append(svg("text", { class: "share halo", x: tx, y: one[1] + 25, "text-anchor": anchor }, share));
  }
}
