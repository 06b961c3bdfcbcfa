// The card of a point: every number with its interval, source and formula.

const card = { node: byId("card"), kept: false, index: -1, quiet: false };

function cardLines(p) {
  const flops = countOf(p, 0), [time, lo, hi, n] = p.time;
  const rows = [["Time", si(time, "s"), lo ? interval(time, lo, hi, "s") : "no interval", `clock, n = ${n}`], [operation(p) + "s", si(flops.value, operation(p)), "", flops.from]];
  view.levels.forEach((level, i) => {
    const bytes = countOf(p, i + 1);
    if (bytes) rows.push([`Bytes ${level}`, si(bytes.value, "B"), bytes.value > 0 ? `AI ${digits(flops.value / bytes.value)}` : "no traffic", bytes.from]);
    else rows.push([`Bytes ${level}`, "–", "", whyNone(p, i + 1)]);
  });
  return rows;
}

function formulas({ p, at }) {
  const flops = countOf(p, 0), bytes = countOf(p, view.levels.indexOf(at.level) + 1), roof = view.roofs[p.roof], op = operation(p);
  const list = [`performance = ${op}s ÷ time = ${si(flops.value, op)} ÷ ${si(p.time[0], "s")}`,
    `AI at ${at.level} = ${op}s ÷ bytes = ${si(flops.value, op)} ÷ ${si(bytes.value, "B")} = ${digits(at.x)} ${op}/B`];
  if (roof?.level) list.push(`attainable = AI at ${roof.level} × ${si(roof.v, "B/s")} = ${si(p.attainable, rateUnit(p))}`);
  else if (roof) list.push(`attainable = ${p.by} = ${si(roof.v, rateUnit(p))}${roof.lo ? " " + interval(roof.v, roof.lo, roof.hi, rateUnit(p)) : ""}`);
  return list;
}

function showCard(index, keep) {
  const item = chart.byIndex.get(index);
  if (!item || card.quiet || (card.kept && !keep)) return;
  const { p, at } = item;
  const close = html("button", { type: "button", class: "close", "aria-label": "Close the card" }, "×");
  close.addEventListener("click", () => hideCard(true));
  const parts = [close, html("h3", {}, html("span", { class: `chip ${p.family}`, "aria-hidden": "true" }), html("bdi", {}, p.id)),
    html("p", {}, html("b", { class: "big" }, si(at.y, rateUnit(p))), at.lo ? ` ${interval(at.y, at.lo, at.hi, rateUnit(p))}` : " no interval")];
  if (p.past) parts.push(html("p", {}, "of ", html("bdi", {}, p.past)));
  if (p.fraction) parts.push(html("p", {}, html("b", {}, percent(p.fraction)), ` of ${si(p.attainable, rateUnit(p))}, bound by ${view.bounds[p.by] || p.by}${p.above ? ": above its roof, so the ceiling or a count is wrong" : ""}`));
  const body = html("tbody", {}, ...cardLines(p).map(([name, value, more, source]) => html("tr", {}, html("th", { scope: "row" }, name), html("td", { class: "r nowrap" }, value), html("td", {}, more, more && source ? html("br") : "", html("bdi", { class: "muted" }, source)))));
  parts.push(html("table", {}, body), html("p", { class: "formula" }, ...formulas(item).flatMap((f, i) => i ? [html("br"), f] : [f])));
  if (p.run >= 0 && byId(`run-${p.run}`)) parts.push(html("p", {}, html("a", { href: `#run-${p.run}` }, "Details of this kernel")));
  card.node.replaceChildren(...parts);
  card.node.hidden = false;
  card.node.classList.toggle("kept", keep);
  Object.assign(card, { kept: keep, index });
  chart.held = index;
  placePoints();
  for (const [i, n] of chart.nodes) {
    const on = keep && i === index;
    if (n.classList.contains("chosen") !== on) n.classList.toggle("chosen", on), n.setAttribute("aria-pressed", String(on));
  }
  for (const row of document.querySelectorAll("#kernel-table tr.chosen")) row.classList.remove("chosen");
  document.querySelector(`#kernel-table tr[data-run="${p.run}"]`)?.classList.add("chosen");
  placeCard(chart.nodes.get(index));
}

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
  chart.held = -1;
  for (const n of document.querySelectorAll(".point.chosen")) n.classList.remove("chosen"), n.setAttribute("aria-pressed", "false");
  for (const row of document.querySelectorAll("#kernel-table tr.chosen")) row.classList.remove("chosen");
  if (inside && node) {
    card.quiet = true; // the focus comes back, the card does not
    node.focus();
    card.quiet = false;
  }
  if (chart.crowded) placePoints();
}
