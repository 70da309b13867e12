// Requests to the explorer's server. Every failure is an Error whose message can be shown.

async function request(path, options) {
  let response;
  try {
    response = await fetch(`api/${path}`, options);
  } catch {
    throw new Error("The explorer does not answer. Is it still running?");
  }
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  throw new Error(answer.error ?? `The explorer answered with status ${response.status}.`);
}

async function post(path, body) {
  return request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

const model = (name) => `models/${encodeURIComponent(name)}`;

/** Decode base64 to bytes. */
const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** An image to start from: its embedding, its reconstruction, and the original if there is one. */
function start(answer) {
  return {
    ...answer,
    original: answer.original === null ? null : bytes(answer.original),
    reconstruction: bytes(answer.reconstruction),
  };
}

/** Split the bytes of several images of H × W × C values. */
export function split(data, shape) {
  const size = shape[0] * shape[1] * shape[2];
  return Array.from({ length: data.length / size }, (_, i) => data.subarray(i * size, (i + 1) * size));
}

export const listModels = async () => (await request("models")).json();
export const loadModel = async (name) => (await request(model(name))).json();
export const getPlane = async (name) => (await request(`${model(name)}/plane`)).json();
export const getSample = async (name, seed) =>
  start(await (await request(`${model(name)}/samples/${seed}`)).json());
export const getTestImage = async (name, index) =>
  start(await (await request(`${model(name)}/test/${index}`)).json());

/** Encode an image file, a Blob. */
export const encode = async (name, file) =>
  start(await (await request(`${model(name)}/encode`, { method: "POST", body: file })).json());

/**
 * Decode points of one or more models in one request.
 * @param {{model: {name: string, shape: number[]}, z: number[][]}[]} parts
 * @returns {Promise<Uint8Array[][]>} the images of each part
 */
export async function decode(parts) {
  const body = { parts: parts.map(({ model: { name }, z }) => ({ model: name, z })) };
  const data = new Uint8Array(await (await post("decode", body)).arrayBuffer());
  let offset = 0;
  return parts.map(({ model: { shape }, z }) => {
    const length = z.length * shape[0] * shape[1] * shape[2];
    offset += length;
    return split(data.subarray(offset - length, offset), shape);
  });
}

/** Edit a point by α per attribute; returns its image. */
export async function edit({ name }, z, changes, orthogonal) {
  const response = await post(`${model(name)}/edit`, { z, changes, orthogonal });
  return new Uint8Array(await response.arrayBuffer());
}

/** The frames of the morph from z_a to z_b. */
export async function morph({ name, shape }, a, b, steps) {
  const response = await post(`${model(name)}/morph`, { a, b, steps });
  return split(new Uint8Array(await response.arrayBuffer()), shape);
}

export const morphGif = async ({ name }, a, b, steps) =>
  (await post(`${model(name)}/morph.gif`, { a, b, steps })).blob();

/** The test images that lie nearest to a point. */
export async function nearest({ name }, z, count) {
  const found = await (await post(`${model(name)}/nearest`, { z, count })).json();
  return found.map((image) => ({ ...image, pixels: bytes(image.pixels) }));
}

/**
 * Return a function that runs `action` with the latest arguments, one call at a time.
 *
 * Calls that arrive during a run replace each other, so a slow server skips frames and never falls
 * behind. An error goes to `failed`.
 */
export function latest(action, failed) {
  let waiting = null;
  let running = false;
  return async (...args) => {
    waiting = args;
    if (running) return;
    running = true;
    while (waiting !== null) {
      const next = waiting;
      waiting = null;
      try {
        await action(...next);
      } catch (error) {
        failed(error);
      }
    }
    running = false;
  };
}
