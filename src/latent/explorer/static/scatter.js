// A view of a latent space: embeddings as dots, with a crosshair, pins and the decoded image.
//
// Places are relative to the view: u from 0 at the left to 1 at the right, v from 0 at the top to 1
// at the bottom. Linked views share them.

import { toCanvas } from "./images.js";
import { colour, drawSymbol } from "./legend.js";

const IMAGE = 96; // CSS pixels: longer side of the image at the crosshair
const OFFSET = 14; // between the crosshair and its image
const MARGIN = 1.08; // of the square around all embeddings
const CLICK = 5; // CSS pixels: a longer movement is a drag
const STEP = 0.02; // of the view, by an arrow key
const LONG_STEP = 0.1; // with Shift

export class Scatter {
  /**
   * @param canvas where to draw
   * @param model as the server describes it
   * @param plane the embeddings, and the plane they are shown in
   * @param on called with places: `hovered(scatter, place)` by a pointer that is not down,
   *   `moved(scatter, place, from)` by a pointer that is down or a key, `pinned(place)`,
   *   `dragged(from, to)` and `removed()`
   */
  constructor(canvas, model, plane, on) {
    Object.assign(this, { canvas, model, plane, on });
    this.base = document.createElement("canvas"); // the dots, which change rarely
    this.hidden = new Set(); // labels
    this.emphasised = null; // label
    this.place = { u: 0.5, v: 0.5 };
    this.image = null; // canvas with the decoded image
    this.pins = [];
    this.line = null; // from A to B
    this.marked = null; // index of a dot with a ring
    const [x, y] = [0, 1].map((axis) => plane.points.map((point) => point[axis]));
    const [left, right] = [Math.min(...x), Math.max(...x)];
    const [bottom, top] = [Math.min(...y), Math.max(...y)];
    // The same scale for both axes, so that distances in the view are distances in the latent space.
    this.half = (MARGIN * Math.max(right - left, top - bottom, 1e-6)) / 2;
    this.centre = [(left + right) / 2, (bottom + top) / 2];
    this.listen();
    new ResizeObserver(() => this.resize()).observe(canvas);
  }

  /** The coordinates of a place in the plane. */
  coordinates({ u, v }) {
    return [this.centre[0] + (2 * u - 1) * this.half, this.centre[1] - (2 * v - 1) * this.half];
  }

  /** The point of the latent space at a place. */
  point(place) {
    const [x, y] = this.coordinates(place);
    const { origin, basis } = this.plane;
    return origin.map((value, i) => value + x * basis[0][i] + y * basis[1][i]);
  }

  /** The place of a point of the plane. */
  placeOf([x, y]) {
    return {
      u: 0.5 + (x - this.centre[0]) / (2 * this.half),
      v: 0.5 - (y - this.centre[1]) / (2 * this.half),
    };
  }

  /** The index of the dot nearest to a place, among the classes shown; null without dots. */
  nearestDot(place) {
    const [x, y] = this.coordinates(place);
    const { points, labels, axes } = this.plane;
    const height = axes[1] ? 1 : 0; // of one dimension, the height has no meaning
    let best = null;
    let least = Infinity;
    for (let i = 0; i < points.length; i++) {
      if (this.hidden.has(labels[i])) continue;
      const distance = (points[i][0] - x) ** 2 + height * (points[i][1] - y) ** 2;
      if (distance < least) [best, least] = [i, distance];
    }
    return best;
  }

  setImage(pixels) {
    this.image = pixels && toCanvas(pixels, this.model.shape);
    this.paint();
  }

  resize() {
    const side = this.canvas.clientWidth;
    if (!side) return; // the view is hidden
    this.ratio = devicePixelRatio || 1;
    for (const canvas of [this.canvas, this.base]) {
      canvas.width = canvas.height = Math.round(side * this.ratio);
    }
    this.side = side;
    this.redraw();
  }

