// The first half of the page's script: its data, and the text in the colours of its tokens.
// page.js, the second half, follows it in the same script element.
"use strict";

// The text is made into rows of some hundred tokens. A row holds plain text until it comes near the
// screen; then its tokens become elements. Nothing of the text is ever parsed as HTML.
//
/** @import { ById, PageData, Part, Place, RawView, Row, RowElement } from "./page_types.d.ts" */
/** @import { State, TokenElement, View } from "./page_types.d.ts" */

// In a notebook the page may be a part of another document, and may be there twice: it looks for
// its elements only in itself, and listens to keys of the whole document only if that is its own.
const page = /** @type {HTMLElement} */ (document.currentScript?.closest(".page"));
const alone = page.parentNode === document.body && document.body.children.length === 1;
/** @type {ById} */
const byId = (id) => /** @type {any} */ (page.querySelector(`[id="${id}"]`));
/** @type {PageData} */
const data = JSON.parse(byId("data").textContent);
const stage = byId("text"),
  side = byId("side"),
  inspector = byId("inspector"),
  find = byId("find");
const two = data.encodings.length > 1;
const HUES = 6;
const HIDDEN = new RegExp(data.hidden, "gu");
const IS_HIDDEN = new RegExp(data.hidden, "u"); // without g a pattern remembers no place
const MARKED = new RegExp(`${data.hidden}|[${Object.keys(data.marks).join("")}]`, "gu");
const utf8 = new TextEncoder();
/** @type {State} */
const state = { marks: false, matches: [], match: -1, here: null, hover: null, linked: [] };

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [className]
 * @param {string} [text]
 */
function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** @type {(character: string) => number} */
const codeOf = (character) => character.codePointAt(0) ?? 0;
/** @type {(character: string) => string} */
const codeName = (character) =>
  `U+${codeOf(character).toString(16).toUpperCase().padStart(4, "0")}`;
/** @type {(character: string) => string} */
const hiddenName = (character) => data.names[codeOf(character)] || codeName(character);
/** @type {(value: number) => string} */
const number = (value) => value.toLocaleString("en");

/**
 * Segments: stretches of whole characters made of whole tokens.
 * @type {(raw: RawView) => View}
 */
function readView(raw) {
  /** @type {number[]} */
  const starts = [];
  /** @type {number[]} */
  const first = [];
  /** @type {Map<number, number>} */
  const sizesAt = new Map();
  let at = 0,
    sizes = 0;
  raw.steps.forEach((step, token) => {
    if (step >= 0) {
      starts.push(at);
      first.push(token);
      at += step;
    } else {
      const segment = first.length - 1;
      if (!sizesAt.has(segment)) {
        sizesAt.set(segment, sizes);
        sizes += 1;
      }
      sizes += 1;
      at += ~step;
    }
  });
  const length = starts.length;
  starts.push(at);
  first.push(raw.ids.length);
  return {
    ids: raw.ids,
    sizes: raw.sizes,
    sizesAt,
    length,
    starts: Uint32Array.from(starts),
    first: Uint32Array.from(first),
  };
}

/**
 * The last index whose value is at most `place`.
 * @type {(values: ArrayLike<number>, place: number, length: number) => number}
 */
