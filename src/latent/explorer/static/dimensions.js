// The view "Dimensions": changes single dimensions of the latent space.

import { decode, latest } from "./api.js";
import { clear, draw, savePng, toCanvas } from "./images.js";
import { createPicker } from "./model.js";
import { createSource } from "./source.js";
import { readNumber } from "./state.js";

const STRIP = 9; // images
const REST = 150; // milliseconds without a movement, after which the strips are decoded

const short = (value) => `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)}`;

function explain(model) {
  const rest = model.latent_dim > model.dimensions.length ? ` ${model.dimensions.length} of ${model.latent_dim} are shown.` : "";
  const [first] = model.dimensions;
  if (first.kl !== null) {
    return `The dimensions with the largest KL divergence from the prior come first: they contain the most information about an image.${rest} Each strip changes one dimension and keeps the others.`;
  }
  if (first.std !== null) {
    return `An autoencoder has no KL divergence. The dimensions in which the embeddings have the largest standard deviation come first.${rest} Each strip changes one dimension and keeps the others.`;
  }
  return `Without the embeddings, the dimensions are in the order of their indices.${rest} Each strip changes one dimension and keeps the others.`;
}

export function createDimensions(panel, page) {
  const find = (selector) => panel.querySelector(selector);
  const list = find(".traversals");
  const reset = find(".reset");
  let model = null;
  let start = null;
  let z = [];
  let pixels = null;
  let resting = 0;
  let pending = new Map(); // values from the address, until the first image is there
  let restored = new URLSearchParams();

  const source = createSource(find(".source"), "Image to start from", page, (image) => {
    start = image;
    z = [...image.z];
    for (const dimension of model.dimensions) {
      const { index } = dimension;
      const [low, high] = range(dimension);
      if (pending.has(index)) z[index] = Math.min(Math.max(pending.get(index), low), high);
    }
    pending = new Map();
    draw(find(".start canvas"), image.original ?? image.reconstruction, model.shape);
    find(".start figcaption").textContent = image.original ? "Original" : "Sample";
    buildRows();
    page.changed("dimensions");
    return update();
  });

  /** Decode the image at once, and the strips when the slider rests: they take much longer. */
  function update() {
    updateImage();
    clearTimeout(resting);
    resting = setTimeout(updateStrips, REST);
  }

  const updateImage = latest(async () => {
    const used = model;
    const [[image]] = await decode([{ model: used, z: [z] }]);
    if (used !== model) return; // replaced meanwhile
    pixels = image;
    draw(find(".changed canvas"), pixels, used.shape);
  }, page.fail);

  const updateStrips = latest(async () => {
    const [used, point, rows] = [model, [...z], [...list.children]];
    const points = rows.flatMap((row) => values(row).map((value) => point.with(row.dataset.index, value)));
    const [images] = await decode([{ model: used, z: points }]);
    if (used !== model) return;
    const canvases = rows.flatMap((row) => [...row.querySelectorAll("canvas")]);
    for (const [index, canvas] of canvases.entries()) draw(canvas, images[index], used.shape);
  }, page.fail);

  /** The least and the greatest value of a slider. They contain the value of the image. */
  function range({ index, low, high }) {
    return [Math.min(low, start.z[index]), Math.max(high, start.z[index])];
  }

  /** The values of a dimension in its strip: evenly spaced over the range of its slider. */
  function values(row) {
    const slider = row.querySelector("input");
    const [low, high] = [Number(slider.min), Number(slider.max)];
    return Array.from({ length: STRIP }, (_, i) => low + ((high - low) * i) / (STRIP - 1));
  }

  function buildRows() {
    const blank = new Uint8Array(model.shape[0] * model.shape[1] * model.shape[2]);
    list.replaceChildren(...model.dimensions.map((dimension) => {
      const { index, kl, std } = dimension;
      const row = document.createElement("div");
      row.className = "traversal";
      row.dataset.index = index;
      const measure = kl !== null ? `KL ${kl.toFixed(2)} nats` : std !== null ? `standard deviation ${std.toFixed(2)}` : "";
      row.innerHTML = '<div class="bar"><label></label><span class="hint"></span><span class="value"></span></div><div class="strip" aria-hidden="true"></div><input type="range" step="any">';
      const slider = row.querySelector("input");
      slider.id = `dimension-${index}`;
      [slider.min, slider.max] = range(dimension);
      slider.value = z[index];
      const label = row.querySelector("label");
      label.htmlFor = slider.id;
      label.innerHTML = `z<sub>${index + 1}</sub>`;
      slider.setAttribute("aria-label", `z ${index + 1}`);
      slider.setAttribute("aria-description", measure);
      row.querySelector(".hint").textContent = measure;
      row.querySelector(".strip").append(...values(row).map(() => toCanvas(blank, model.shape)));
      slider.addEventListener("input", () => {
        z[index] = Number(slider.value);
        mark();
        update();
      });
      slider.addEventListener("change", () => page.changed("dimensions"));
      return row;
    }));
    mark();
  }

  /** Show the values, and where they are in the strips. */
  function mark() {
    for (const row of list.children) {
      const slider = row.querySelector("input");
      const place = ((z[row.dataset.index] - slider.min) / (slider.max - slider.min)) * (STRIP - 1);
      row.querySelector(".value").textContent = short(z[row.dataset.index]);
      for (const [i, canvas] of row.querySelectorAll("canvas").entries()) {
        canvas.classList.toggle("current", i === Math.round(place));
      }
    }
    reset.disabled = changed().length === 0;
  }

  const changed = () => (start ? model.dimensions.filter(({ index }) => z[index] !== start.z[index]) : []);

  const picker = createPicker(panel, page.models, (loaded) => {
    model = loaded;
    start = null;
    clear(find(".changed canvas"));
    list.replaceChildren();
    find(".explanation").textContent = explain(model);
    pending = new Map();
    for (const entry of restored.getAll("z")) {
      const [number, value] = entry.split(":").map(readNumber);
      if (value !== null && model.dimensions.some(({ index }) => index + 1 === number)) pending.set(number - 1, value);
    }
    const from = restored.get("from");
    restored = new URLSearchParams();
    return source.use(model, from);
  });

  reset.addEventListener("click", () => {
    z = [...start.z];
    buildRows();
    page.changed("dimensions");
    update();
  });
  find(".download").addEventListener("click", () => {
    if (pixels) savePng(pixels, model.shape, `${model.name}_dimensions.png`);
  });

  return {
    restore(parameters) {
      restored = parameters;
      return picker.select(parameters.get("model"));
    },
    state: () => [
      ["model", picker.name()],
      ["from", source.token()],
      ...changed().map(({ index }) => ["z", `${index + 1}:${z[index].toFixed(3)}`]),
    ],
    privateNote: () => (source.isPhoto() ? "A photo is not part of it." : null),
  };
}
