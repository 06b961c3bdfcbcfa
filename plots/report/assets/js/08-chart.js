// The chart: draws everything in order, moves, zooms, and leads the keyboard from point to point.

const chart = {
  lines: null, points: [], order: [], byIndex: new Map(), fit: null, // of a choice
  axes: null, visible: [], crowded: false, near: [], // of a frame
  nodes: new Map(), focus: -1, held: -1, waiting: false,
};

// Layers from back to front. They stay, and so does the focus on a point, when what is in them is drawn anew.
const layers = {
  still: svg("g", {}), under: svg("g", { "clip-path": "url(#inside)" }), labels: svg("g", { "aria-hidden": "true" }),
  points: svg("g", { role: "group", "aria-label": "Points: arrow keys lead from one to the next, Home and End to the first and the last, Enter keeps the card", "clip-path": "url(#inside)" }),
  inside: svg("rect", {}),
};
layers.root = svg("svg", { "aria-hidden": "true" }, svg("defs", {}, svg("clipPath", { id: "inside" }, layers.inside)), layers.still, layers.under);
layers.over = svg("svg", { class: "over", role: "group" }, layers.points, layers.labels);

// choose takes up what the reader chose; until the next choice only the frame changes.
function choose() {
  chart.points = shown();
  chart.lines = roofs();
  chart.order = [...chart.points].sort((i, j) => i.at.x - j.at.x || i.at.y - j.at.y);
  chart.byIndex = new Map(chart.points.map(i => [i.index, i]));
  chart.fit = null;
  chart.nodes.clear();
  note();
}

function draw() {
  const holder = byId("chart"), width = Math.max(holder.clientWidth, 300);
  const height = Math.round(Math.min(Math.max(0.6 * width, 400), 0.86 * Math.max(window.innerHeight, 560), 720));
  const box = { left: width < 560 ? 62 : 66, top: 14, right: width - 14, bottom: height - 52 };
  const { points, lines } = chart;
  if (chart.fit?.box.right !== box.right || chart.fit.box.bottom !== box.bottom) chart.fit = axesFor(points, lines, box);
  const a = chart.axes = { ...chart.fit, ...state.domain };
  for (const i of points) i.x = toX(a, i.at.x), i.y = toY(a, i.at.y);
  chart.visible = points.filter(({ x, y }) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom);
  chart.crowded = chart.visible.length > many;
  layers.over.classList.toggle("crowded", chart.crowded);
  const near = chart.near = chart.crowded ? [] : points.length > many ? chart.visible : points;
  for (const node of [layers.root, layers.over]) fill(node, { viewBox: `0 0 ${width} ${height}`, width, height }, []);
  fill(layers.over, { "aria-label": `Roofline: ${points.length} points under ${lines.slopes.length + lines.flats.length} roofs; the table of kernels has the same numbers` }, []);
  fill(layers.inside, { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top }, []);
  for (const layer of [layers.still, layers.under, layers.labels]) layer.replaceChildren();
  if (!holder.firstChild) holder.append(layers.root, crowd.canvas, layers.over);
  const zones = drawRegions(a, lines, layers.under);
  drawGrid(a, layers.still);
  drawRoofs(a, lines, layers.under);
  if (chart.crowded) for (const i of points) i.stamp ??= stampOf(i);
  drawCrowd(box, chart.crowded ? chart.visible : [], width, height);
  for (const item of near) drawLines(a, item, layers.under, near.length <= 40);
  placePoints();
  const room = new Room(box);
  for (const { at } of near) {
    for (const ai of Object.values(at.ai)) {
      const x = toX(a, ai), y = toY(a, at.y), r = ai === at.x ? 10 : 4;
      room.add(x - r, y - r, x + r, y + r);
    }
  }
  labelRoofs(a, lines, room, layers.labels);
  drawArrows(near, room, layers.labels);
  labelPoints(near, room, layers.labels);
  labelRegions(zones, a, room, layers.labels);
}

