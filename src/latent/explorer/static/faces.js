// The view "Faces": edits an image along attribute vectors.

import { edit, latest } from "./api.js";
import { clear, draw, savePng } from "./images.js";
import { createPicker } from "./model.js";
import { createSource } from "./source.js";
import { readNumber } from "./state.js";

const RANGE = 4; // α, as in figure 3-19
const LISTED = 12; // attributes before "Show all"
const MODES = {
  plain: "The difference between the mean embeddings of images with and without the attribute.",
  orthogonal:
    "Vectors of attributes that occur together are similar. The orthogonalised vectors are not, so that an edit changes other attributes less.",
};

const show = (alpha) => `${alpha < 0 ? "−" : alpha > 0 ? "+" : ""}${Math.abs(alpha).toFixed(1)}`;

export function createFaces(panel, page) {
  const find = (selector) => panel.querySelector(selector);
  const rows = find(".rows");
  const search = find("input[type=search]");
  const more = find(".more");
  const chips = find(".edits");
  const undo = find(".undo");
  const reset = find(".reset");
  const modes = [...panel.querySelectorAll("input[name=vectors]")];
  let model = null;
  let start = null; // the image that is edited
  let edited = null; // its pixels after the edit
  let changes = new Map(); // α by attribute
  let orthogonal = false;
  let all = false; // whether all attributes are listed
  const history = []; // earlier changes and vectors
  let restored = new URLSearchParams();

  const source = createSource(find(".source"), "Image to edit", page, (image) => {
    start = image;
    find("figure.original").hidden = image.original === null;
    if (image.original) draw(find(".original canvas"), image.original, model.shape);
    draw(find(".reconstruction canvas"), image.reconstruction, model.shape);
    find(".reconstruction figcaption").textContent = image.original ? "Reconstruction" : "Sample";
    page.changed("faces");
    return update();
  });

  const update = latest(async () => {
    const [used, image] = [model, start];
    if (!image) return;
    const pixels = await edit(used, image.z, Object.fromEntries(changes), orthogonal);
    if (used !== model || image !== start) return; // replaced meanwhile
    edited = pixels;
    draw(find(".edit canvas"), pixels, used.shape);
  }, page.fail);

  const picker = createPicker(panel, page.models.filter(({ dataset }) => dataset === "faces"), (loaded) => {
    model = loaded;
    start = null;
    clear(find(".edit canvas"));
    readState();
    const none = model.attributes.length === 0;
    find(".attributes").hidden = none;
    find(".no-attributes").hidden = !none;
    buildRows();
    refresh();
    const from = restored.get("from");
    restored = new URLSearchParams();
    return source.use(model, from);
  });

  function readState() {
    changes = new Map();
    for (const entry of restored.getAll("edit")) {
      const colon = entry.lastIndexOf(":");
      const alpha = readNumber(entry.slice(colon + 1));
      const known = model.attributes.find(({ name }) => name === entry.slice(0, colon));
      if (known?.has_vector && alpha) changes.set(known.name, Math.min(Math.max(alpha, -RANGE), RANGE));
    }
    orthogonal = restored.get("vectors") === "orthogonal";
    history.length = 0;
  }

  function remember() {
    history.push({ changes: new Map(changes), orthogonal });
  }

  function set(name, alpha) {
    if (alpha === 0) changes.delete(name);
    else changes.set(name, alpha);
  }

  /** Show the state in the controls, and edit the image. */
  function refresh() {
    for (const row of rows.children) {
      const alpha = changes.get(row.dataset.name) ?? 0;
      row.querySelector("input").value = alpha;
      row.querySelector(".value").textContent = show(alpha);
      row.classList.toggle("changed", alpha !== 0);
    }
    chips.replaceChildren(...[...changes].map(([name, alpha]) => chip(name, alpha)));
    chips.hidden = changes.size === 0;
    undo.disabled = history.length === 0;
    reset.disabled = changes.size === 0;
    for (const mode of modes) mode.checked = (mode.value === "orthogonal") === orthogonal;
    find(".vectors-hint").textContent = MODES[orthogonal ? "orthogonal" : "plain"];
    page.changed("faces");
    update();
  }

  function chip(name, alpha) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "×";
    button.setAttribute("aria-label", `Remove ${name}`);
    button.addEventListener("click", () => {
      remember();
      set(name, 0);
      refresh();
    });
    item.append(`${name} ${show(alpha)} `, button);
    return item;
  }

  function buildRows() {
    rows.replaceChildren(...model.attributes.map((attribute, index) => {
      const row = document.createElement("div");
      row.className = "row";
      row.dataset.name = attribute.name;
      const auc = attribute.auc === null ? "–" : attribute.auc.toFixed(2);
      row.innerHTML = '<label></label><input type="range"><span class="value"></span><span class="auc"></span>';
      const [label, slider, , trust] = row.children;
      slider.id = `attribute-${index}`;
      Object.assign(slider, { min: -RANGE, max: RANGE, step: 0.1, value: 0, disabled: !attribute.has_vector });
      label.htmlFor = slider.id;
      label.textContent = label.title = attribute.name;
      slider.setAttribute("aria-description", `AUC ${auc}`);
      trust.textContent = auc;
      trust.title = `AUC ${auc}; training images with the attribute: ${attribute.with}, without: ${attribute.without}`;
      trust.classList.toggle("weak", attribute.auc === null || attribute.auc < 0.7);
      let before = null; // the state at the start of the movement, for undo
      slider.addEventListener("input", () => {
        if (before === null) {
          before = changes.get(attribute.name) ?? 0;
          remember();
        }
        set(attribute.name, Number(slider.value));
        refresh();
      });
      slider.addEventListener("change", () => { before = null; });
      return row;
    }));
    all = false;
    search.value = "";
    filter();
  }

  /** Show the attributes that match the search, or the best ones. */
  function filter() {
    const wanted = search.value.trim().toLowerCase().replace(/[\s_]+/g, " ");
    let matching = 0;
    for (const [index, row] of [...rows.children].entries()) {
      const matches = row.dataset.name.toLowerCase().replaceAll("_", " ").includes(wanted);
      matching += matches;
      row.hidden = !matches || (!wanted && !all && index >= LISTED);
    }
    const count = rows.children.length;
    more.hidden = wanted !== "" || count <= LISTED;
    more.textContent = all ? "Show the best only" : `Show all ${count}`;
    find(".no-match").hidden = matching > 0 || count === 0;
  }

  search.addEventListener("input", filter);
  more.addEventListener("click", () => {
    all = !all;
    filter();
  });
  for (const mode of modes) {
    mode.addEventListener("change", () => {
      remember();
      orthogonal = mode.value === "orthogonal";
      refresh();
    });
  }
  undo.addEventListener("click", () => {
    ({ changes, orthogonal } = history.pop());
    refresh();
  });
  reset.addEventListener("click", () => {
    remember();
    changes = new Map();
    refresh();
  });
  // On the document, because a button that is disabled after its click does not keep the focus.
  document.addEventListener("keydown", (event) => {
    const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === "z";
    if (!isUndo || panel.hidden || event.target === search || history.length === 0) return;
    event.preventDefault();
    undo.click();
  });
  find(".download").addEventListener("click", () => {
    if (edited) savePng(edited, model.shape, `${model.name}_edit.png`);
  });

  return {
    restore(parameters) {
      restored = parameters;
      return picker.select(parameters.get("model"));
    },
    state: () => [
      ["model", picker.name()],
      ["from", source.token()],
      ...[...changes].map(([name, alpha]) => ["edit", `${name}:${alpha}`]),
      ...(orthogonal ? [["vectors", "orthogonal"]] : []),
    ],
    privateNote: () => (source.isPhoto() ? "A photo is not part of it." : null),
  };
}
