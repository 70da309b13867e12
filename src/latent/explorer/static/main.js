// Starts the page: its views, the address, and messages.

import { listModels } from "./api.js";
import { createDimensions } from "./dimensions.js";
import { createFaces } from "./faces.js";
import { createMorph } from "./morph.js";
import { acceptPhotos } from "./source.js";
import { createSpace } from "./space.js";
import { readAddress, writeAddress } from "./state.js";

const status = document.getElementById("status");
const tabs = [...document.querySelectorAll("[role=tab]")];
const creators = {
  space: createSpace,
  faces: createFaces,
  morph: createMorph,
  dimensions: createDimensions,
};
const models = listModels();
const views = {};
let open = null;
const restoring = new Set(); // views that are being restored: their state is not complete yet
let hiding = 0;

/** Show a message and read it to users of screen readers. */
function say(message, isProblem = false) {
  clearTimeout(hiding);
  status.textContent = message;
  status.classList.toggle("problem", isProblem);
  status.classList.add("shown");
  hiding = setTimeout(() => status.classList.remove("shown"), isProblem ? 10000 : 4000);
}

const page = {
  models: [],
  say: (message) => say(message),
  fail: (error) => say(error.message, true),
  /** Write the state of a view to the address, if the view is open. */
  changed(name) {
    if (name === open && !restoring.has(name)) writeAddress(name, views[name].state());
  },
};

/** Copy the address of the open view, which restores its state. */
async function copyLink({ target }) {
  try {
    await navigator.clipboard.writeText(location.href);
  } catch {
    say("The browser did not allow it. Copy the address from the address bar.", true);
    return;
  }
  const note = views[open].privateNote?.();
  say(note ? `Link copied. ${note}` : "Link copied.");
  target.focus();
}

/** Open a view. Its state comes from `parameters`, if given; otherwise it keeps the one it has. */
async function show(name, parameters = null) {
  open = name;
  for (const tab of tabs) {
    const selected = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", selected);
    tab.tabIndex = selected ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !selected;
    if (selected) document.title = `${tab.textContent} – Explorer`;
  }
  try {
    page.models = await models;
  } catch (error) {
    page.fail(error);
    return;
  }
  if (open !== name) return; // another view was opened meanwhile
  const isNew = !(name in views);
  views[name] ??= creators[name](document.getElementById(name), page);
  if (isNew || parameters) {
    restoring.add(name);
    // If a model cannot be loaded, the address is left as it is, for a second attempt.
    const isRestored = await views[name].restore(parameters ?? new URLSearchParams())
      .catch((error) => page.fail(error));
    restoring.delete(name);
    if (!isRestored) return;
  }
  page.changed(name);
}

function showAddress() {
  const parameters = readAddress();
  const name = parameters.get("tab");
  if (Object.hasOwn(creators, name)) return show(name, parameters);
  return show("space");
}

for (const [index, tab] of tabs.entries()) {
  tab.addEventListener("click", () => show(tab.getAttribute("aria-controls")));
  tab.addEventListener("keydown", (event) => {
    const target = {
      ArrowLeft: tabs[(index + tabs.length - 1) % tabs.length],
      ArrowRight: tabs[(index + 1) % tabs.length],
      Home: tabs[0],
      End: tabs.at(-1),
    }[event.key];
    if (!target) return;
    event.preventDefault();
    target.focus();
    target.click();
  });
}

for (const button of document.querySelectorAll(".share")) button.addEventListener("click", copyLink);
acceptPhotos(() => document.getElementById(open));
addEventListener("hashchange", showAddress);
showAddress();