// placePoints makes the elements of the points, or moves those that are there. Of a crowd only those in hand have one.
function placePoints() {
  const layer = layers.points, { byIndex, near, points } = chart;
  const list = new Set(near);
  const entry = byIndex.get(chart.focus) || near[near.length - 1] || points[points.length - 1];
  for (const item of [entry, byIndex.get(chart.held)]) if (item) list.add(item);
  const nodes = [...list].map(item => {
    let node = chart.nodes.get(item.index);
    if (!node) chart.nodes.set(item.index, node = pointNode(item));
    node.setAttribute("transform", `translate(${item.x.toFixed(1)} ${item.y.toFixed(1)})`);
    node.setAttribute("tabindex", item === entry ? "0" : "-1");
    node.classList.toggle("held", item.index === chart.held);
    return node;
  });
  const wanted = new Set(nodes);
  for (const node of [...layer.childNodes]) if (!wanted.has(node)) node.remove();
  let next = layer.firstChild; // what stays is not moved: an element that is taken out loses the focus
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else if (node.parentNode !== layer) layer.insertBefore(node, next);
  }
}

// note says what cannot be drawn.
function note() {
  const { points, lines } = chart;
  const now = points.filter(i => !i.p.past).length, all = view.points.filter(p => !p.past).length;
  const parts = [`${now} of ${all} kernel${all === 1 ? "" : "s"} shown`];
  const nowhere = view.points.filter(p => !p.past && wanted(p) && !placeOf(p)).length;
  if (nowhere) parts.push(state.source === "best" ? `${nowhere} without FLOPs or bytes` : `${nowhere} not counted by ${state.source}`);
  if (!lines.slopes.length && !lines.flats.length) parts.push(`no ceilings for ${state.threads} threads`);
  byId("chart-note").textContent = parts.join("; ") + (points.length > many ? `. Zoom in until fewer than ${many} are in the frame to see names, levels and intervals.` : ".");
}

// later draws before the next frame, once, however often it is asked.
function later() {
  if (chart.waiting) return;
  chart.waiting = true;
  requestAnimationFrame(() => {
    chart.waiting = false;
    draw();
  });
}

// zoom by a factor about a place of the frame, given as shares of its width and height.
function zoom(factor, fx = 0.5, fy = 0.5) {
  const a = chart.axes, w = a.x1 - a.x0, h = a.y1 - a.y0;
  const x = a.x0 + fx * w, y = a.y0 + fy * h;
  if (a.log && (w / factor > 40 || w / factor < 0.02)) return;
  state.domain = { x0: x - fx * w / factor, x1: x + (1 - fx) * w / factor, y0: y - fy * h / factor, y1: y + (1 - fy) * h / factor };
  Object.assign(a, state.domain); // a second step before the next frame goes on from here
  later();
}

// move by shares of the frame.
function move(fx, fy) {
  const a = chart.axes, dx = fx * (a.x1 - a.x0), dy = fy * (a.y1 - a.y0);
  state.domain = { x0: a.x0 + dx, x1: a.x1 + dx, y0: a.y0 + dy, y1: a.y1 + dy };
  Object.assign(a, state.domain);
  later();
}

function reset() {
  state.domain = null;
  later();
}

// step gives the focus to a point in the order of intensity: by so many from where it is, or the first or last.
function step(from, by) {
  const { order } = chart, n = order.length, at = order.findIndex(i => i.index === from);
  const next = by === "first" ? order[0] : by === "last" ? order[n - 1] : order[(at + by + n) % n];
  if (!next) return;
  const { left, right, top, bottom } = chart.axes.box;
  chart.focus = next.index;
  if (next.x < left || next.x > right || next.y < top || next.y > bottom) { // bring it into the middle
    move((next.x - (left + right) / 2) / (right - left), ((top + bottom) / 2 - next.y) / (bottom - top));
    draw();
  }
  chart.held = next.index; // beside the point that has the focus until now
  chart.focus = from;
  placePoints();
  chart.focus = next.index;
  chart.nodes.get(next.index).focus({ preventScroll: false });
  placePoints();
}
