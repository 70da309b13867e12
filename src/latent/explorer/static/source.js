// The image to start from: a random sample, a test image, or the user's photo.

import { encode, getSample, getTestImage } from "./api.js";
import { cropPhoto } from "./crop.js";
import { readNumber } from "./state.js";

const sources = new Map(); // by their element, for photos that are dropped or pasted

/** Let files that are dropped or pasted anywhere reach a source of the open view. */
export function acceptPhotos(openView) {
  const find = (target) => {
    const element = target?.closest?.(".source") ?? openView()?.querySelector(".source");
    return element?.closest("[hidden]") ? null : sources.get(element);
  };
  const takeFile = (event, data, source) => {
    const file = [...(data?.files ?? [])][0];
    if (!file) return;
    event.preventDefault();
    source?.take(file);
  };
  addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
  // Without preventDefault, the browser would leave the page and open the file.
  addEventListener("drop", (event) => takeFile(event, event.dataTransfer, find(event.target)));
  addEventListener("paste", (event) => takeFile(event, event.clipboardData, find(document.activeElement)));
}

let created = 0;

/**
 * Fill an element with the choice of an image.
 * @param element the `.source` to fill
 * @param legend what the image is for
 * @param page messages
 * @param changed called with the image, as `api.js` returns it
 */
export function createSource(element, legend, page, changed) {
  element.append(document.getElementById("source-template").content.cloneNode(true));
  element.querySelector("legend").textContent = legend;
  const radios = [...element.querySelectorAll("input[type=radio]")];
  const group = `source-${++created}`;
  for (const radio of radios) radio.name = group;
  const choices = Object.fromEntries(radios.map(({ value }) => [value, element.querySelector(`.choice.${value}`)]));
  const seed = choices.sample.querySelector("input");
  const row = choices.test.querySelector("input");
  const name = choices.test.querySelector(".labels");
  const file = choices.photo.querySelector("input");
  const cropAgain = choices.photo.querySelector(".crop-again");
  let model = null;
  let photo = null; // the file, and the part of it that was chosen
  let current = "sample";
  let turn = 0;

  function select(kind) {
    for (const radio of radios) {
      radio.checked = radio.value === kind;
      choices[radio.value].hidden = radio.value !== kind;
    }
    current = kind;
  }

  /** Get the image of the current choice and hand it on. Older answers are dropped. */
  async function load() {
    const mine = ++turn;
    const [kind, inModel] = [current, model];
    if (kind === "photo" && !photo) return;
    try {
      const start = await {
        sample: () => getSample(inModel.name, seed.value),
        test: () => getTestImage(inModel.name, row.value),
        photo: () => encode(inModel.name, photo.part),
      }[kind]();
      if (mine !== turn) return;
      name.textContent = kind === "test" ? start.name : "";
      await changed(start);
    } catch (error) {
      if (mine === turn) page.fail(error);
    }
  }

  /** Keep a number within its limits, as an integer. */
  function bound(input) {
    const number = Math.round(readNumber(input.value) ?? 0);
    input.value = Math.min(Math.max(number, 0), Number(input.max));
  }

  async function take(chosen) {
    if (!model) return;
    let part;
    try {
      part = await cropPhoto(chosen, model);
    } catch (error) {
      page.fail(error);
      return;
    }
    if (!part) return;
    photo = { file: chosen, part };
    cropAgain.hidden = false;
    select("photo");
    await load();
  }

  for (const radio of radios) {
    radio.addEventListener("change", () => {
      select(radio.value);
      load();
    });
  }
  for (const [input, kind] of [[seed, "sample"], [row, "test"]]) {
    input.addEventListener("change", () => {
      bound(input);
      load();
    });
    choices[kind].querySelector(".another").addEventListener("click", () => {
      input.value = Math.floor(Math.random() * Math.min(Number(input.max) + 1, 10000));
      load();
    });
  }
  file.addEventListener("change", () => {
    if (file.files[0]) take(file.files[0]);
    file.value = ""; // so that the same file can be chosen again
  });
  cropAgain.addEventListener("click", () => take(photo.file));

  const source = {
    take,
    /** Use a model, with the choice `token` ("sample:3" or "test:5"), or the current one. */
    async use(used, token = null) {
      model = used;
      seed.max = 2 ** 32 - 1;
      row.max = model.test_images - 1;
      const [kind, text] = (token ?? "").split(":");
      const number = readNumber(text ?? null);
      if (["sample", "test"].includes(kind) && number !== null) {
        (kind === "sample" ? seed : row).value = number;
        select(kind);
      }
      bound(seed);
      bound(row);
      // An autoencoder without embeddings has no samples; a model without its dataset, no test images.
      radios[0].disabled = !model.has_samples;
      radios[1].disabled = model.test_images === 0;
      const possible = radios.find((radio) => radio.value === current && !radio.disabled)
        ?? radios.find((radio) => !radio.disabled);
      select(possible.value);
      await load();
    },
    /** The choice, for the address. A photo is not in it. */
    token: () => (current === "photo" ? "" : `${current}:${(current === "sample" ? seed : row).value}`),
    isPhoto: () => current === "photo" && photo !== null,
  };
  sources.set(element, source);
  return source;
}
