// The dialog in which the user chooses a square of a photo.

import { encode, latest } from "./api.js";
import { clear, draw } from "./images.js";

const MAX_UPLOAD = 20e6; // bytes, as on the server
const SHOWN = 520; // pixels: largest side of the photo in the dialog
const SMALLEST = 16; // pixels of the photo: least side of the square
const SENT = 1024; // pixels: largest side of the square that is sent
const PREVIEWED = 256; // pixels: the same while it is dragged

const dialog = document.getElementById("crop");
const canvas = dialog.querySelector(".photo-canvas");
const prepared = dialog.querySelector(".prepared");
const reconstructed = dialog.querySelector(".reconstructed");
const problem = dialog.querySelector(".problem");

/** Return a square of the photo as a PNG file. */
function cut(bitmap, { left, top, side }, largest) {
  const size = Math.max(1, Math.min(Math.round(side), largest));
  const square = document.createElement("canvas");
  square.width = square.height = size;
  const context = square.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, left, top, side, side, 0, 0, size, size);
  return new Promise((resolve) => square.toBlob(resolve, "image/png"));
}

/**
 * Let the user choose a part of a photo.
 * @returns {Promise<Blob | null>} the file of the square, the whole file, or null if cancelled
 */
export async function cropPhoto(file, model) {
  if (file.size > MAX_UPLOAD) {
    throw new Error(`${file.name}: more than ${MAX_UPLOAD / 1e6} MB; choose a smaller photo.`);
  }
  let bitmap;
  try {
    bitmap = await createImageBitmap(file); // turned upright by its EXIF orientation
  } catch {
    throw new Error(`${file.name}: not an image that the browser can read.`);
  }
  try {
    return await choose(bitmap, file, model);
  } finally {
    bitmap.close();
  }
}

async function choose(bitmap, file, model) {
  const { width, height } = bitmap;
  const scale = Math.min(1, SHOWN / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const least = Math.min(SMALLEST, width, height);
  const most = Math.min(width, height);
  const square = { left: (width - most) / 2, top: (height - most) / 2, side: most };
  let grip = null; // where the pointer went down, and what it drags

  const preview = latest(async () => {
    if (!dialog.open) return;
    const start = await encode(model.name, await cut(bitmap, square, PREVIEWED));
    draw(prepared, start.original, model.shape);
    draw(reconstructed, start.reconstruction, model.shape);
    problem.textContent = "";
  }, (error) => {
    problem.textContent = error.message;
  });

  function paint() {
    const context = canvas.getContext("2d");
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    context.fillStyle = "rgb(0 0 0 / 55%)";
    const [x, y, s] = [square.left * scale, square.top * scale, square.side * scale];
    context.fillRect(0, 0, canvas.width, y);
    context.fillRect(0, y + s, canvas.width, canvas.height);
    context.fillRect(0, y, x, s);
    context.fillRect(x + s, y, canvas.width, s);
    context.lineWidth = 3;
    context.strokeStyle = "#000";
    context.strokeRect(x, y, s, s);
    context.lineWidth = 1.5;
    context.strokeStyle = "#fff";
    context.strokeRect(x, y, s, s);
  }

  /** Change the square, within the photo. */
  function set(left, top, side) {
    square.side = Math.min(Math.max(side, least), most);
    square.left = Math.min(Math.max(left, 0), width - square.side);
    square.top = Math.min(Math.max(top, 0), height - square.side);
    paint();
    preview();
  }

  const position = (event) => {
    const box = canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * width,
      y: ((event.clientY - box.top) / box.height) * height,
    };
  };

  const handlers = {
    pointerdown(event) {
      canvas.setPointerCapture(event.pointerId);
      const { x, y } = position(event);
      const { left, top, side } = square;
      const inside = x > left && y > top && x < left + side && y < top + side && side < most;
      grip = { x, y, move: inside, left, top };
    },
    pointermove(event) {
      if (!grip) return;
      const { x, y } = position(event);
      if (grip.move) {
        set(grip.left + x - grip.x, grip.top + y - grip.y, square.side);
        return;
      }
      const side = Math.min(Math.max(Math.abs(x - grip.x), Math.abs(y - grip.y), least), most);
      set(x < grip.x ? grip.x - side : grip.x, y < grip.y ? grip.y - side : grip.y, side);
    },
    pointerup: () => { grip = null; },
    pointercancel: () => { grip = null; },
    keydown(event) {
      const { left, top, side } = square;
      const step = Math.max(1, side / 20);
      const next = {
        ArrowLeft: [left - step, top, side],
        ArrowRight: [left + step, top, side],
        ArrowUp: [left, top - step, side],
        ArrowDown: [left, top + step, side],
        "+": [left - step / 2, top - step / 2, side + step],
        "-": [left + step / 2, top + step / 2, side - step],
      }[event.key === "=" ? "+" : event.key];
      if (!next) return;
      event.preventDefault();
      set(...next);
    },
  };

  clear(prepared);
  clear(reconstructed);
  problem.textContent = "";
  dialog.returnValue = "cancel";
  dialog.showModal();
  paint();
  preview();
  for (const [type, handler] of Object.entries(handlers)) canvas.addEventListener(type, handler);
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  for (const [type, handler] of Object.entries(handlers)) canvas.removeEventListener(type, handler);
  if (dialog.returnValue === "whole") return file;
  return dialog.returnValue === "square" ? cut(bitmap, square, SENT) : null;
}
