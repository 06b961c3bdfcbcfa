// The card of a point: every number with its interval, source and formula.

const card = { node: byId("card"), kept: false, index: -1, quiet: false };

function cardLines({ p, at }) {
  const run = runOf(p), flops = countOf(run, "flops");
  const from = c => c.source + (c.quality === c.source ? "" : `, ${c.quality}`);
  const rows = [["Time", si(run.time.median, "s"), run.time.lo ? interval(run.time.median, run.time.lo, run.time.hi, "s") : "no interval", `clock, n = ${run.time.n}`],
    ["FLOPs", si(flops.value, "FLOP"), "", from(flops)]];
  for (const level of view.levels) {
    const bytes = countOf(run, "bytes." + level);
    if (bytes) rows.push([`Bytes ${level}`, si(bytes.value, "B"), bytes.value > 0 ? `AI ${digits(flops.value / bytes.value)}` : "no traffic", from(bytes)]);
    else rows.push([`Bytes ${level}`, "–", "", ((run.counts["bytes." + level] || [])[0] || {}).reason || "not counted"]);
  }
  return rows;
}

function formulas({ p, at }) {
  const run = runOf(p), flops = countOf(run, "flops"), bytes = countOf(run, "bytes." + at.level);
  const list = [`performance = FLOPs ÷ time = ${si(flops.value, "FLOP")} ÷ ${si(run.time.median, "s")}`,
    `AI at ${at.level} = FLOPs ÷ bytes = ${si(flops.value, "FLOP")} ÷ ${si(bytes.value, "B")} = ${digits(at.x)} FLOP/B`];
  const roof = data.results[view.ceilings].result.ceilings.find(c => c.id === p.by && c.threads === run.threads);
  if (roof && roof.kind === "bandwidth") list.push(`attainable = AI at ${roof.level} × ${si(roof.value.median, "B/s")} = ${si(p.attainable, "FLOP/s")}`);
  else if (roof) list.push(`attainable = ${p.by} = ${si(roof.value.median, roof.unit)}${roof.value.lo ? " " + interval(roof.value.median, roof.value.lo, roof.value.hi, roof.unit) : ""}`);
  return list;
}

function showCard(index, keep) {
  const item = chart.points.find(i => i.index === index);
  if (!item || card.quiet || (card.kept && !keep)) return;
  const { p, at } = item, run = runOf(p);
  const close = html("button", { type: "button", class: "close", "aria-label": "Close the card" }, "×");
  close.addEventListener("click", () => hideCard(true));
  const title = `${run.kernel}/${run.variant}/${run.dtype} ${shapeOf(run)}`;
  const parts = [close, html("h3", {}, html("span", { class: `chip ${p.family}`, "aria-hidden": "true" }), html("bdi", {}, title)),
    html("p", {}, html("b", { class: "big" }, si(at.y, "FLOP/s")), at.lo ? ` ${interval(at.y, at.lo, at.hi, "FLOP/s")}` : " no interval")];
  if (p.past) parts.push(html("p", {}, "of ", html("bdi", {}, p.past)));
  if (p.fraction) parts.push(html("p", {}, html("b", {}, percent(p.fraction)), ` of ${si(p.attainable, "FLOP/s")}, bound by ${view.bounds[p.by] || p.by}${p.above ? ": above its roof, so the ceiling or a count is wrong" : ""}`));
  const body = html("tbody", {}, ...cardLines(item).map(([name, value, more, source]) => html("tr", {}, html("th", { scope: "row" }, name), html("td", { class: "r nowrap" }, value), html("td", {}, more, more && source ? html("br") : "", html("bdi", { class: "muted" }, source)))));
  parts.push(html("table", {}, body), html("p", { class: "formula" }, ...formulas(item).flatMap((f, i) => i ? [html("br"), f] : [f])));
  if (p.run >= 0 && byId(`run-${p.run}`)) parts.push(html("p", {}, html("a", { href: `#run-${p.run}` }, "Details of this kernel")));
  card.node.replaceChildren(...parts);
  card.node.hidden = false;
  card.node.classList.toggle("kept", keep);
  Object.assign(card, { kept: keep, index });
  for (const [i, n] of chart.nodes) {
    const on = keep && i === index;
    if (n.classList.contains("chosen") !== on) n.classList.toggle("chosen", on), n.setAttribute("aria-pressed", String(on));
  }
  for (const row of document.querySelectorAll("#kernel-table tr.chosen")) row.classList.remove("chosen");
  document.querySelector(`#kernel-table tr[data-run="${p.run}"]`)?.classList.add("chosen");
  placeCard(chart.nodes.get(index));
}

const shapeOf = run => Object.entries(run.shape).map(([k, v]) => v === true ? k : `${k}=${v}`).join(",");

// placeCard puts the card beside a point, inside the window.
function placeCard(node) {
  const r = node.querySelector(".hit").getBoundingClientRect(), c = card.node.getBoundingClientRect();
  const right = r.right + 8 + c.width < document.documentElement.clientWidth;
  const left = right ? r.right + 8 : Math.max(8, r.left - 8 - c.width);
  const top = Math.min(Math.max(8, r.top - 40), Math.max(8, window.innerHeight - c.height - 8));
  card.node.style.left = `${Math.min(left, Math.max(8, document.documentElement.clientWidth - c.width - 8)) + window.scrollX}px`;
  card.node.style.top = `${top + window.scrollY}px`;
}

function hideCard(force) {
  if (card.kept && !force) return;
  const node = chart.nodes.get(card.index), inside = card.node.contains(document.activeElement);
  card.node.hidden = true;
  card.kept = false;
  for (const n of document.querySelectorAll(".point.chosen")) n.classList.remove("chosen"), n.setAttribute("aria-pressed", "false");
  for (const row of document.querySelectorAll("#kernel-table tr.chosen")) row.classList.remove("chosen");
  if (inside && node) {
    card.quiet = true; // the focus comes back, the card does not
    node.focus();
    card.quiet = false;
  }
}
