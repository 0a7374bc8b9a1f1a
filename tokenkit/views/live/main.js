// The page: its views, its controls, and when what is asked of the backend.

import { chunkOptions, listenForChunks, showChunks } from "./chunks_view.js";
import { listenForCopy, showChat } from "./chat_view.js";
import { byId, copy, data, element, tokensIn, visible } from "./dom.js";
import { clearFigures, showFigures } from "./figures.js";
import { allNames, modelOf, wordsOfEnd, wordsOfName } from "./models.js";
import { listenForText, onText, setText, source } from "./source.js";
import { linkTo, readFragment, state, writeFragment } from "./state.js";
import { clearTokens, listenForTokens, repaintTokens, showTokens } from "./tokens_view.js";
import { comparedModels, showWindow } from "./window_view.js";

/** @import { Backend, View } from "./types.d.ts" */

/** @type {View[]} */
const VIEWS = ["tokens", "window", "chat", "chunks"];
const app = byId("app");
const request = byId("request");
const files = data.files ?? [];
// What each view asks for.
/** @type {Record<string, string[]>} */
const ASKED = {
  tokens: ["link", "file", "tokens"],
  window: ["link", "file", "tokens", "window"],
  chat: ["link", "request", "chat"],
  chunks: ["link", "file", "tokens", "chunks"],
};
/** @type {Map<string, string>} */
const faults = new Map(); // by what was asked for
/** @type {Backend} */
let backend;
let pending = 0;

/** @param {number} by */
const busy = (by) => {
  pending += by;
  app.dataset.busy = String(pending);
};

/**
 * Call a function once nothing has asked for it for a while.
 * @type {(action: () => void, wait: number) => () => void}
 */
function later(action, wait) {
  let timer = 0;
  return () => {
    if (timer) clearTimeout(timer);
    else busy(1);
    timer = setTimeout(() => {
      timer = 0;
      action();
      busy(-1);
    }, wait);
  };
}

/**
 * Call a function once the next frame is on the screen, so that what was typed is seen first.
 * @type {(action: () => void) => () => void}
 */
function afterFrame(action) {
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    busy(1);
    const go = () => {
      waits = false;
      action();
      busy(-1);
    };
    if (document.hidden) setTimeout(go);
    else requestAnimationFrame(() => setTimeout(go));
  };
}

/** @param {unknown} error */
const wordsOf = (error) => (error instanceof Error ? error.message : String(error));

/** @type {(kind: string, words: string) => void} */
function tell(kind, words) {
  if (words) faults.set(kind, words);
  else faults.delete(kind);
  showFaults();
}

function showFaults() {
  const words = ASKED[state.view].map((kind) => faults.get(kind));
  byId("error").textContent = visible([...new Set(words)].filter(Boolean).join(" "));
}

/**
 * Run an action; only the answer to the last call is shown. If it went wrong that is said, and no
 * older answer stays beside it.
 * @type {(kind: string, action: () => Promise<() => void>, clear: () => void) => () => Promise<void>}
 */
function latest(kind, action, clear) {
  let turn = 0;
  return async () => {
    const mine = ++turn;
    busy(1);
    try {
      const show = await action();
      if (mine === turn) {
        tell(kind, "");
        show();
      }
    } catch (error) {
      const ended = error instanceof Error && error.name === "AbortError";
      if (!ended && mine === turn) {
        tell(kind, wordsOf(error));
        clear();
      }
    } finally {
      busy(-1);
    }
  };
}

/** @type {() => Promise<() => void>} */
const askTokens = async () => {
  const { text } = source;
  const names =
    state.other && state.view === "tokens" ? [state.encoding, state.other] : [state.encoding];
  const special = state.view === "tokens" && Boolean(state.special); // other views know none
  const tokens = await Promise.all(
    names.map((name, slot) => backend.tokens(text, name, special, slot)),
  );
  return () => {
    if (text !== source.text) return; // a newer one is on its way
    showFigures(text, tokens[0].ids.length);
    if (state.view !== "tokens") return;
    const without = tokens.findIndex(({ ids, spans }) => spans.length < ids.length);
    if (without < 0) showTokens(text, tokens, names);
    else
      clearTokens(`${names[without]} changes this text first: its tokens stand at no place in it.`);
  };
};
const refreshTokens = latest("tokens", askTokens, () => {
  clearFigures();
  clearTokens();
});

