// A crowd: more points than can be told apart are stamps on a canvas, which takes milliseconds where elements would take a
// second. The points in hand (focused, pointed at, chosen) are elements above it.

const many = 150; // points in the frame from which on they are a crowd
const crowd = { canvas: html("canvas", { "aria-hidden": "true" }), stamps: new Map(), sheet: null, ratio: 0 };
const stampSize = 16; // pixels of the page

// stampOf is the place on the sheet of what a point looks like: its operation, its instruction set, hollow when past.
function stampOf({ p }) {
  const look = [view.words[p.kernel], p.family, p.past ? "past" : ""], key = look.join("\n");
  let stamp = crowd.stamps.get(key);
  if (!stamp) {
    crowd.stamps.set(key, stamp = { place: crowd.stamps.size, look });
    crowd.sheet = null;
  }
  return stamp.place;
}

// inked resolves a colour of the style sheet for an element of a class.
function inked(name, className) {
  const probe = html("span", { class: className || "", hidden: true });
  probe.style.color = `var(${name})`;
  byId("chart").append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

// drawSheet draws each look once, in the colours of now.
function drawSheet(ratio) {
  const side = Math.ceil(stampSize * ratio), sheet = new OffscreenCanvas(side * crowd.stamps.size, side), c = sheet.getContext("2d");
  const paper = inked("--paper"), hues = {};
  for (const { place, look: [kernel, family, past] } of crowd.stamps.values()) {
    c.setTransform(ratio, 0, 0, ratio, (place + 0.5) * side, side / 2);
    const hue = hues[family] ||= inked("--hue", `f-${family}`), shape = new Path2D(glyph(kernel, past ? 3.8 : 4.4));
    Object.assign(c, { fillStyle: past ? paper : hue, strokeStyle: past ? hue : paper, lineWidth: past ? 1.4 : 1 });
    c.fill(shape);
    c.stroke(shape);
  }
  crowd.sheet = sheet.transferToImageBitmap();
  crowd.ratio = ratio;
}

// drawCrowd stamps all points onto a canvas that lies over the whole chart.
function drawCrowd(box, items, width, height) {
  const { canvas } = crowd, ratio = window.devicePixelRatio || 1, c = canvas.getContext("2d");
  const w = Math.round(width * ratio), h = Math.round(height * ratio);
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  else c.clearRect(0, 0, w, h);
  canvas.hidden = !items.length;
  if (!items.length) return;
  if (!crowd.sheet || crowd.ratio !== ratio) drawSheet(ratio);
  const side = Math.ceil(stampSize * ratio);
  c.save();
  c.beginPath();
  c.rect(box.left * ratio, box.top * ratio, (box.right - box.left) * ratio, (box.bottom - box.top) * ratio);
  c.clip();
  for (const { stamp, x, y } of items) c.drawImage(crowd.sheet, stamp * side, 0, side, side, Math.round(x * ratio - side / 2), Math.round(y * ratio - side / 2), side, side);
  c.restore();
}

// nearest is the index of the point of a crowd under a place of the chart, the upper one of two; −1 where there is none.
function nearest(x, y) {
  let best = -1, least = 81; // within 9 pixels
  for (const i of chart.visible) {
    const d = (i.x - x) ** 2 + (i.y - y) ** 2;
    if (d <= least) [best, least] = [i.index, d];
  }
  return best;
}
