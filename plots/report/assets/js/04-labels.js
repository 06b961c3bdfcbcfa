// Labels that keep off each other: a list of taken boxes, and text widths from the font itself.

const ruler = document.createElement("canvas").getContext("2d");
const family = 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif';

function widthOf(text, size, bold) {
  ruler.font = `${bold ? 600 : 400} ${size}px ${family}`;
  return ruler.measureText(text).width;
}

class Room {
  constructor(box) {
    this.box = box;
    this.taken = [];
    this.lines = []; // better not crossed
  }
  add(x0, y0, x1, y1) {
    this.taken.push([x0, y0, x1, y1]);
  }
  free([x0, y0, x1, y1]) {
    const b = this.box;
    if (x0 < b.left + 2 || x1 > b.right - 2 || y0 < b.top + 2 || y1 > b.bottom - 2) return false;
    return !this.taken.some(t => x0 < t[2] && t[0] < x1 && y0 < t[3] && t[1] < y1);
  }
  // near finds a place for w × h pixels beside (x, y), null where all are taken; first one that no line crosses.
  near(x, y, r, w, h) {
    for (const clear of [true, false]) {
      for (const d of [r + 4, r + 16, r + 30]) {
        const e = 0.7 * d;
        for (const [cx, cy] of [[d, -h / 2], [-d - w, -h / 2], [e, -e - h], [e, e], [-e - w, -e - h], [-e - w, e], [-w / 2, -d - h], [-w / 2, d]]) {
          const box = [x + cx - 2, y + cy - 1, x + cx + w + 2, y + cy + h + 1];
          if (!this.free(box) || clear && this.crossed(box)) continue;
          this.add(...box);
          return [x + cx, y + cy, x + cx + w, y + cy + h];
        }
      }
    }
    return null;
  }
  crossed([left, top, right, bottom]) {
    return this.lines.some(([a, b]) => clip({ left, top, right, bottom }, a, b));
  }
  // along finds a place for a text on a line: boxes one behind the other stand for a rotated text.
  along([[ax, ay], [bx, by]], w, size, fromEnd) {
    const length = Math.hypot(bx - ax, by - ay);
    const ux = (bx - ax) / length, uy = (by - ay) / length, nx = uy, ny = -ux;
    for (let s = 8; s + w + 6 <= length; s += 8) {
      const begin = fromEnd ? length - s - w : s;
      for (const off of [5, -size - 2]) {
        const boxes = [];
        for (let c = 0; c <= w; c += size / 2) {
          const x = ax + ux * (begin + c) + nx * (off + size / 2 - 2), y = ay + uy * (begin + c) + ny * (off + size / 2 - 2);
          boxes.push([x - size / 2, y - size / 2, x + size / 2, y + size / 2]);
        }
        if (boxes.every(b => this.free(b))) {
          for (const b of boxes) this.add(...b);
          return { x: ax + ux * begin + nx * off, y: ay + uy * begin + ny * off, angle: Math.atan2(uy, ux) * 180 / Math.PI };
        }
      }
    }
    return null;
  }
}
