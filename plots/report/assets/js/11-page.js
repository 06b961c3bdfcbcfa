// Controls, theme, tables, and the start.

const unique = list => [...new Set(list)];

function fillControls() {
  const check = (set, value, text) => {
    const box = html("input", { type: "checkbox", checked: true, value });
    box.addEventListener("change", () => {
      box.checked ? set.add(value) : set.delete(value);
      refresh();
    });
    return html("label", {}, box, " ", text);
  };
  byId("levels").append(...view.levels.map(l => check(state.levels, l, l)));
  const used = unique(view.points.map(p => p.family).concat(Object.values(view.lines).flat().flatMap(l => l.families || [])));
  byId("families").append(...Object.keys(familyNames).filter(f => used.includes(f)).map(f => {
    const label = check(state.families, f, familyNames[f]);
    label.append(" ", html("span", { class: `chip ${f}`, "aria-hidden": "true" }));
    return label;
  }));
  const threads = unique(Object.keys(view.lines).map(Number).concat(view.points.map(p => p.threads))).sort((a, b) => a - b);
  byId("threads").append(...threads.map(n => html("option", { value: n, selected: n === state.threads }, String(n))));
  const have = new Set();
  for (const p of view.points) for (const c of p.counts.flat()) if (c[0] !== null) have.add(view.words[c[1]]);
  byId("source").append(html("option", { value: "best" }, "the best source"), ...sourceNames.filter(s => have.has(s)).map(s => html("option", { value: s }, s)));
}

// refresh draws after a choice that changes what there is to see.
function refresh() {
  hideCard(true);
  state.domain = null;
  choose();
  draw();
  byId("say").textContent = byId("chart-note").textContent;
}

function bindControls() {
  const on = (id, event, f) => byId(id)?.addEventListener(event, f);
  on("threads", "change", e => (state.threads = Number(e.target.value), refresh()));
  on("source", "change", e => (state.source = e.target.value, refresh()));
  on("scale", "change", e => (state.scale = e.target.value, refresh()));
  on("find", "input", e => (state.find = e.target.value.trim(), fillTable(0), refresh()));
  for (const name of ["names", "theory", "past"]) on(name, "change", e => (state[name] = e.target.checked, refresh()));
  on("zoom-in", "click", () => zoom(1.5));
  on("zoom-out", "click", () => zoom(1 / 1.5));
  on("zoom-reset", "click", reset);
  byId("controls").addEventListener("submit", e => e.preventDefault());
}

function bindChart() {
  const holder = byId("chart");
  const indexOf = target => { const g = target.closest?.(".point[data-index]"); return g ? Number(g.dataset.index) : -1; };
  const pointed = e => { // the point under the mouse
    if (!chart.crowded || !holder.contains(e.target)) return indexOf(e.target);
    const r = holder.getBoundingClientRect();
    return nearest(e.clientX - r.left, e.clientY - r.top);
  };
  let drag = null;
  let hovered = false; // the card is there for the mouse; a point that is drawn anew under it tells nothing when it leaves
  document.addEventListener("pointermove", e => {
    const i = drag ? -1 : pointed(e);
    if (i >= 0 && (!hovered || i !== card.index)) hovered = true, showCard(i, false);
    else if (i < 0 && hovered) hovered = false, hideCard(false);
  });
  holder.addEventListener("focusin", e => { const i = indexOf(e.target); if (i >= 0) chart.focus = i, showCard(i, card.kept); });
  holder.addEventListener("focusout", e => { if (!card.node.contains(e.relatedTarget)) hideCard(false); });
  holder.addEventListener("click", e => { const i = pointed(e); if (i >= 0) showCard(i, true); else if (!drag?.moved) hideCard(true); });
  holder.addEventListener("pointerdown", e => { if (e.button === 0 && e.pointerType !== "touch") drag = { x: e.clientX, y: e.clientY, moved: false }; });
  window.addEventListener("pointermove", e => {
    if (!drag || !(e.buttons & 1)) return;
    const b = chart.axes.box, dx = e.clientX - drag.x, dy = e.clientY - drag.y;
    if (!drag.moved && Math.hypot(dx, dy) < 4) return;
    holder.classList.add("moving");
    hideCard(true);
    move(-dx / (b.right - b.left), dy / (b.bottom - b.top));
    drag = { x: e.clientX, y: e.clientY, moved: true };
  });
  window.addEventListener("pointerup", () => { holder.classList.remove("moving"); setTimeout(() => drag = null); });
  holder.addEventListener("wheel", e => {
    if (!e.ctrlKey && !e.metaKey) return;
    e.preventDefault();
    const r = holder.getBoundingClientRect(), b = chart.axes.box;
    zoom(Math.exp(-e.deltaY / 300), (e.clientX - r.left - b.left) / (b.right - b.left), (b.bottom - (e.clientY - r.top)) / (b.bottom - b.top));
  }, { passive: false });
  holder.addEventListener("keydown", e => {
    const i = indexOf(e.target), by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: "first", End: "last" }[e.key];
    if (i < 0 || e.ctrlKey || e.metaKey || e.altKey) return;
    if (by) step(i, by);
    else if (e.key === "Enter" || e.key === " ") { showCard(i, true); card.node.focus(); }
    else if (e.key === "+" || e.key === "=") zoom(1.5);
    else if (e.key === "-") zoom(1 / 1.5);
    else if (e.key === "0") reset();
    else return;
    e.preventDefault();
  });
  document.addEventListener("keydown", e => { if (e.key === "Escape") hideCard(true); });
  let width = holder.clientWidth;
  new ResizeObserver(() => { if (holder.clientWidth !== width) width = holder.clientWidth, hideCard(true), later(); }).observe(holder);
}

