// The chart: draws everything in order, moves, zooms, and leads the keyboard from point to point.

const chart = { axes: null, points: [], nodes: new Map(), focus: -1, waiting: false };

// Layers from back to front. They stay, and so does the focus on a point, when what is in them is drawn anew.
const layers = {
  still: svg("g", { "aria-hidden": "true" }), under: svg("g", { "aria-hidden": "true" }), labels: svg("g", { "aria-hidden": "true" }),
  points: svg("g", { role: "group", "aria-label": "Points: arrow keys lead from one to the next, Enter keeps the card" }),
  inside: svg("rect", {}),
};
layers.root = svg("svg", { role: "group" }, svg("defs", {}, svg("clipPath", { id: "inside" }, layers.inside)),
  layers.still, svg("g", { "clip-path": "url(#inside)" }, layers.under, layers.points), layers.labels);

function draw() {
  const holder = byId("chart"), width = Math.max(holder.clientWidth, 300);
  const height = Math.round(Math.min(Math.max(0.6 * width, 400), 0.86 * Math.max(window.innerHeight, 560), 720));
  const box = { left: width < 560 ? 52 : 66, top: 14, right: width - 14, bottom: height - 52 };
  const points = shown(), lines = roofs(), crowded = points.length > many;
  const a = axesFor(points, lines, box);
  if (state.domain) Object.assign(a, state.domain);
  chart.axes = a;
  chart.points = points;
  fill(layers.root, { viewBox: `0 0 ${width} ${height}`, width, height, "aria-label": `Roofline: ${points.length} points under ${lines.slopes.length + lines.flats.length} roofs; the table of kernels has the same numbers` }, []);
  fill(layers.inside, { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top }, []);
  for (const layer of [layers.still, layers.under, layers.labels]) layer.replaceChildren();
  if (!holder.firstChild) holder.append(layers.root);
  const zones = drawRegions(a, lines, layers.under);
  drawGrid(a, layers.still);
  drawRoofs(a, lines, layers.under);
  if (!crowded) for (const item of points) drawLines(a, item, layers.under);
  placePoints(a, points, crowded);
  const room = new Room(box);
  if (!crowded) for (const { at } of points) {
    for (const ai of Object.values(at.ai)) {
      const x = toX(a, ai), y = toY(a, at.y), r = ai === at.x ? 10 : 4;
      room.add(x - r, y - r, x + r, y + r);
    }
  }
  labelRoofs(a, lines, room, layers.labels);
  if (!crowded) drawArrows(a, points, room, layers.labels);
  labelPoints(a, points, room, layers.labels);
  labelRegions(zones, a, room, layers.labels);
  note(points, lines);
}

// placePoints makes the elements of the points, or moves those that are there.
function placePoints(a, points, crowded) {
  const layer = layers.points;
  const key = `${crowded} ${state.source} ${[...state.levels]}`;
  if (chart.key !== key) chart.nodes.clear();
  chart.key = key;
  const list = points.map(item => {
    let node = chart.nodes.get(item.index);
    if (!node) chart.nodes.set(item.index, node = pointNode(item, crowded));
    node.setAttribute("transform", `translate(${toX(a, item.at.x).toFixed(1)} ${toY(a, item.at.y).toFixed(1)})`);
    return node;
  });
  if (list.length !== layer.childNodes.length || list.some((n, i) => n !== layer.childNodes[i])) layer.replaceChildren(...list);
  const current = chart.nodes.get(chart.focus);
  const entry = current && current.parentNode ? current : list[list.length - 1];
  for (const n of layer.querySelectorAll('[tabindex="0"]')) n.setAttribute("tabindex", "-1");
  if (entry) entry.setAttribute("tabindex", "0");
}

// note says what cannot be drawn.
function note(points, lines) {
  const now = points.filter(i => !i.p.past).length, all = view.points.filter(p => !p.past).length;
  const parts = [`${now} of ${all} kernel${all === 1 ? "" : "s"} shown`];
  const nowhere = view.points.filter(p => !p.past && wanted(p) && !placeOf(p)).length;
  if (nowhere) parts.push(state.source === "best" ? `${nowhere} without FLOPs or bytes` : `${nowhere} not counted by ${state.source}`);
  if (!lines.slopes.length && !lines.flats.length) parts.push(`no ceilings for ${state.threads} threads`);
  byId("chart-note").textContent = parts.join("; ") + ".";
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
  later();
}

// move by shares of the frame.
function move(fx, fy) {
  const a = chart.axes, dx = fx * (a.x1 - a.x0), dy = fy * (a.y1 - a.y0);
  state.domain = { x0: a.x0 + dx, x1: a.x1 + dx, y0: a.y0 + dy, y1: a.y1 + dy };
  later();
}

function reset() {
  state.domain = null;
  later();
}

// step gives the focus to the next point in the order of intensity.
function step(from, by) {
  const order = [...chart.points].sort((i, j) => i.at.x - j.at.x || i.at.y - j.at.y);
  const at = order.findIndex(i => i.index === from);
  const next = order[(at + by + order.length) % order.length];
  if (!next) return;
  chart.nodes.get(from)?.setAttribute("tabindex", "-1");
  chart.focus = next.index;
  const node = chart.nodes.get(next.index);
  node.setAttribute("tabindex", "0");
  node.focus({ preventScroll: false });
}