/** @type {() => Promise<() => void>} */
const askWindow = async () => {
  const { text } = source;
  const reply = tokensIn("reserved for the reply", state.reserve, 0);
  const comparison = comparedModels(backend.holds);
  const own = modelOf(state.model) ? await backend.counts(text, [state.model]) : {};
  showWindow(own, comparison, reply); // the others may take longer: some load a vocabulary
  const names = comparison.shown.map((model) => model.name);
  const counts = await backend.counts(text, names);
  return () => showWindow({ ...counts, ...own }, comparison, reply);
};
const refreshWindow = latest("window", askWindow, () => {
  showWindow({}, { shown: [], more: 0 }, 0);
});

/** @type {() => Promise<() => void>} */
const askChunks = async () => {
  const { text } = source;
  const options = chunkOptions();
  const chunks = await backend.chunks(text, state.encoding, options);
  return () => showChunks(text, chunks, options.max_tokens);
};
const refreshChunks = latest("chunks", askChunks, () => showChunks("", [], 0));

/** @type {() => Promise<() => void>} */
const askChat = async () => {
  const text = request.value.toWellFormed().replace(/^\ufeff/, ""); // the mark of a file's beginning
  if (!text.trim()) return () => showChat(null);
  const limit = state.limit === "" ? null : tokensIn("fit into", state.limit);
  const answer = await backend.chat(text, state.model, limit);
  return () => showChat(answer);
};
const refreshChat = latest("chat", askChat, () => showChat(null));

/** @type {Record<string, () => Promise<void>>} */
const REFRESH = { window: refreshWindow, chunks: refreshChunks, chat: refreshChat };
// What is asked more rarely than the tokens while one types.
const soon = Object.fromEntries(
  Object.entries(REFRESH).map(([name, go]) => [name, later(go, 250)]),
);

function refresh() {
  if (state.view === "chat") return refreshChat();
  refreshTokens();
  REFRESH[state.view]?.();
}

function showView() {
  showFaults();
  for (const name of VIEWS) {
    const chosen = name === state.view;
    const tab = byId(`tab-${name}`);
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    byId(`panel-${name}`).hidden = !chosen;
  }
  byId("source").hidden = state.view === "chat";
  byId("encoding-field").hidden = state.view === "chat" || state.view === "window";
  byId("model-field").hidden = state.view === "chunks";
  byId("model-note").hidden = state.view === "chunks";
  byId("inspector").hidden = state.view !== "tokens";
}

/**
 * The controls, by what they choose.
 * @returns {[string, HTMLInputElement | HTMLSelectElement | HTMLButtonElement][]}
 */
