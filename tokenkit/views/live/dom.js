// What all views use: the page's data, elements, numbers, and characters that would not be seen.
// Nothing of a text is ever parsed as HTML.

export const byId = (id) => document.getElementById(id);
export const data = JSON.parse(byId("data").textContent);
export const HUES = 6;

const HIDDEN = new RegExp(data.hidden, "gu");
const IS_HIDDEN = new RegExp(data.hidden, "u"); // without g a pattern remembers no place
const MARKED = new RegExp(
  `${data.hidden}|[ \\t\\n\\r\\u200c\\u200d\\ufe00-\\ufe0f\\u00a0\\u3000]`,
  "gu",
);
const MARKS = {
  " ": "·",
  "\t": "→",
  "\n": "↵",
  "\r": "␍",
  "\u200c": "|",
  "\u200d": "+",
  "\u00a0": "⍽",
  "\u3000": "□",
};
const utf8 = new TextEncoder();

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export function drawn(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

export const number = (value) => value.toLocaleString("en");
export const counted = (value, word) => `${number(value)} ${word}${value === 1 ? "" : "s"}`;
export const bytesOf = (text) => utf8.encode(text);

const codeName = (character) =>
  `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
const hiddenName = (character) => data.names[character.codePointAt(0)] || codeName(character);

/** A text in which what is hidden has its name. */
export const visible = (text) => text.replace(HIDDEN, (one) => `[${hiddenName(one)}]`);

/** Append a text: hidden characters by name, with `marks` white space by a sign. */
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
      const narrow = "\n\r".includes(character) || !MARKS[character];
      const mark = element("i", narrow ? "w n" : "w", character);
      mark.dataset.m = MARKS[character] || "◌";
      parent.append(mark);
    }
  }
  if (done < text.length) parent.append(text.slice(done));
}

/** How many characters (code points) a text without lone surrogates has. */
export function characters(text) {
  let pairs = 0;
  for (let at = 0; at < text.length; at++) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xd800) pairs++;
  }
  return text.length - pairs;
}

/** Give a file to the reader's downloads. */
export function download(name, text, type) {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Copy a text; where the browser has no clipboard for the page, by the old command. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
