// What a checker of accessibility asks of a page, as a list of complaints: names of controls, language, headings, landmarks,
// ids, tables, order of focus, and contrast of all text against what lies behind it.
(() => {
  const complaints = [];
  const say = (what, node) => complaints.push(`${what}: <${node.tagName.toLowerCase()}${node.id ? "#" + node.id : ""} class="${node.getAttribute("class") || ""}"> ${(node.textContent || "").trim().slice(0, 40)}`);
  const seen = node => node.getClientRects().length > 0 && getComputedStyle(node).visibility !== "hidden";
  const all = selector => [...document.querySelectorAll(selector)];

  if (!document.documentElement.lang) complaints.push("no language");
  if (!document.title) complaints.push("no title");
  for (const landmark of ["header", "nav", "main", "footer"]) if (all(landmark).length !== 1) complaints.push(`${all(landmark).length} × <${landmark}>`);
  if (all("h1").length !== 1) complaints.push(`${all("h1").length} × <h1>`);

  const ids = new Map();
  for (const node of all("[id]")) ids.set(node.id, (ids.get(node.id) || 0) + 1);
  for (const [id, n] of ids) if (n > 1) complaints.push(`id ${id} occurs ${n} times`);
  for (const attribute of ["for", "aria-labelledby", "aria-describedby"]) {
    for (const node of all(`[${attribute}]`)) for (const id of node.getAttribute(attribute).split(/\s+/)) if (!ids.has(id)) say(`${attribute} names ${id}, which is not there`, node);
  }
  for (const node of all('a[href^="#"]')) if (!ids.has(node.getAttribute("href").slice(1))) say("leads nowhere", node);

  let depth = 0;
  for (const node of all("h1,h2,h3,h4,h5,h6").filter(seen)) {
    const level = Number(node.tagName[1]);
    if (level > depth + 1) say(`heading of level ${level} after ${depth}`, node);
    depth = level;
  }

  const nameOf = node => {
    const by = node.getAttribute("aria-labelledby");
    if (by) return by.split(/\s+/).map(id => document.getElementById(id)?.textContent || "").join(" ");
    if (node.getAttribute("aria-label")) return node.getAttribute("aria-label");
    if (node.labels?.length) return [...node.labels].map(l => l.textContent).join(" ");
    const title = node.querySelector?.(":scope > title");
    if (title) return title.textContent;
    return /^(input|select)$/i.test(node.tagName) ? "" : node.textContent;
  };
  for (const node of all("a[href],button,input,select,summary,[role=button],[role=region],[role=group],[role=img],article[aria-labelledby],section").filter(seen)) {
    if (!nameOf(node).trim()) say("no name", node);
  }
  for (const node of all("svg").filter(seen)) {
    if (!node.closest("[aria-hidden=true]") && !node.getAttribute("role") && !node.closest("[role=img],[role=group]")) say("a picture without role", node);
  }
  for (const node of all("[aria-hidden=true] :is(a,button,input,select,[tabindex])")) say("can have the focus, but is hidden", node);
  for (const table of all("table")) {
    if (!table.caption && !table.closest("#card")) say("a table without caption", table);
    for (const th of table.querySelectorAll("th")) if (!th.scope) say("a heading without scope", th);
  }
  for (const node of all("[tabindex]")) if (Number(node.getAttribute("tabindex")) > 0) say("its own order of focus", node);
  for (const node of all(".scroll").filter(seen)) {
    if (node.scrollWidth > node.clientWidth + 1 && node.tabIndex !== 0) say("scrolls, but not with the keyboard", node);
  }
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) complaints.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${document.documentElement.clientWidth}`);

  // Contrast, after WCAG 2: 4.5 for text, 3 for large text.
  const parse = text => { const m = text.match(/[\d.]+/g); return m && text !== "none" ? { r: +m[0], g: +m[1], b: +m[2], a: m[3] === undefined ? 1 : +m[3] } : null; };
  const over = (top, below) => ({ r: top.r * top.a + below.r * (1 - top.a), g: top.g * top.a + below.g * (1 - top.a), b: top.b * top.a + below.b * (1 - top.a), a: 1 });
  const light = c => { const f = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; return 0.2126 * f(c.r) + 0.7152 * f(c.g) + 0.0722 * f(c.b); };
  const behind = node => {
    const layers = [];
    for (let n = node; n; n = n.parentElement) {
      const c = parse(getComputedStyle(n).backgroundColor);
      if (c && c.a > 0) { layers.push(c); if (c.a === 1) break; }
    }
    return layers.reverse().reduce((below, top) => over(top, below), { r: 255, g: 255, b: 255, a: 1 });
  };
  const told = new Set();
  for (const node of all("body *")) {
    if (![...node.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || !seen(node) || node.closest(".unseen,script,style,title,desc,option")) continue;
    const style = getComputedStyle(node), svg = node.namespaceURI.endsWith("svg");
    const ink = parse(svg ? style.fill : style.color), paper = behind(node);
    if (!ink) continue;
    const [a, b] = [light(over(ink, paper)), light(paper)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
    const contrast = (a + 0.05) / (b + 0.05);
    const key = `${node.tagName} ${node.getAttribute("class")} ${contrast.toFixed(2)}`;
    if (contrast < (large ? 3 : 4.5) && !told.has(key)) { told.add(key); say(`contrast ${contrast.toFixed(2)}`, node); }
  }
  return complaints;
})()
