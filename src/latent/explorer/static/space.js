// The view "Latent space": the embeddings of test images, and the image decoded at the pointer.

import { decode, getPlane, latest, morph, nearest } from "./api.js";
import { toCanvas } from "./images.js";
import { buildLegend } from "./legend.js";
import { getModel, message, tellAbout, tellLoading, title } from "./model.js";
import { createPlayer } from "./player.js";
import { Scatter } from "./scatter.js";
import { readNumber } from "./state.js";

const NEIGHBOURS = 6;
const REST = 120; // milliseconds without a movement, after which the nearest images are looked up
const STEPS = 31; // frames of a morph
const MAX_PINS = 12;

export function createSpace(panel, page) {
  const find = (selector) => panel.querySelector(selector);
  const legend = find(".legend");
  const about = find(".about");
  const body = find(".body");
  const pinned = find(".pins");
  const playButton = find(".play");
  const datasets = [...new Set(page.models.map(({ dataset }) => dataset))];
  const select = document.createElement("select");
  let views = []; // Scatter and the elements around it
  let pins = []; // places, with the images decoded there
  let place = { u: 0.5, v: 0.5 };
  let frames = []; // of the morph, by view
  let turn = 0;
  let resting = 0;

  buildPicker();

  function buildPicker() {
    const label = document.createElement("label");
    label.className = "picker";
    label.append("Dataset ", select);
    for (const dataset of datasets) {
      const names = page.models.filter((model) => model.dataset === dataset).map(({ kind }) => ({ ae: "autoencoder", vae: "VAE" })[kind]);
      select.add(new Option(`${dataset} (${names.join(" and ")})`, dataset));
    }
    about.before(label);
    select.addEventListener("change", async () => {
      if (await open([])) page.changed("space");
    });
  }

  /**
   * Load the models of the chosen dataset. One that fails has a message instead of a view.
   * @returns {Promise<boolean>} whether all could be loaded
   */
  async function open(places) {
    const mine = ++turn;
    player.stop();
    const choices = page.models.filter(({ dataset }) => dataset === select.value);
    body.hidden = true;
    tellLoading(about, choices.map(({ name }) => name));
    const loaded = await Promise.allSettled(choices.map(async (choice) => {
      const model = await getModel(choice);
      return { model, plane: model.has_embeddings ? await getPlane(model.name) : null };
    }));
    if (mine !== turn) return false;
    const found = loaded.flatMap(({ value }) => value ?? []);
    tellAbout(about, found.map(({ model }) => model));
    about.append(...loaded.flatMap(({ reason }) => (reason ? [message(reason.message)] : [])));
    const shown = found.filter(({ plane }) => plane);
    if (shown.length === 0) return false;
    body.hidden = false;
    find(".views").replaceChildren();
    views = shown.map(buildView);
    buildLegend(legend, views[0].plane.classes, {
      hide: (label, hidden) => eachScatter((scatter) => scatter.hidden[hidden ? "add" : "delete"](label)),
      emphasise: (label) => eachScatter((scatter) => { scatter.emphasised = label; }),
    });
    pins = [];
    for (const pin of places) await addPin(pin);
    move(views[0].scatter, place);
    return loaded.every(({ status }) => status === "fulfilled");
  }

  function buildView({ model, plane }) {
    const figure = document.createElement("figure");
    figure.className = "view";
    figure.innerHTML = '<figcaption><b></b> <span class="hint"></span></figcaption><canvas class="scatter" tabindex="0" role="application"></canvas><p class="where" aria-live="polite"></p><h4>Nearest test images</h4><ol class="neighbours"></ol>';
    figure.querySelector("b").textContent = title(model);
    figure.querySelector(".hint").textContent = plane.axes[1] ? `horizontal ${plane.axes[0]}, vertical ${plane.axes[1]}` : `horizontal ${plane.axes[0]}`;
    if (plane.note) figure.querySelector("figcaption").append(message(plane.note, "hint"));
    const canvas = figure.querySelector("canvas");
    canvas.setAttribute("aria-label", `Latent space of ${model.name}. Arrow keys move the crosshair, Enter pins a point, Delete removes the last pin.`);
    find(".views").append(figure);
    const scatter = new Scatter(canvas, model, plane, handlers);
    return { scatter, model, plane, where: figure.querySelector(".where"), neighbours: figure.querySelector(".neighbours") };
  }

  const handlers = {
    hovered: (scatter, to) => player.playing() || move(scatter, to),
    moved(scatter, to, from = null) {
      player.stop();
      setLine(from && [from, to]);
      move(scatter, to);
    },
    pinned: (at) => addPin(at),
    dragged: (from, to) => playMorph(from, to),
    removed: () => removePin(pins.length - 1),
  };

  function setLine(line) {
    for (const { scatter } of views) scatter.line = line;
  }

  /** Move the crosshair of all views, and decode the points there. */
  function move(active, to) {
    place = to;
    const dot = active.nearestDot(to);
    const row = dot === null ? null : active.plane.rows[dot];
    for (const { scatter, plane } of views) {
      scatter.place = to;
      // The same test image in the other view. Both show the same rows of the same test set.
      const same = row === null ? -1 : plane.rows.indexOf(row);
      scatter.marked = same < 0 ? null : same;
      scatter.paint();
    }
    decodeAt(to);
    clearTimeout(resting);
    resting = setTimeout(() => lookUp(to), REST);
  }

  const decodeAt = latest(async (at) => {
    const used = views;
    const images = await decode(used.map(({ model, scatter }) => ({ model, z: [scatter.point(at)] })));
    if (used !== views || player.playing()) return;
    for (const [index, { scatter }] of used.entries()) scatter.setImage(images[index][0]);
  }, page.fail);

  const lookUp = latest(async (at) => {
    const used = views;
    const found = await Promise.all(used.map(({ model, scatter }) => nearest(model, scatter.point(at), NEIGHBOURS)));
    if (used !== views) return;
    for (const [index, view] of used.entries()) {
      view.where.textContent = describePlace(view, at, found[index][0]);
      view.neighbours.replaceChildren(...found[index].map((image) => thumbnail(image, view.model)));
    }
  }, page.fail);

  function describePlace({ plane, scatter }, at, first) {
    const shown = scatter.coordinates(at).slice(0, plane.axes[1] ? 2 : 1);
    const numbers = shown.map((value, axis) => `${plane.axes[axis]} = ${value.toFixed(2).replace("-", "−")}`);
    return `${numbers.join(", ")}; nearest: ${first.name} at distance ${first.distance.toFixed(2)}`;
  }

  function thumbnail({ pixels, name, distance }, { shape }) {
    const item = document.createElement("li");
    const canvas = toCanvas(pixels, shape);
    canvas.title = `distance ${distance.toFixed(3)}`;
    const caption = document.createElement("span");
    caption.textContent = caption.title = name;
    item.append(canvas, caption);
    return item;
  }

  async function addPin(at) {
    if (pins.length === MAX_PINS) {
      page.fail(new Error(`No more than ${MAX_PINS} points can be pinned. Remove one first.`));
      return;
    }
    const pin = { ...at, images: [] };
    pins.push(pin);
    showPins();
    try {
      const images = await decode(views.map(({ model, scatter }) => ({ model, z: [scatter.point(at)] })));
      pin.images = images.map(([pixels]) => pixels);
    } catch (error) {
      pins = pins.filter((other) => other !== pin);
      page.fail(error);
    }
    showPins();
    page.changed("space");
  }

  function removePin(index) {
    if (!pins[index]) return;
    pins.splice(index, 1);
    showPins();
    page.changed("space");
  }

  function showPins() {
    find(".pinned .hint").hidden = pins.length > 0;
    find(".clear").disabled = pins.length === 0;
    playButton.disabled = pins.length < 2;
    pinned.replaceChildren(...pins.map((pin, index) => {
      const item = document.createElement("li");
      const images = pin.images.map((pixels, i) => {
        const canvas = toCanvas(pixels, views[i].model.shape);
        canvas.title = title(views[i].model);
        return canvas;
      });
      const number = document.createElement("b");
      number.textContent = index + 1;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "×";
      button.setAttribute("aria-label", `Remove pin ${index + 1}`);
      button.addEventListener("click", () => removePin(index));
      item.append(number, ...images, button);
      return item;
    }));
    for (const { scatter } of views) {
      scatter.pins = pins;
      scatter.paint();
    }
  }

  function eachScatter(change) {
    for (const { scatter } of views) {
      change(scatter);
      scatter.redraw();
    }
  }

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => eachScatter(() => {}));

  const between = (from, to, alpha) => ({
    u: from.u + alpha * (to.u - from.u),
    v: from.v + alpha * (to.v - from.v),
  });

  const player = createPlayer(playButton, (alpha) => {
    const [from, to] = views[0].scatter.line;
    for (const [index, { scatter }] of views.entries()) {
      scatter.place = between(from, to, alpha);
      scatter.marked = null;
      scatter.setImage(frames[index][Math.round(alpha * (STEPS - 1))]);
    }
  }, () => {
    place = views[0].scatter.place;
    lookUp(place);
  });

  async function playMorph(from, to) {
    const used = views;
    setLine([from, to]);
    try {
      const found = await Promise.all(used.map(({ model, scatter }) =>
        morph(model, scatter.point(from), scatter.point(to), STEPS)));
      if (used !== views) return;
      frames = found;
      player.play();
    } catch (error) {
      page.fail(error);
    }
  }

  playButton.addEventListener("click", () => {
    if (player.playing()) player.stop();
    else playMorph(pins.at(-2), pins.at(-1));
  });
  find(".clear").addEventListener("click", () => {
    pins = [];
    setLine(null);
    showPins();
    page.changed("space");
  });

  return {
    restore(parameters) {
      if (datasets.includes(parameters.get("dataset"))) select.value = parameters.get("dataset");
      const places = parameters.getAll("pin").slice(0, MAX_PINS).map((text) => text.split(":").map(readNumber))
        .filter((numbers) => numbers.length === 2 && numbers.every((number) => number !== null && number >= 0 && number <= 1));
      return open(places.map(([u, v]) => ({ u, v })));
    },
    state: () => [
      ["dataset", select.value],
      ...pins.map(({ u, v }) => ["pin", `${u.toFixed(3)}:${v.toFixed(3)}`]),
    ],
  };
}