  /** Draw everything again, after a change of colours or classes. */
  redraw() {
    if (!this.side) return;
    const context = this.base.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.side, this.side);
    this.drawAxes(context);
    const { points, labels } = this.plane;
    const radius = points.length > 3000 ? 1.8 : 2.3;
    const order = labels.length ? [...new Set(labels)].sort((a, b) => a - b) : [null];
    for (const label of order) {
      if (this.hidden.has(label)) continue;
      context.fillStyle = colour(this.canvas, label);
      context.globalAlpha = this.emphasised === null ? 0.75 : this.emphasised === label ? 1 : 0.12;
      for (let i = 0; i < points.length; i++) {
        if (label !== null && labels[i] !== label) continue;
        const { u, v } = this.placeOf(points[i]);
        drawSymbol(context, label ?? 0, u * this.side, v * this.side, radius);
      }
    }
    context.globalAlpha = 1;
    this.paint();
  }

  drawAxes(context) {
    const style = getComputedStyle(this.canvas);
    const [soft, rule] = ["--soft", "--rule"].map((name) => style.getPropertyValue(name));
    const step = niceStep(this.half);
    context.font = `11px ${style.fontFamily}`;
    context.lineWidth = 1;
    for (const axis of [0, 1]) {
      const low = this.centre[axis] - this.half;
      for (let tick = Math.ceil(low / step) * step; tick < low + 2 * this.half; tick += step) {
        const { u, v } = this.placeOf(axis === 0 ? [tick, 0] : [0, tick]);
        const at = Math.round((axis === 0 ? u : v) * this.side) + 0.5;
        context.strokeStyle = rule;
        context.globalAlpha = Math.abs(tick) < step / 2 ? 1 : 0.45;
        context.beginPath();
        context.moveTo(axis === 0 ? at : 0, axis === 0 ? 0 : at);
        context.lineTo(axis === 0 ? at : this.side, axis === 0 ? this.side : at);
        context.stroke();
        context.globalAlpha = 1;
        context.fillStyle = soft;
        const text = String(Number(tick.toPrecision(6))).replace("-", "−");
        if (axis === 0) context.fillText(text, at + 3, this.side - 5);
        else if (at < this.side - 24) context.fillText(text, 4, at - 3);
      }
    }
  }

  /** Draw the dots, and on top of them what changes often. */
  paint() {
    if (!this.side) return;
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.base, 0, 0);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const style = getComputedStyle(this.canvas);
    const [ink, paper, accent] = ["--ink", "--page", "--accent"].map((name) => style.getPropertyValue(name));
    context.font = `600 12px ${style.fontFamily}`;
    if (this.line) this.drawLine(context, accent, paper);
    for (const [index, pin] of this.pins.entries()) this.drawPin(context, pin, index + 1, ink, paper);
    if (this.marked !== null) {
      const { u, v } = this.placeOf(this.plane.points[this.marked]);
      this.outlined(context, accent, paper, () => context.arc(u * this.side, v * this.side, 7, 0, 2 * Math.PI));
    }
    const [x, y] = [this.place.u * this.side, this.place.v * this.side];
    this.outlined(context, ink, paper, () => {
      context.moveTo(x - 9, y);
      context.lineTo(x + 9, y);
      context.moveTo(x, y - 9);
      context.lineTo(x, y + 9);
    });
    if (this.image) this.drawImage(context, x, y, ink, paper);
  }

  /** Draw a path in a colour, on a wider one in the colour of the page, so that it is seen on dots. */
  outlined(context, ink, paper, path) {
    for (const [stroke, width] of [[paper, 5], [ink, 2]]) {
      context.strokeStyle = stroke;
      context.lineWidth = width;
      context.beginPath();
      path();
      context.stroke();
    }
  }

  drawLine(context, accent, paper) {
    const [a, b] = this.line.map(({ u, v }) => [u * this.side, v * this.side]);
    this.outlined(context, accent, paper, () => {
      context.moveTo(...a);
      context.lineTo(...b);
    });
    for (const [name, [x, y]] of [["A", a], ["B", b]]) this.drawDisc(context, name, x, y, accent, paper);
  }

  drawPin(context, { u, v }, number, ink, paper) {
    this.drawDisc(context, String(number), u * this.side, v * this.side, ink, paper);
  }

  drawDisc(context, text, x, y, ink, paper) {
    context.fillStyle = ink;
    context.strokeStyle = paper;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, 9, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
    context.fillStyle = paper;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(text, x, y + 0.5);
    context.textAlign = "start";
    context.textBaseline = "alphabetic";
  }

  drawImage(context, x, y, ink, paper) {
    const scale = IMAGE / Math.max(this.image.width, this.image.height);
    const [width, height] = [this.image.width * scale, this.image.height * scale];
    const left = x + OFFSET + width <= this.side ? x + OFFSET : x - OFFSET - width;
    const top = y - OFFSET - height >= 0 ? y - OFFSET - height : y + OFFSET;
    context.fillStyle = paper;
    context.fillRect(left - 3, top - 3, width + 6, height + 6);
    context.strokeStyle = ink;
    context.lineWidth = 1;
    context.strokeRect(left - 1.5, top - 1.5, width + 3, height + 3);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.image, left, top, width, height);
  }

  listen() {
    const { canvas, on } = this;
    let from = null;
    const placeAt = (event) => {
      const box = canvas.getBoundingClientRect();
      const bound = (value) => Math.min(Math.max(value, 0), 1);
      return {
        u: bound((event.clientX - box.left) / box.width),
        v: bound((event.clientY - box.top) / box.height),
      };
    };
    const distance = (a, b) => Math.hypot(a.u - b.u, a.v - b.v) * this.side;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      from = placeAt(event);
      on.moved(this, from);
    });
    canvas.addEventListener("pointermove", (event) => {
      const to = placeAt(event);
      if (!from) on.hovered(this, to);
      else on.moved(this, to, distance(from, to) > CLICK ? from : null);
    });
    canvas.addEventListener("pointerup", (event) => {
      if (!from) return;
      const [begin, end] = [from, placeAt(event)];
      from = null;
      if (distance(begin, end) > CLICK) on.dragged(begin, end);
      else on.pinned(begin);
    });
    canvas.addEventListener("pointercancel", () => { from = null; });
    canvas.addEventListener("keydown", (event) => {
      const step = event.shiftKey ? LONG_STEP : STEP;
      const { u, v } = this.place;
      const next = {
        ArrowLeft: [u - step, v],
        ArrowRight: [u + step, v],
        ArrowUp: [u, v - step],
        ArrowDown: [u, v + step],
      }[event.key];
      if (next) {
        const [newU, newV] = next.map((value) => Math.min(Math.max(value, 0), 1));
        on.moved(this, { u: newU, v: newV });
      } else if (event.key === "Enter") on.pinned(this.place);
      else if (event.key === "Delete" || event.key === "Backspace") on.removed();
      else return;
      event.preventDefault();
    });
  }
}

/** A round distance between ticks, for about five of them. */
function niceStep(half) {
  const rough = (2 * half) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
}
