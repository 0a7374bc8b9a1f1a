// What is chosen on the page, and the address's fragment, which holds it: a link to the page then
// shows the same, and no server learns of it. Texts are in it only when a link is asked for, so that
// no history of addresses keeps what is typed.

import { data } from "./dom.js";
import { modelOf } from "./models.js";

const NO = "";
const DEFAULTS = {
  view: "tokens",
  model: data.model ?? "gpt-5.4",
  encoding: data.encodings[0],
  other: NO,
  special: NO,
  marks: NO,
  ids: NO,
  reserve: "1000",
  find: NO,
  limit: NO,
  max: "200",
  overlap: "0",
  format: "auto",
  strategy: "optimal",
  tightness: "0.5",
};
const LONGEST_LINK = 30_000;

/** @type {Record<string, string>} */
export const state = { ...DEFAULTS };
const own = modelOf(state.model)?.encoding;
if (own && data.encodings.includes(own)) state.encoding = own;
const begin = { ...state };

/** Read the fragment; give the texts in it. */
export async function readFragment() {
  const fields = new URLSearchParams(location.hash.slice(1));
  for (const name of Object.keys(DEFAULTS)) state[name] = fields.get(name) ?? begin[name];
  if (!data.encodings.includes(state.encoding)) state.encoding = begin.encoding;
  if (!data.encodings.includes(state.other)) state.other = NO;
  /** @type {Record<string, string | undefined>} */
  const texts = {};
  for (const name of ["text", "request"]) {
    const packed = fields.get(name);
    if (packed !== null) texts[name] = await unpackedText(packed);
  }
  return texts;
}

/**
 * What is chosen, without what a page begins with. Another page may begin with another model.
 * @param {string[]} always
 */
function settings(...always) {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) {
    if (value !== begin[name] || always.includes(name)) fields.set(name, value);
  }
  return fields;
}

/** Write what is chosen to the fragment. */
export function writeFragment() {
  const fields = settings().toString();
  history.replaceState(null, "", `#${fields}`);
}

/**
 * Make a link to what is shown, with its texts; they are left out, and named, if it grew too long.
 * @param {Record<string, string>} texts
 */
export async function linkTo(texts) {
  const fields = settings("model", "encoding");
  const left = [];
  let room = LONGEST_LINK;
  for (const [name, text] of Object.entries(texts)) {
    if (!text) continue;
    const packed = await packedText(text);
    if (packed.length > room) left.push(name);
    else {
      fields.set(name, packed);
      room -= packed.length;
    }
  }
  const url = new URL(location.href);
  url.hash = fields.toString();
  return { url: url.href, left };
}

/** @param {string} text */
async function packedText(text) {
  const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** @param {string} packed */
async function unpackedText(packed) {
  if (packed.length > LONGEST_LINK) return undefined; // it may unpack to any size
  try {
    const binary = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (one) => one.charCodeAt(0));
    const text = await through(bytes, new DecompressionStream("deflate-raw"));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text);
  } catch {
    return undefined; // a link that lost its end
  }
}

/** @type {(bytes: BlobPart, stream: GenericTransformStream) => Promise<Uint8Array>} */
async function through(bytes, stream) {
  const whole = new Response(new Blob([bytes]).stream().pipeThrough(stream));
  return new Uint8Array(await whole.arrayBuffer());
}
