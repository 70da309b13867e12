// The symbols of the classes, and the legend by which classes are hidden.

const COLOURS = 10; // classes with the same colour have different shapes

const SHAPES = [
  (path, x, y, r) => path.arc(x, y, r, 0, 2 * Math.PI),
  (path, x, y, r) => path.rect(x - r, y - r, 2 * r, 2 * r),
  (path, x, y, r) => {
    path.moveTo(x, y - 1.3 * r);
    path.lineTo(x + 1.2 * r, y + r);
    path.lineTo(x - 1.2 * r, y + r);
    path.closePath();
  },
];

/** Draw the symbol of a class. */
export function drawSymbol(context, label, x, y, radius) {
  context.beginPath();
  SHAPES[Math.floor(label / COLOURS) % SHAPES.length](context, x, y, radius);
  context.fill();
}

/** Return the colour of a class, or of the dots without a class. */
export const colour = (element, label) =>
  getComputedStyle(element).getPropertyValue(label === null ? "--dot" : `--class-${label % COLOURS}`);

const SIZE = 28; // pixels of a symbol's canvas
const dark = matchMedia("(prefers-color-scheme: dark)"); // the colours depend on it

/**
 * Fill an element with a button for each class.
 * @param legend the element
 * @param classes names by label
 * @param on called with labels: `hide(label, hidden)`, `emphasise(label)` with null for no class
 */
export function buildLegend(legend, classes, on) {
  legend.hidden = classes.length === 0;
  legend.replaceChildren(...classes.map((name, label) => {
    const button = document.createElement("button");
    const symbol = document.createElement("canvas");
    button.type = "button";
    button.setAttribute("aria-pressed", "true");
    symbol.width = symbol.height = SIZE;
    button.append(symbol, name);
    button.addEventListener("click", () => {
      const hidden = button.getAttribute("aria-pressed") === "true";
      button.setAttribute("aria-pressed", String(!hidden));
      on.hide(label, hidden);
    });
    for (const type of ["pointerenter", "focus"]) button.addEventListener(type, () => on.emphasise(label));
    for (const type of ["pointerleave", "blur"]) button.addEventListener(type, () => on.emphasise(null));
    return button;
  }));
  paint(legend);
  dark.onchange = () => paint(legend);
}

function paint(legend) {
  for (const [label, button] of [...legend.children].entries()) {
    const context = button.querySelector("canvas").getContext("2d");
    context.clearRect(0, 0, SIZE, SIZE);
    context.fillStyle = colour(button, label);
    drawSymbol(context, label, SIZE / 2, SIZE / 2, SIZE / 3);
  }
}
