// The choice of a model, and what the page says about it.

import { loadModel } from "./api.js";

const loading = new Map(); // promises by name, without failed ones

/** Load a model of the list once. */
export async function getModel({ name, problem }) {
  if (problem) throw new Error(problem);
  if (!loading.has(name)) {
    const promise = loadModel(name);
    loading.set(name, promise);
    promise.catch(() => loading.delete(name));
  }
  return loading.get(name);
}

const KINDS = { ae: "Autoencoder", vae: "VAE" };
const count = (number) => number.toLocaleString("en");

/** Name a model: "VAE, faces". */
export const title = ({ kind, dataset, name }) =>
  `${KINDS[kind]}, ${dataset ?? name.slice(name.indexOf("_") + 1)}`;

const kindOf = ({ kind, name, latent_dim: dim }) =>
  `${KINDS[kind]} (${name}) with ${dim} latent dimension${dim === 1 ? "" : "s"}`;

/** Describe the training images of a model in one line. */
function describeData({ train_images: images, shape: [height, width, channels] }) {
  return `${count(images)} training images, ${width}×${height} ${channels === 1 ? "grey" : "RGB"}`;
}

/** Write into `about` on which data models were trained, and what is missing. */
export function tellAbout(about, models) {
  about.replaceChildren();
  // Models of a dataset share a line, unless one was trained on an earlier version of it.
  const groups = Map.groupBy(models, (model) => `Trained on ${model.source}|${describeData(model)}`);
  for (const [key, group] of groups) {
    const [source, data] = key.split("|");
    const line = document.createElement("p");
    line.className = "data";
    const badge = document.createElement("b");
    badge.className = group[0].is_sample ? "badge sample" : "badge";
    badge.textContent = source;
    const rest = document.createElement("span");
    rest.textContent = `${data}. ${group.map(kindOf).join(", ")}.`;
    line.append(badge, rest);
    if (group[0].is_sample) {
      const hint = document.createElement("span");
      hint.className = "hint";
      hint.textContent = "The sample is drawn by code. Real images, such as photos, look different.";
      line.append(hint);
    }
    about.append(line);
  }
  for (const { notes } of models) about.append(...notes.map((note) => message(note)));
}

/** Return a paragraph with a message. */
export function message(text, className = "note") {
  const paragraph = document.createElement("p");
  paragraph.className = className;
  paragraph.textContent = text;
  return paragraph;
}

/** Say in `about` that models are being loaded. */
export function tellLoading(about, names) {
  about.replaceChildren(message(`Loading ${names.join(" and ")}… The first model takes a few seconds.`, "loading"));
}

/**
 * Let the user choose one of the models of a view, and load it.
 * @param panel the view, with `.about` and `.body`
 * @param choices entries of the list of models
 * @param chosen called with the loaded model, before the body is shown
 * @returns {{select: (name: string | null) => Promise<boolean>, name: () => string}} `select` loads a
 *   model, or the current one, and returns whether it could
 */
export function createPicker(panel, choices, chosen) {
  const about = panel.querySelector(".about");
  const body = panel.querySelector(".body");
  const label = document.createElement("label");
  const select = document.createElement("select");
  label.className = "picker";
  label.append("Model ", select);
  for (const model of choices) select.add(new Option(`${title(model)} (${model.name})`, model.name));
  // Faces are the most interesting to edit, and a model that is not trained is of no use.
  select.value = (choices.findLast(({ problem }) => !problem) ?? choices.at(-1)).name;
  if (choices.length > 1) about.before(label);
  let turn = 0;

  async function load() {
    const mine = ++turn;
    body.hidden = true;
    tellLoading(about, [select.value]);
    let model;
    try {
      model = await getModel(choices.find(({ name }) => name === select.value));
    } catch (error) {
      if (mine === turn) about.replaceChildren(message(error.message));
      return false;
    }
    if (mine !== turn) return false; // another model was chosen meanwhile
    tellAbout(about, [model]);
    body.hidden = false;
    await chosen(model);
    return true;
  }

  select.addEventListener("change", load);
  return {
    name: () => select.value,
    select(name) {
      if (choices.some((model) => model.name === name)) select.value = name;
      return load();
    },
  };
}
