// The state of the page in its address, after the #, so that a link restores it.
//
// `tab` names the open view. The other keys belong to this view.

/** Return the state in the address. */
export const readAddress = () => new URLSearchParams(location.hash.slice(1));

/** Replace the state in the address, without a new entry in the history. Empty values are left out. */
export function writeAddress(tab, entries) {
  const parameters = new URLSearchParams([["tab", tab], ...entries.filter(([, value]) => value)]);
  // Colons and commas are allowed there, and make the address easier to read.
  const hash = parameters.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  history.replaceState(null, "", `#${hash}`);
}

/** Return a number in the address, or null if it is missing or no number. */
export function readNumber(text) {
  const number = text === null || text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}
