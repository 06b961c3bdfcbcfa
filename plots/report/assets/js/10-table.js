// The table of kernels: all of them, sorted and filtered, a page at a time.

const table = { rows: new Map(), order: [], from: 0, page: 100 };

// rowOf is the row of a point: the one that the page came with, or a copy of one with the numbers of the point.
function rowOf(p) {
  let row = table.rows.get(p.run);
  if (row) return row;
  row = table.rows.values().next().value.cloneNode(true);
  row.dataset.run = p.run;
  row.className = "";
  const flops = p.counts[0][0], pm = p.time[1] ? html("small", {}, `±${digits(50 * (p.time[2] - p.time[1]) / p.time[0], 2)} %`) : "";
  const cells = [...row.cells];
  fill(cells[0].firstElementChild, { "aria-label": `Show ${p.name} in the chart` }, []);
  cells[0].firstElementChild.checked = !state.off.has(p.run);
  cells[1].textContent = p.run + 1;
  cells[2].replaceChildren(html("span", { class: `chip ${p.family}`, "aria-hidden": "true" }), html("bdi", { title: p.id }, p.name));
  cells[3].replaceChildren(si(p.time[0], "s"), " ", pm);
  cells[4].replaceChildren(p.rate ? si(p.rate, p.unit || "FLOP/s") : "–", " ", p.rate && pm ? pm.cloneNode(true) : "");
  view.levels.forEach((level, i) => {
    const bytes = p.counts[i + 1][0], known = flops?.[0] > 0 && bytes?.[0] > 0;
    cells[5 + i].textContent = known ? digits(flops[0] / bytes[0]) : "–";
    cells[5 + i].title = known ? `${si(flops[0], operation(p))} ÷ ${si(bytes[0], "B")}, bytes ${view.words[bytes[2]]}` : whyNone(p, i + 1);
  });
  const share = cells[9], bar = svg("svg", { class: "bar", "aria-hidden": "true" }, svg("rect", { width: `${Math.min(100 * (p.fraction || 0), 100)}%`, height: "100%" }));
  share.replaceChildren(p.fraction ? bar : "", p.fraction ? ` ${percent(p.fraction)}` : "–", p.above ? html("b", { class: "alarm" }, " above") : "");
  cells[10].textContent = p.bound || "–";
  cells[11].textContent = flops && flops[0] !== null ? view.words[flops[2]] : "not counted";
  cells[11].title = flops && flops[0] !== null ? si(flops[0], operation(p)) : "";
  table.rows.set(p.run, row);
  return row;
}

// fillTable shows a page of the kernels that the reader typed the words of.
function fillTable(from) {
  const body = byId("kernel-table")?.tBodies[0];
  if (!body) return;
  const list = table.order.filter(matches), n = list.length;
  table.from = Math.min(Math.max(0, from), Math.max(0, Math.ceil(n / table.page) - 1) * table.page);
  const to = Math.min(table.from + table.page, n);
  body.replaceChildren(...list.slice(table.from, to).map(rowOf));
  byId("pages").hidden = n <= table.page;
  byId("page").textContent = `${table.from + 1} to ${to} of ${n} kernels`;
  byId("page-before").disabled = table.from === 0;
  byId("page-after").disabled = to === n;
}

function bindTable() {
  const node = byId("kernel-table");
  if (!node) return;
  for (const row of node.tBodies[0].rows) table.rows.set(Number(row.dataset.run), row);
  table.order = view.points.filter(p => !p.past);
  node.addEventListener("change", e => {
    const run = Number(e.target.closest("tr").dataset.run);
    e.target.checked ? state.off.delete(run) : state.off.add(run);
    refresh();
  });
  const keys = { time: p => p.time[0], rate: p => p.rate || 0, share: p => p.fraction || 0 };
  for (const th of node.querySelectorAll("[data-sort]")) {
    const button = html("button", { type: "button" }, th.textContent);
    th.replaceChildren(button);
    th.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const up = th.getAttribute("aria-sort") !== "ascending", key = keys[th.dataset.sort];
      for (const other of node.querySelectorAll("[data-sort]")) other.setAttribute("aria-sort", other === th ? (up ? "ascending" : "descending") : "none");
      table.order.sort((a, b) => (up ? 1 : -1) * (key(a) - key(b)));
      fillTable(0);
    });
  }
  byId("page-before").addEventListener("click", () => fillTable(table.from - table.page));
  byId("page-after").addEventListener("click", () => fillTable(table.from + table.page));
  window.addEventListener("beforeprint", () => { table.page = 400; fillTable(0); });
  window.addEventListener("afterprint", () => { table.page = 100; fillTable(0); });
  fillTable(0);
}