const controls = () =>
  [.../** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("[data-state]"))].map(
    (control) => [control.dataset.state ?? "", control],
  );

/** Show in the controls what is chosen. */
function showState() {
  for (const [name, control] of controls()) {
    if (control instanceof HTMLInputElement && control.type === "checkbox")
      control.checked = Boolean(state[name]);
    else if (control instanceof HTMLButtonElement) {
      control.setAttribute("aria-pressed", String(Boolean(state[name])));
      control.disabled = name === "ids" && state.other !== ""; // their column has other tokens then
    } else control.value = state[name];
  }
  byId("model-note").textContent = visible(modelWords().join(" "));
}

/** Say what one should know of the chosen model. */
function modelWords() {
  if (!state.model) return [];
  const words = wordsOfName(state.model);
  const model = modelOf(state.model);
  if (!model) return words;
  const others = `the tokens are those of ${state.encoding}.`;
  if (state.view === "chat") {
    // Its tokens are those of the request's model alone.
  } else if (!model.encoding) words.push(`${model.name} has no public tokenizer here; ${others}`);
  else if (model.encoding !== state.encoding)
    words.push(`${model.name} uses ${model.encoding}; ${others}`);
  else if (model.assumed) words.push(`That ${model.name} uses ${model.encoding} is assumed.`);
  const end = wordsOfEnd(model);
  if (end) words.push(`${end}.`);
  return words;
}

/** Write what is chosen to the address, which then holds no texts. */
function stateChanged() {
  writeFragment();
  byId("share-note").textContent = "";
}

/** @type {(name: string, value: string) => void} */
function choose(name, value) {
  state[name] = value;
  if (name === "model") {
    const encoding = modelOf(value)?.encoding;
    if (encoding && backend.encodings.includes(encoding)) state.encoding = encoding;
  }
  stateChanged();
  showState();
  if (name === "marks" || name === "ids") repaintTokens();
  else if (name === "limit" || name === "find" || name === "reserve") soon[state.view]?.();
  else refresh();
}

function listen() {
  for (const [name, control] of controls()) {
    if (control instanceof HTMLButtonElement) {
      control.addEventListener("click", () => choose(name, state[name] ? "" : "1"));
    } else if (control instanceof HTMLInputElement && control.type === "checkbox") {
      control.addEventListener("change", () => choose(name, control.checked ? "1" : ""));
    } else {
      const often = ["range", "number", "search"].includes(control.type);
      control.addEventListener(often ? "input" : "change", () => choose(name, control.value));
    }
  }
  for (const name of VIEWS) {
    byId(`tab-${name}`).addEventListener("click", () => open(name));
    byId(`tab-${name}`).addEventListener("keydown", (event) => {
      const at = VIEWS.indexOf(name);
      const last = VIEWS.length - 1;
      /** @type {Record<string, number>} */
      const places = { ArrowRight: at + 1, ArrowLeft: at + last, Home: 0, End: last };
      if (!(event.key in places)) return;
      event.preventDefault();
      const next = VIEWS[places[event.key] % VIEWS.length];
      open(next);
      byId(`tab-${next}`).focus();
    });
  }
  byId("models-body").addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("[data-model]");
    if (button instanceof HTMLElement) choose("model", button.dataset.model ?? "");
  });
  const model = byId("model");
  model.addEventListener("input", () => {
    if (modelOf(model.value)) choose("model", model.value);
  });
  request.addEventListener("input", () => {
    byId("share-note").textContent = "";
    tell("request", "");
    soon.chat();
  });
  app.addEventListener("input", () => tell("link", ""));
  const drawSoon = afterFrame(refreshTokens);
  onText(() => {
    byId("share-note").textContent = "";
    drawSoon();
    soon[state.view]?.();
  });
  byId("share").addEventListener("click", share);
  addEventListener("hashchange", readAddress);
}

/** @param {View} name */
function open(name) {
  state.view = name;
  stateChanged();
  showState();
  showView();
  refresh();
}

async function share() {
  byId("share-note").textContent = "";
  const { url, left } = await linkTo({ text: source.text, request: request.value });
  history.replaceState(null, "", url);
  const places = (await copy(url)) ? "the address and the clipboard" : "the address";
  const without = left.length ? ` It is too long to hold the ${left.join(" and the ")}.` : "";
  byId("share-note").textContent = `The link is in ${places}.${without}`;
}

async function readAddress() {
  const texts = await readFragment();
  if (!VIEWS.some((name) => name === state.view)) state.view = "tokens";
  if (texts.request !== undefined) request.value = texts.request;
  const lost = Object.keys(texts).filter((name) => texts[name] === undefined);
  byId("share-note").textContent = "";
  tell(
    "link",
    lost.length ? `The link is broken: its ${lost.join(" and its ")} cannot be read.` : "",
  );
  showState();
  showView();
  if (texts.text === undefined) refresh();
  else setText(texts.text);
}

function fillChoices() {
  byId("home").textContent = backend.words;
  byId("lacks").textContent = backend.lacks ?? "";
  /** @param {string[]} names */
  const options = (names) => names.map((name) => new Option(name, name));
  byId("encoding").append(...options(backend.encodings));
  byId("other").append(new Option("none", ""), ...options(backend.encodings));
  byId("other-field").hidden = backend.encodings.length < 2;
  byId("model-names").append(...options(allNames));
  for (const [index, file] of files.entries()) {
    const button = element("button", "", visible(file.name));
    button.type = "button";
    button.addEventListener("click", () => openFile(index));
    byId("given").append(button);
  }
}

/** @param {number} index */
async function openFile(index) {
  const { name } = files[index];
  try {
    setText(await backend.file(index), name);
    tell("file", "");
  } catch (error) {
    tell("file", wordsOf(error));
  }
}

/** @param {Backend} chosen */
export async function start(chosen) {
  backend = chosen;
  fillChoices();
  listenForText((error) => tell("request", wordsOf(error)));
  listenForTokens();
  listenForChunks();
  listenForCopy();
  listen();
  await readAddress();
  const box = byId("box");
  if (!source.text && box.value)
    setText(box.value); // the browser kept it over a reload
  else if (!source.text && files.length) await openFile(0);
  app.dataset.ready = "true";
}