// bindDetails shows the section of one kernel at a time.
function bindDetails() {
  const which = byId("which"), sections = [...document.querySelectorAll(".detail")];
  if (!which) return;
  const show = id => {
    for (const s of sections) s.hidden = s.id !== id;
    which.value = id.replace("run-", "");
  };
  const follow = () => {
    const id = location.hash.slice(1);
    if (!sections.some(s => s.id === id)) return;
    show(id);
    byId(id).scrollIntoView();
    byId(id).focus({ preventScroll: true });
  };
  const by = n => show(sections[(sections.findIndex(s => !s.hidden) + n + sections.length) % sections.length].id);
  which.addEventListener("change", () => show("run-" + which.value));
  byId("previous").addEventListener("click", () => by(-1));
  byId("next").addEventListener("click", () => by(1));
  window.addEventListener("hashchange", () => { hideCard(true); follow(); });
  if (sections.length) show(sections[0].id);
  follow();
}

// bindTheme changes colours; what is on the canvas is drawn anew in them. Paper is light.
function bindTheme() {
  const root = document.documentElement, theme = byId("theme"), sight = byId("sight");
  const repaint = () => { crowd.sheet = null; if (chart.axes) draw(); };
  const choice = () => theme.value === "auto" ? delete root.dataset.theme : root.dataset.theme = theme.value;
  theme.addEventListener("change", () => { choice(); repaint(); });
  sight.addEventListener("click", () => {
    const on = sight.getAttribute("aria-pressed") !== "true";
    sight.setAttribute("aria-pressed", String(on));
    on ? root.dataset.sight = "safe" : delete root.dataset.sight;
    repaint();
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  let closed = []; // on paper nothing can be opened
  window.addEventListener("beforeprint", () => {
    root.dataset.theme = "light";
    closed = [...document.querySelectorAll("details.group:not([open])")];
    for (const d of closed) d.open = true;
    repaint();
  });
  window.addEventListener("afterprint", () => {
    choice();
    for (const d of closed) d.open = false;
    repaint();
  });
}

function bindDownload() {
  byId("download").addEventListener("click", async () => {
    const text = await unpacked("data").text();
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    const link = html("a", { href: url, download: view.name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  });
}

function start() {
  for (const node of document.querySelectorAll("[data-script]")) node.hidden = false;
  bindTheme();
  bindDownload();
  bindDetails();
  bindTable();
  if (!view.points.length && !Object.keys(view.lines).length) {
    for (const id of ["controls", "chart", "chart-note"]) byId(id).hidden = true;
    document.querySelector(".keys").hidden = true;
    return;
  }
  fillControls();
  bindControls();
  choose();
  draw(); // if this fails, the drawn chart stays
  bindChart();
  byId("drawn").hidden = true;
}

start();
document.documentElement.classList.replace("starting", "live"); // all of it answers
performance.mark("live");