function indexAt(values, place, length) {
  let low = 0,
    high = length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (values[middle] <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * Rows end at line ends where they can, and where all views have a border.
 * @param {Part} part
 */
function rowEnds(part) {
  const view = part.views[0],
    ends = [];
  const others = part.views.slice(1).map((other) => new Set(other.starts));
  let size = 0;
  for (let index = 1; index < view.length; index++) {
    size++;
    const place = view.starts[index];
    const lineEnd = part.text.charCodeAt(place - 1) === 10;
    if ((lineEnd && size >= 120) || size >= 600) {
      if (others.every((places) => places.has(place))) {
        ends.push(place);
        size = 0;
      }
    }
  }
  ends.push(part.text.length);
  return ends;
}

/**
 * How high a row is about, in em, for as long as it was never laid out: 90 characters a line.
 * @param {string} text
 */
function likelyHeight(text) {
  let lines = 0;
  for (const line of text.replace(/\n$/, "").split("\n")) lines += 1 + Math.floor(line.length / 90);
  return (lines * 1.75 * 0.95).toFixed(1);
}

/** @type {(parent: HTMLElement, text: string) => void} */
function addText(parent, text) {
  const pattern = state.marks ? MARKED : HIDDEN;
  let done = 0;
  for (const found of text.matchAll(pattern)) {
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

/** @type {(text: string) => string} */
const plain = (text) => text.replace(HIDDEN, hiddenName);

/** @param {Row} row */
function paint(row) {
  row.painted = true;
  row.cells.forEach((cell, which) => {
    const view = row.part.views[which],
      [from, to] = cell.range;
    const all = document.createDocumentFragment();
    /** @type {TokenElement[]} */
    const spans = [];
    for (let segment = from; segment < to; segment++) {
      const token = view.first[segment],
        many = view.first[segment + 1] - token;
      /** @type {TokenElement} */
      const span = element("span", `t h${token % HUES}`);
      if (many > 1) {
        const stops = [];
        for (let k = 0; k < many; k++) {
          const hue = `var(--h${(token + k) % HUES})`;
          stops.push(`${hue} ${(100 * k) / many}%`, `${hue} ${(100 * (k + 1)) / many}%`);
        }
        span.style.backgroundImage = `linear-gradient(to right, ${stops.join(", ")})`;
      }
      if (view.starts[segment] < row.part.repeated) span.classList.add("rep");
      addText(span, row.part.text.slice(view.starts[segment], view.starts[segment + 1]));
      span.place = { row, which, segment };
      spans.push(span);
      all.append(span);
    }
    cell.spans = spans;
    cell.node.replaceChildren(all);
  });
  decorate(row);
}

/** @param {Row} row */
function unpaint(row) {
  row.painted = false;
  for (const cell of row.cells) {
    cell.spans = null;
    cell.node.textContent = plain(row.part.text.slice(row.from, row.to));
  }
}

/** @param {Row} row */
function paintIds(row) {
  const [from, to] = row.cells[0].range,
    view = row.part.views[0];
  const all = document.createDocumentFragment();
  /** @type {TokenElement[]} */
  const spans = [];
  for (let segment = from; segment < to; segment++) {
    for (let token = view.first[segment]; token < view.first[segment + 1]; token++) {
      /** @type {TokenElement} */
      const span = element("span", `n h${token % HUES}`, String(view.ids[token]));
      span.place = { row, which: 0, segment };
      spans.push(span);
      all.append(span, " ");
    }
  }
  row.idSpans = spans;
  row.idNode?.replaceChildren(all);
}

/** @param {Row} row */
function decorate(row) {
  row.cells.forEach((cell, which) => {
    const view = row.part.views[which],
      spans = cell.spans ?? [];
    for (const span of spans) span.classList.remove("m", "now");
    for (const index of row.matches || []) {
      const match = state.matches[index];
      const last = indexAt(view.starts, Math.max(match.start, match.end - 1), view.length);
      for (let s = indexAt(view.starts, match.start, view.length); s <= last; s++) {
        const span = spans[s - cell.range[0]];
        if (span) {
          span.classList.add("m");
          span.classList.toggle("now", index === state.match);
        }
      }
    }
  });
}

/** @type {(node: Element) => Row} */
const rowOf = (node) => /** @type {any} */ (node).row;

const near = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const row = rowOf(target);
      if (isIntersecting && !row.painted) paint(row);
      else if (!isIntersecting && row.painted) unpaint(row);
    }
    link();
  },
  { rootMargin: "900px 0px" },
);
const nearIds = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const row = rowOf(target);
      if (isIntersecting && !row.idSpans) paintIds(row);
    }
    link();
  },
  { rootMargin: "600px 0px" },
);

function build() {
  if (two) {
    const names = element("div", "names");
    for (const name of data.encodings) names.append(element("span", "", name));
    stage.append(names);
  }
  data.parts.forEach((part, position) => {
    part.position = position;
    part.views = part.raw.map(readView);
    const box = element("section", `part ${part.status}`);
    if (part.title) box.append(heading(part));
    part.rows = [];
    part.node = box;
    let from = 0,
      characters = 0,
      bytes = 0;
    const ids = element("div");
    for (const to of rowEnds(part)) {
      /** @type {RowElement} */
      const node = element("div", "row");
      /** @type {Row} */
      const row = { part, node, from, to, characters, bytes, painted: false, cells: [] };
      node.row = row;
      for (const view of part.views) {
        const first = from === 0 ? 0 : indexAt(view.starts, from, view.length);
        const last = to === part.text.length ? view.length : indexAt(view.starts, to, view.length);
        const cell = element("div", "cell");
        row.cells.push({ node: cell, range: [first, last], spans: null });
        node.append(cell);
      }
      const text = part.text.slice(from, to);
      for (const cell of row.cells) cell.node.textContent = plain(text);
      node.style.containIntrinsicSize = `auto ${likelyHeight(text)}em`;
      characters += [...text].length;
      bytes += utf8.encode(text).length;
      box.append(node);
      part.rows.push(row);
      near.observe(node);
      if (!two) {
        /** @type {RowElement} */
        const idNode = element("div");
        idNode.row = row;
        row.idNode = idNode;
        const view = part.views[0],
          [a, b] = row.cells[0].range;
        idNode.textContent = view.ids.slice(view.first[a], view.first[b]).join(" ");
        ids.append(idNode);
        nearIds.observe(idNode);
      }
      from = to;
    }
    stage.append(box);
    side.append(ids);
  });
}

/** @type {(part: Part, place: number) => Row} */
const rowAt = (part, place) =>
  part.rows[
    indexAt(
      part.rows.map((row) => row.from),
      place,
      part.rows.length,
    )
  ];

// What belongs to the token under the pointer or the keys: its text in each column, and its ids.
function link() {
  for (const old of state.linked) old.classList.remove("on");
  state.linked = [];
  const at = state.hover || state.here;
  if (!at) return;
  const { part } = at.row,
    view = part.views[at.which];
  const start = view.starts[at.segment],
    end = view.starts[at.segment + 1];
  part.views.forEach((other, which) => {
    const last = indexAt(other.starts, Math.max(start, end - 1), other.length);
    for (let s = indexAt(other.starts, start, other.length); s <= last; s++) {
      const row = rowAt(part, other.starts[s]);
      const spans = row.cells[which].spans;
      if (spans) state.linked.push(spans[s - row.cells[which].range[0]]);
    }
  });
  const ids = at.row.idSpans;
  if (ids) {
    const offset = view.first[at.row.cells[0].range[0]];
    for (let token = view.first[at.segment]; token < view.first[at.segment + 1]; token++) {
      state.linked.push(ids[token - offset]);
    }
  }
  state.linked = state.linked.filter(Boolean);
  for (const span of state.linked) span.classList.add("on");
}
