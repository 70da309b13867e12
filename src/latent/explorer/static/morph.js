// The view "Morph": the images between two images.

import { latest, morph, morphGif } from "./api.js";
import { clear, draw, save, toCanvas } from "./images.js";
import { createPicker } from "./model.js";
import { createPlayer } from "./player.js";
import { createSource } from "./source.js";
import { readNumber } from "./state.js";

const STEPS = 31; // frames; each third one is in the strip
const STRIP = 3;

export function createMorph(panel, page) {
  const find = (selector) => panel.querySelector(selector);
  const slider = find("input[type=range]");
  const frame = find(".frame canvas");
  const strip = find(".strip");
  const ends = { a: null, b: null };
  let model = null;
  let frames = [];
  let restored = new URLSearchParams();

  const sources = Object.fromEntries(["a", "b"].map((end) => {
    const box = find(`[data-end=${end}]`);
    return [end, createSource(box.querySelector(".source"), `Image ${end.toUpperCase()}`, page, (start) => {
      ends[end] = start;
      draw(box.querySelector("figure canvas"), start.original ?? start.reconstruction, model.shape);
      page.changed("morph");
      return update();
    })];
  }));

  const update = latest(async () => {
    const { a, b } = ends;
    const used = model;
    if (!a || !b) return;
    const found = await morph(used, a.z, b.z, STEPS);
    if (used !== model || a !== ends.a || b !== ends.b) return; // replaced meanwhile
    frames = found;
    strip.replaceChildren(...frames.filter((_, i) => i % STRIP === 0).map((pixels) => toCanvas(pixels, used.shape)));
    paint();
  }, page.fail);

  function paint() {
    const alpha = Number(slider.value);
    find(".alpha").textContent = `α = ${alpha.toFixed(2)}`;
    if (frames.length) draw(frame, frames[Math.round(alpha * (frames.length - 1))], model.shape);
    const current = Math.round(alpha * (strip.children.length - 1));
    for (const [index, canvas] of [...strip.children].entries()) {
      canvas.classList.toggle("current", index === current);
    }
  }

  const player = createPlayer(find(".play"), (alpha) => {
    slider.value = alpha;
    paint();
  }, () => page.changed("morph"));

  find(".play").addEventListener("click", () => (player.playing() ? player.stop() : player.play()));

  const picker = createPicker(panel, page.models, (loaded) => {
    player.stop();
    model = loaded;
    frames = [];
    ends.a = ends.b = null;
    clear(frame);
    strip.replaceChildren();
    slider.value = Math.min(Math.max(readNumber(restored.get("alpha")) ?? 0.5, 0), 1);
    const [a, b] = [restored.get("a") ?? "sample:1", restored.get("b") ?? "sample:2"];
    restored = new URLSearchParams();
    return Promise.all([sources.a.use(model, a), sources.b.use(model, b)]);
  });

  slider.addEventListener("input", () => {
    player.stop();
    paint();
  });
  slider.addEventListener("change", () => page.changed("morph"));
  find(".gif").addEventListener("click", async () => {
    if (!frames.length) return;
    try {
      save(await morphGif(model, ends.a.z, ends.b.z, STEPS), `${model.name}_morph.gif`);
      page.say("GIF saved.");
    } catch (error) {
      page.fail(error);
    }
  });

  return {
    restore(parameters) {
      restored = parameters;
      return picker.select(parameters.get("model"));
    },
    state: () => [
      ["model", picker.name()],
      ["a", sources.a.token()],
      ["b", sources.b.token()],
      ["alpha", String(Math.round(Number(slider.value) * 100) / 100)],
    ],
    privateNote: () => (sources.a.isPhoto() || sources.b.isPhoto() ? "A photo is not part of it." : null),
  };
}
