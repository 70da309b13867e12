// Images of the models: H × W × C bytes, C being 1 or 3.

/** Return RGBA pixels. */
function toImageData(pixels, [height, width, channels]) {
  const data = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) {
      data.data[4 * i + c] = pixels[channels * i + (channels === 1 ? 0 : c)];
    }
    data.data[4 * i + 3] = 255;
  }
  return data;
}

/** Draw an image on a canvas, which takes its size. CSS enlarges the canvas without smoothing. */
export function draw(canvas, pixels, shape) {
  const data = toImageData(pixels, shape);
  canvas.width = data.width;
  canvas.height = data.height;
  canvas.getContext("2d").putImageData(data, 0, 0);
}

/** Return a new canvas with an image. */
export function toCanvas(pixels, shape, className = "pixels") {
  const canvas = document.createElement("canvas");
  canvas.className = className;
  draw(canvas, pixels, shape);
  return canvas;
}

/** Remove what a canvas shows. */
export function clear(canvas) {
  canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
}

const SAVED_SIDE = 256; // pixels: least side of a saved image

/** Save an image as PNG, each pixel enlarged to a square of pixels. */
export async function savePng(pixels, shape, name) {
  const small = toCanvas(pixels, shape);
  const factor = Math.max(1, Math.ceil(SAVED_SIDE / Math.max(small.width, small.height)));
  const large = document.createElement("canvas");
  large.width = small.width * factor;
  large.height = small.height * factor;
  const context = large.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, large.width, large.height);
  save(await new Promise((resolve) => large.toBlob(resolve, "image/png")), name);
}

/** Save a Blob as a file in the user's download folder. */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
