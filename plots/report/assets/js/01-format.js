// Numbers as text, and elements. Text always goes in as text, never as markup: it may come from anybody.

const prefixes = ["p", "n", "µ", "m", "", "k", "M", "G", "T", "P"];

// digits writes v with n significant digits and no exponent.
function digits(v, n = 3) {
  if (!isFinite(v)) return "–";
  if (v === 0) return "0";
  const rounded = Number(v.toPrecision(n));
  return rounded.toFixed(Math.max(0, n - 1 - Math.floor(Math.log10(Math.abs(rounded)) + 1e-9)));
}

// si writes v with three digits and the prefix of the powers of 1000 that suits it.
function si(v, unit) {
  if (v === null || !isFinite(v)) return "–";
  if (v === 0) return "0 " + unit;
  const i = prefixOf(v);
  return `${digits(v / 1000 ** i)} ${prefixes[i + 4]}${unit}`.trim();
}

const percent = f => (f < 0.0095 ? digits(100 * f, 1) : (100 * f).toFixed(0)) + " %";

// interval writes the bounds of a value, in one unit, and half their distance relative to it.
function interval(v, lo, hi, unit) {
  if (lo === null || hi === null || !isFinite(lo) || !isFinite(hi)) return "no interval";
  const k = 1000 ** prefixOf(v);
  return `±${digits(50 * (hi - lo) / v, 2)} % [${digits(lo / k, 4)}, ${digits(hi / k, 4)}] ${prefixes[prefixOf(v) + 4]}${unit}`;
}

// prefixOf is the power of 1000 that suits v.
const prefixOf = v => Math.min(Math.max(Math.floor(Math.log10(Math.abs(Number(v.toPrecision(3)))) / 3 + 1e-9), -4), 5);

// tick writes a value of an axis: 0.1, 20, 500 M, 1 G.
function tick(v) {
  if (v === 0) return "0";
  if (Math.abs(v) < 1) return String(Number(v.toPrecision(6)));
  const i = Math.min(Math.floor(Math.log10(v) / 3 + 1e-9), 5);
  return `${Number((v / 1000 ** i).toPrecision(6))} ${prefixes[i + 4]}`.trim();
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

const html = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
const svg = (name, attributes, ...children) => fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
const byId = id => document.getElementById(id);
