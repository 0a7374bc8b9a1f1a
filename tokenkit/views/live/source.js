// The text: typed, pasted, dropped or opened from files.

import { byId, characters, counted, visible } from "./dom.js";
import { RIGHT_TO_LEFT } from "./layout.js";

/** @typedef {() => void} Listener */

const MOST_EDITABLE = 200_000; // UTF-16 units: the browser's own box gets slow above

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
    const size = counted(characters(whole), "character");
    box.value = `${visible(name) || "This text"}: ${size}, too long to edit here. It is shown below.`;
    source.mirrored = false;
    told("");
  } else {
    box.value = whole;
    source.mirrored = box.value === whole;
    // A box of a browser has no \r: the text is counted as the file has it until it is edited.
    told(
      source.mirrored
        ? name
        : `${name || "This text"} has line ends of Windows; editing makes them \\n.`,
    );
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

/** @param {File} file */
async function textIn(file) {
  try {
    const bytes = await file.arrayBuffer();
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const size = counted(file.size, "byte");
    throw new Error(`${file.name} is not text in UTF-8 (${size}), so it is not shown.`);
  }
}

/** @param {FileList} files */
async function opened(files) {
  const names = [...files].map((file) => file.name).join(", ");
  try {
    const texts = await Promise.all([...files].map(textIn));
    if (texts.length) setText(texts.join(""), names);
  } catch (error) {
    told(/** @type {Error} */ (error).message);
  }
}

/**
 * Take a file that is dropped on a chat as its request.
 * @param {FileList} files
 */
async function requestIn(files) {
  if (files.length > 1) throw new Error(`expected one request, got ${files.length} files`);
  const text = await textIn(files[0]);
  const request = byId("request");
  request.value = text;
  request.dispatchEvent(new Event("input"));
}

/**
 * `refuse(error)` says why a file cannot be a request.
 * @param {(error: unknown) => void} refuse
 */
export function listenForText(refuse) {
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
  // Beside the page, too: a browser leaves the page for a file that is dropped there.
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    area.classList.add("dropping");
  });
  document.addEventListener("dragleave", () => area.classList.remove("dropping"));
  document.addEventListener("drop", (event) => {
    area.classList.remove("dropping");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    if (byId("panel-chat").hidden) opened(event.dataTransfer.files);
    else requestIn(event.dataTransfer.files).catch(refuse);
  });
}
