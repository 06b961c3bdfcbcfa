// The frame, the grid, the tinted regions and the roofs.

const path = (...points) => "M" + points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
const dashes = { L1: "", L2: "12 5", L3: "12 4 3 4", DRAM: "5 4" };

function drawGrid(a, layer) {
  const b = a.box, w = b.right - b.left, h = b.bottom - b.top;
  const xs = ticks(a.log, a.x0, a.x1, w / 80), ys = ticks(a.log, a.y0, a.y1, h / 50);
  for (const major of [false, true]) {
    const d = xs.filter(t => t.major === major).map(t => path([toX(a, t.v), b.top], [toX(a, t.v), b.bottom]))
      .concat(ys.filter(t => t.major === major).map(t => path([b.left, toY(a, t.v)], [b.right, toY(a, t.v)])));
    layer.append(svg("path", { class: major ? "grid" : "grid minor", d: d.join("") || "M0 0" }));
  }
  let free = -Infinity;
  for (const t of xs.filter(t => t.label)) {
    const x = toX(a, t.v), half = widthOf(t.label, 12) / 2;
    if (x - half < free) continue;
    free = x + half + 6;
    layer.append(svg("text", { class: "tick", x, y: b.bottom + 18, "text-anchor": "middle" }, t.label));
  }
  for (const t of ys.filter(t => t.label)) layer.append(svg("text", { class: "tick", x: b.left - 7, y: toY(a, t.v) + 4, "text-anchor": "end" }, t.label));
  layer.append(svg("rect", { class: "frame", x: b.left, y: b.top, width: w, height: h }),
    svg("text", { class: "title", x: (b.left + b.right) / 2, y: b.bottom + 40, "text-anchor": "middle" }, `Arithmetic intensity (${view.axes[0]})`),
    svg("text", { class: "title", "text-anchor": "middle", transform: `translate(14 ${(b.top + b.bottom) / 2}) rotate(-90)` }, `Performance (${view.axes[1]})`));
}

// drawRegions tints where memory binds, where it depends on the level, and where compute binds.
function drawRegions(a, lines, layer) {
  if (!lines.top || !lines.fastest || !isFinite(lines.slowest)) return [];
  const b = a.box, y = toY(a, lines.top), r1 = toX(a, lines.top / lines.fastest), r2 = toX(a, lines.top / lines.slowest);
  const [begin] = slopeEnds(a, lines.fastest, lines.top);
  layer.append(svg("path", { class: "tint-mem", d: path(begin, [r1, y], [r1, b.bottom], [begin[0], b.bottom]) + "Z" }),
    svg("path", { class: "tint-both", d: path([r1, y], [r2, y], [r2, b.bottom], [r1, b.bottom]) + "Z" }),
    svg("path", { class: "tint-cpu", d: path([r2, y], [b.right, y], [b.right, b.bottom], [r2, b.bottom]) + "Z" }));
  return [["memory-bound", b.left, r1], ["depends on the level", r1, r2], ["compute-bound", r2, b.right]];
}

function labelRegions(zones, a, room, layer) {
  for (const [name, from, to] of zones) {
    const lo = Math.max(from, a.box.left), hi = Math.min(to, a.box.right), w = widthOf(name, 11.5), x = (lo + hi) / 2, y = a.box.bottom - 10;
    if (hi - lo < w + 10 || !room.free([x - w / 2, y - 11, x + w / 2, y + 3])) continue;
    room.add(x - w / 2, y - 11, x + w / 2, y + 3);
    layer.append(svg("text", { class: "zone halo", x, y, "text-anchor": "middle" }, name));
  }
}

function drawRoofs(a, lines, layer) {
  const band = (one, two, cls) => layer.append(svg("path", { class: cls, d: path(one[0], one[1], two[1], two[0]) + "Z" }));
  for (const f of lines.flats) {
    const fam = f.families.find(x => state.families.has(x));
    if (f.lo) band(flatEnds(a, f.lo, lines.fastest), flatEnds(a, f.hi, lines.fastest), `band flat-band f-${fam}`);
    if (f.theory && state.theory) layer.append(svg("path", { class: `theory f-${fam}`, d: path(...flatEnds(a, f.theory, lines.fastest)) }));
    layer.append(svg("path", { class: `flat f-${fam}`, d: path(...flatEnds(a, f.v, lines.fastest)) }, svg("title", {}, f.ids.join(", "))));
  }
  for (const s of lines.slopes) {
    if (s.lo && s.main) band(slopeEnds(a, s.lo, lines.top), slopeEnds(a, s.hi, lines.top), "band");
    layer.append(svg("path", { class: s.main ? "slope" : "slope thin", "stroke-dasharray": dashes[s.level] || undefined, d: path(...slopeEnds(a, s.v, lines.top)) }, svg("title", {}, s.ids.join(", "))));
  }
}

// labelRoofs writes on every roof what it is and its value, and as much of the rest as there is room for.
function labelRoofs(a, lines, room, layer) {
  const put = (ends, cls, versions, fromEnd) => {
    const line = clip(a.box, ...ends);
    if (!line) return;
    room.lines.push(line);
    for (const text of versions) {
      const at = room.along(line, widthOf(text, 12, true), 12, fromEnd);
      if (!at) continue;
      layer.append(svg("text", { class: cls + " halo", transform: `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)}) rotate(${at.angle.toFixed(2)})` }, text));
      return;
    }
  };
  for (const f of lines.flats) {
    const pm = f.lo ? ` ±${digits(50 * (f.hi - f.lo) / f.v, 2)} %` : "", v = si(f.v, f.unit);
    put(flatEnds(a, f.v, lines.fastest), `flat-label f-${f.families.find(x => state.families.has(x))}`, [`${v}${pm}  ${f.label}`, `${v}  ${f.label}`, v], true);
  }
  for (const s of lines.slopes) {
    const pm = s.lo ? ` ±${digits(50 * (s.hi - s.lo) / s.v, 2)} %` : "", v = si(s.v, "B/s");
    put(slopeEnds(a, s.v, lines.top), "slope-label", [`${s.label}  ${v}${pm}`, `${s.label}  ${v}`, s.level], false);
  }
}
