// What all views use: the page's data, elements, numbers, and characters that would not be seen.
// Nothing of a text is ever parsed as HTML.

/** @import { ById, PageData } from "./types.d.ts" */

/** @type {ById} */
export const byId = (id) => /** @type {any} */ (document.getElementById(id));
/** @type {PageData} */
export const data = JSON.parse(byId("data").textContent);
export const HUES = 6;

const HIDDEN = new RegExp(data.hidden, "gu");
const IS_HIDDEN = new RegExp(data.hidden, "u"); // without g a pattern remembers no place
const MARKED = new RegExp(`${data.hidden}|[${Object.keys(data.marks).join("")}]`, "gu");
const utf8 = new TextEncoder();

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [className]
 * @param {string} [text]
 */
export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} attributes
 */
export function drawn(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/** @type {(value: number) => string} */
export const number = (value) => value.toLocaleString("en");
/** @type {(value: number, word: string) => string} */
export const counted = (value, word) => `${number(value)} ${word}${value === 1 ? "" : "s"}`;

/**
 * Read a number of tokens that was typed into a field; none is `empty`.
 * @type {(field: string, typed: string, empty?: number) => number}
 */
export function tokensIn(field, typed, empty) {
  const value = typed.trim() === "" ? (empty ?? Number.NaN) : Number(typed);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`${field}: expected a whole number of tokens, got ${typed.trim() || "none"}`);
}

/** @type {(text: string) => Uint8Array} */
export const bytesOf = (text) => utf8.encode(text);

/** @type {(character: string) => number} */
const codeOf = (character) => character.codePointAt(0) ?? 0;
/** @type {(character: string) => string} */
const codeName = (character) =>
  `U+${codeOf(character).toString(16).toUpperCase().padStart(4, "0")}`;
/** @type {(character: string) => string} */
const hiddenName = (character) => data.names[codeOf(character)] || codeName(character);

/**
 * A text in which what is hidden has its name.
 * @type {(text: string) => string}
 */
export const visible = (text) => text.replace(HIDDEN, (one) => `[${hiddenName(one)}]`);

/**
 * Append a text: hidden characters by name, with `marks` white space by a sign.
 * @type {(parent: HTMLElement, text: string, marks: boolean) => void}
 */
export function addText(parent, text, marks) {
  let done = 0;
  for (const found of text.matchAll(marks ? MARKED : HIDDEN)) {
    if (found.index > done) parent.append(text.slice(done, found.index));
    const character = found[0];
    done = found.index + character.length;
    if (IS_HIDDEN.test(character)) {
      const pill = element("b", "c", hiddenName(character));
      pill.title = codeName(character);
      parent.append(pill);
    } else {
      const [mark, style] = data.marks[character];
      const marked = element("i", style, character);
      marked.dataset.m = mark;
      parent.append(marked);
    }
  }
  if (done < text.length) parent.append(text.slice(done));
}

/**
 * How many characters (code points) a text without lone surrogates has.
 * @param {string} text
 */
export function characters(text) {
  let pairs = 0;
  for (let at = 0; at < text.length; at++) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xd800) pairs++;
  }
  return text.length - pairs;
}

/**
 * Give a file to the reader's downloads.
 * @type {(name: string, text: string, type: string) => void}
 */
export function download(name, text, type) {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * Copy a text; where the browser has no clipboard for the page, by the old command. Say whether it is
 * in the clipboard.
 * @param {string} text
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = document.activeElement;
    const area = element("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return copied;
  }
}
