// The text: typed, pasted, dropped or opened from files.

import { byId, counted, number, visible } from "./dom.js";

/** @typedef {() => void} Listener */

const MOST_EDITABLE = 200_000; // UTF-16 units: the browser's own box gets slow above
// A character that makes a line run from right to left, or the first half of one: the blocks of
// Unicode's DerivedBidiClass.txt whose default is R or AL, and the mark U+200F.
const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\ud802\ud803\ud83a\ud83b]/;

const box = byId("box");
/** @type {Listener[]} */
const listeners = [];

/** The text that all views show. `mirrored` says that the box holds just this. */
export const source = { text: "", mirrored: true };

/** @param {Listener} listener */
export const onText = (listener) => listeners.push(listener);

function changed() {
  for (const listener of listeners) listener();
}

/** @param {string} words */
const told = (words) => {
  byId("source-note").textContent = visible(words);
};

/**
 * Let each line have its own direction, where one may run from right to left: Chromium takes 8 ms
 * for a key to find that out in a line of 100 KB.
 * @param {string} text
 */
function direct(text) {
  const direction = RIGHT_TO_LEFT.test(text) ? "auto" : "ltr";
  if (box.dir !== direction) box.dir = direction;
}

/**
 * Take a text from elsewhere; `name` is that of its file.
 * @param {string} text
 */
export function setText(text, name = "") {
  const whole = text.toWellFormed();
  source.text = whole;
  direct(whole);
  box.readOnly = whole.length > MOST_EDITABLE;
  if (box.readOnly) {
    box.value = `${visible(name) || "This text"}: ${counted(whole.length, "character")}, too long to edit here. It is shown below.`;
    source.mirrored = false;
    told("");
  } else {
    box.value = whole;
    source.mirrored = box.value === whole;
    // A box of a browser has no \r: the text is counted as the file has it until it is edited.
    told(source.mirrored ? name : `${name} has line ends of Windows; editing makes them \\n.`);
  }
  changed();
}

function typed() {
  if (box.readOnly) return;
  source.text = box.value.toWellFormed();
  source.mirrored = true;
  direct(source.text);
  told("");
  changed();
  if (source.text.length > MOST_EDITABLE) setText(source.text);
}

/**
 * Take a long text that is pasted past the box, which would work on it for seconds.
 * @param {ClipboardEvent} event
 */
function pasted(event) {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (text.length <= MOST_EDITABLE || box.readOnly) return;
  event.preventDefault();
  const { value, selectionStart, selectionEnd } = box;
  const ours = text.replace(/\r\n?/g, "\n"); // as the box would have it
  setText(value.slice(0, selectionStart) + ours + value.slice(selectionEnd));
}

/** @param {FileList} files */
async function opened(files) {
  const texts = [];
  for (const file of files) {
    try {
      const bytes = await file.arrayBuffer();
      texts.push(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    } catch {
      told(`${file.name} is not text in UTF-8 (${number(file.size)} bytes), so it is not shown.`);
      return;
    }
  }
  const names = [...files].map((file) => file.name).join(", ");
  if (texts.length) setText(texts.join(""), names);
}

/**
 * Take a file that is dropped on a chat as its request.
 * @param {File} file
 */
async function openedRequest(file) {
  const request = byId("request");
  request.value = await file.text();
  request.dispatchEvent(new Event("input"));
}

export function listenForText() {
  box.addEventListener("input", typed);
  box.addEventListener("paste", pasted);
  byId("open").addEventListener("click", () => byId("files").click());
  const chosen = byId("files");
  chosen.addEventListener("change", () => {
    if (chosen.files) opened(chosen.files);
    chosen.value = "";
  });
  byId("clear").addEventListener("click", () => {
    setText("");
    box.focus();
  });
  const area = byId("app");
  area.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    area.classList.add("dropping");
  });
  area.addEventListener("dragleave", () => area.classList.remove("dropping"));
  area.addEventListener("drop", (event) => {
    area.classList.remove("dropping");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    if (byId("panel-chat").hidden) opened(event.dataTransfer.files);
    else openedRequest(event.dataTransfer.files[0]);
  });
}
