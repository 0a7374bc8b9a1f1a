// The view "Tokens": the text in the colours of its tokens, with ids, bytes and places.

import {
  addText,
  byId,
  bytesOf,
  characters,
  counted,
  element,
  HUES,
  number,
  visible,
} from "./dom.js";
import { differing, indexAt, isSame, rowsOf, sameRows, segmentsOf } from "./layout.js";
import { Scroller } from "./scroller.js";
import { source } from "./source.js";
import { state } from "./state.js";

/** @import { Place, RowElement, Segments, TokenElement, TokenRow, Tokens } from "./types.d.ts" */

const stage = byId("stage");
const inspector = byId("inspector");
const box = byId("box");
const LINE = 27; // pixels
const CHARACTER = 8.6;
const ID = 7; // characters that an id takes
const ROW_WITH_IDS = 12; // segments: shorter rows, so that ids are beside their text
const HINT = matchMedia("(pointer: coarse)").matches
  ? "Tap a token to see its id and bytes."
  : "Point at a token, or go through them with the arrow keys.";

const view = {
  text: "",
  views: /** @type {Segments[]} */ ([]),
  names: /** @type {string[]} */ ([]),
  look: "", // how rows are drawn
  rows: /** @type {TokenRow[]} */ ([]),
  places: /** @type {Float64Array | null} */ (null),
};
/** @type {Place | null} */
let here = null; // the token that keys or a click chose
/** @type {Place | null} */
let hover = null;
/** @type {{ start: number, end: number } | null} */
let selection = null; // what is selected in the box

const scroller = new Scroller(stage, paint, likelyHeight);

/** @param {TokenRow} row */
function likelyHeight(row) {
  const columns = state.other || withIds() ? 2 : 1;
  const fit = Math.max(10, Math.floor((scroller.width - 40) / columns / CHARACTER));
  let lines = 0;
  const text = view.text.slice(row.from, row.to).replace(/\n$/, "");
  for (const line of text.split("\n")) lines += 1 + Math.floor(line.length / fit);
  const [from, to] = row.ranges[0];
  const ids = withIds() ? view.views[0].first[to] - view.views[0].first[from] : 0;
  return Math.max(lines, Math.ceil((ids * ID) / fit)) * LINE;
}

const withIds = () => Boolean(state.ids && !state.other);

/**
 * All that the looks of a row depend on, besides its tokens.
 * @param {string[]} names
 */
const lookOf = (names) => [...names, withIds() ? "ids" : "", state.marks ? "marks" : ""].join();

/**
 * Colour a token by its place in its row: what follows an edit keeps its colours.
 * @type {(span: HTMLElement, token: number, many: number) => void}
 */
function hues(span, token, many) {
  span.classList.add(`h${token % HUES}`);
  if (many < 2) return;
  const stops = [];
  for (let k = 0; k < many; k++) {
    const hue = `var(--h${(token + k) % HUES})`;
    stops.push(`${hue} ${(100 * k) / many}%`, `${hue} ${(100 * (k + 1)) / many}%`);
  }
  span.style.backgroundImage = `linear-gradient(to right, ${stops.join(", ")})`;
}

/** @param {TokenRow} row */
function paint(row) {
  const node = element("div", "row");
  row.ranges.forEach((range, which) => {
    const cell = textCell(range, which);
    if (row.direction) cell.classList.add(`goes-on-${row.direction}`);
    node.append(cell);
  });
  if (withIds()) node.append(idCell(row.ranges[0]));
  for (const cell of node.children) mark(cell, row);
  return node;
}

/** @type {(range: [number, number], which: number) => HTMLElement} */
function textCell([from, to], which) {
  const cell = element("div", "cell");
  const one = view.views[which];
  const other = view.views[1 - which];
  let at = other ? indexAt(other.starts, one.starts[from], other.count) : 0;
  for (let segment = from; segment < to; segment++) {
    const token = one.first[segment];
    /** @type {TokenElement} */
    const span = element("span", "t");
    hues(span, token - one.first[from], one.first[segment + 1] - token);
    if (other) {
      while (at < other.count && other.starts[at] < one.starts[segment]) at++;
      if (!isSame(one, segment, other, at)) span.classList.add("diff");
    }
    addText(
      span,
      view.text.slice(one.starts[segment], one.starts[segment + 1]),
      Boolean(state.marks),
    );
    span.which = which;
    span.segment = segment - from;
    cell.append(span);
  }
  return cell;
}

/** @type {(range: [number, number]) => HTMLElement} */
function idCell([from, to]) {
  const cell = element("div", "cell ids");
  const [one] = view.views;
  for (let segment = from; segment < to; segment++) {
    for (let token = one.first[segment]; token < one.first[segment + 1]; token++) {
      const hue = (token - one.first[from]) % HUES;
      /** @type {TokenElement} */
      const span = element("span", `t n h${hue}`, String(one.ids[token]));
      span.which = 0;
      span.segment = segment - from;
      cell.append(span, " ");
    }
  }
  return cell;
}

/** @type {(place: Place) => [number, number]} */
const rangeOf = ({ which, segment }) => {
  const { starts } = view.views[which];
  return [starts[segment], starts[segment + 1]];
};

/** @type {(span: TokenElement, row: TokenRow) => Place | undefined} */
function placeIn({ which, segment }, row) {
  if (which === undefined || segment === undefined) return undefined;
  return { which, segment: row.ranges[which][0] + segment };
}

/** @type {(span: TokenElement | null) => Place | undefined} */
function placeOf(span) {
  /** @type {RowElement<TokenRow> | null | undefined} */
  const node = span?.closest(".row");
  return span && node ? placeIn(span, node.row) : undefined;
}

/**
 * Mark the spans of a row's cell that belong to the token pointed at, and to what is selected.
 * @type {(cell: Element, row: TokenRow) => void}
 */
function mark(cell, row) {
  const at = hover || here;
  const [start, end] = at ? rangeOf(at) : [-1, -1];
  for (const span of spansOf(cell)) {
    const place = placeIn(span, row);
    if (!place) continue;
    const [from, to] = rangeOf(place);
    span.classList.toggle("on", from < end && to > start);
    const chosen = selection && from < selection.end && to > selection.start;
    span.classList.toggle("sel", Boolean(chosen));
  }
}

/** @param {Element} cell */
const spansOf = (cell) => /** @type {Iterable<TokenElement>} */ (cell.children);

function markAll() {
  for (const node of scroller.shown.values()) {
    for (const cell of node.children) mark(cell, node.row);
  }
  inspect();
}

/**
 * Characters before a place: those before each row are counted when they are first asked for.
 * @param {number} place
 */
function charactersBefore(place) {
  view.places ??= rowPlaces();
  const index = rowIndex(place);
  return view.places[index] + characters(view.text.slice(view.rows[index].from, place));
}

function rowPlaces() {
  const places = new Float64Array(view.rows.length + 1);
  view.rows.forEach((row, index) => {
    places[index + 1] = places[index] + characters(view.text.slice(row.from, row.to));
  });
  return places;
}

/** @param {number} place */
function rowIndex(place) {
  let low = 0;
  let high = view.rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (view.rows[middle].from <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

function inspect() {
  const at = hover || here;
  const lines = [];
  if (selection && selection.end > selection.start && !hover) lines.push(selected(selection));
  else if (at) lines.push(...inspected(at));
  else lines.push(element("p", "quiet", HINT));
  inspector.replaceChildren(...lines);
}

/** @param {{ start: number, end: number }} selection */
function selected({ start, end }) {
  const [one] = view.views;
  const first = indexAt(one.starts, start, one.count);
  const last = indexAt(one.starts, end - 1, one.count);
  const [from, to] = [one.first[first], one.first[last + 1]];
  const words = `Selected: ${counted(to - from, "token")}, ${number(from)} to ${number(to - 1)}`;
  return element("p", "", words);
}

/** @param {Place} at */
function inspected(at) {
  const one = view.views[at.which];
  const [start, end] = rangeOf(at);
  const text = view.text.slice(start, end);
  const before = charactersBefore(start);
  const [from, to] = [one.first[at.segment], one.first[at.segment + 1]];
  const bytes = bytesOf(text);
  const { octets } = one.tokens;
  const begin = octets[2 * from];
  const head = element("p");
  /** @param {string} words */
  const place = (words) => head.append(element("span", "quiet", words));
  const shown = element("span");
  shown.append(element("code", "", JSON.stringify(visible(text))));
  head.append(shown);
  if (view.views.length > 1) place(view.names[at.which]);
  if (to - from > 1) place(`${to - from} tokens share a character`);
  place(`characters ${number(before)}–${number(before + characters(text))}`);
  place(`bytes ${number(begin)}–${number(begin + bytes.length)}`);
  const lines = [head];
  for (let token = from; token < Math.min(to, from + 12); token++) {
    const part = bytes.slice(octets[2 * token] - begin, octets[2 * token + 1] - begin);
    const line = element("p");
    line.append(element("span", "id", String(one.ids[token])));
    line.append(element("span", "quiet", `token ${number(token)}`));
    const code = element("span");
    const hex = Array.from(part.slice(0, 64), (byte) => byte.toString(16).padStart(2, "0"));
    code.append(element("code", "", hex.join(" ") + (part.length > 64 ? " …" : "")));
    line.append(code);
    lines.push(line);
  }
  return lines;
}

/**
 * Bring a segment near; give its element.
 * @param {Place} at
 */
function elementAt({ which, segment }) {
  const node = scroller.reveal(rowIndex(view.views[which].starts[segment]));
  if (!node) return undefined;
  const inRow = segment - node.row.ranges[which][0];
  return [...spansOf(node.children[which])].find((one) => one.segment === inRow);
}

/** The first element of the first view that is seen whole. */
function firstSeen() {
  const edge = stage.getBoundingClientRect().top;
  const nodes = [...scroller.shown].sort(([a], [b]) => a - b);
  const spans = nodes.flatMap(([, node]) => [...spansOf(node.children[0])]);
  return spans.find((one) => one.getBoundingClientRect().top >= edge);
}

/** @param {Place} at */
function choose(at) {
  here = at;
  hover = null;
  selection = null;
  const [start, end] = rangeOf(at);
  elementAt(at)?.scrollIntoView({ block: "nearest" });
  if (source.mirrored && source.text === view.text) {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    box.setSelectionRange(start, end);
    if (focused !== box) focused?.focus({ preventScroll: true });
  }
  markAll();
}

/** @param {(segment: number, count: number) => number} segmentOf */
function goTo(segmentOf) {
  const which = here?.which ?? 0;
  const count = view.views[which]?.count ?? 0;
  const segment = segmentOf(here ? here.segment : -1, count);
  if (segment >= 0 && segment < count) choose({ which, segment });
}

/** @type {Record<string, (segment: number, count: number) => number>} */
const KEYS = {
  ArrowRight: (segment) => segment + 1,
  ArrowLeft: (segment) => segment - 1,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/** What is selected in the box, or the character before the caret, if the box has the focus. */
function selectedInBox() {
  if (document.activeElement !== box || !source.mirrored || source.text !== view.text) return null;
  if (!view.rows.length) return null;
  const [start, end] = [box.selectionStart, box.selectionEnd];
  return end > start ? { start, end } : { start: Math.max(0, start - 1), end: start };
}

function revealSelection() {
  if (selection) scroller.reveal(rowIndex(selection.start));
}

export function listenForTokens() {
  /** @type {(event: Event) => Place | undefined} */
  const placeUnder = (event) => placeOf(/** @type {Element} */ (event.target).closest(".t"));
  stage.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    hover = placeUnder(event) ?? null;
    markAll();
  });
  stage.addEventListener("pointerleave", () => {
    hover = null;
    markAll();
  });
  stage.addEventListener("click", (event) => {
    const at = placeUnder(event);
    if (at) choose(at);
  });
  stage.addEventListener("keydown", (event) => {
    if (!KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    goTo(KEYS[event.key]);
  });
  document.addEventListener("selectionchange", () => {
    if (!selectedInBox()) return;
    here = null;
    selection = selectedInBox();
    revealSelection();
    markAll();
  });
}

/**
 * Show a text with its tokens in one encoding or two.
 * @type {(text: string, tokens: Tokens[], names: string[]) => void}
 */
export function showTokens(text, tokens, names) {
  const views = tokens.map((one) => segmentsOf(one, text.length));
  const rows = rowsOf(text, views, withIds() ? ROW_WITH_IDS : undefined);
  const look = lookOf(names);
  const [head, tail] = view.look === look ? sameRows({ text, rows, views }, view) : [0, 0];
  Object.assign(view, { text, views, names, look, rows, places: null });
  here = null;
  hover = null;
  selection = head || tail ? selectedInBox() : null; // an edit is followed, another text is not
  stage.classList.toggle("two", names.length > 1 || withIds());
  byId("names").hidden = names.length < 2;
  byId("names").replaceChildren(...names.map((name) => element("span", "", name)));
  byId("differing").textContent = differenceWords(views, names[1]);
  scroller.set(rows, head, tail);
  revealSelection();
  markAll();
}

/** @type {(views: Segments[], name: string) => string} */
function differenceWords([one, other], name) {
  if (!other || one.count === 0) return "";
  const tokens = differing(one, other);
  if (tokens === 0) return `All tokens end where those of ${name} do.`;
  const whole = counted(one.ids.length, "token");
  return `${number(tokens)} of ${whole} differ from those of ${name}: they are underlined`;
}

/** Show no tokens, and say why. */
export function clearTokens(why = "") {
  Object.assign(view, { text: "", views: [], names: [], look: "", rows: [], places: null });
  here = null;
  hover = null;
  selection = null;
  byId("differing").textContent = why;
  byId("names").hidden = true;
  scroller.set([]);
  inspect();
}

/** Draw the tokens again, with marks or ids or without; what is read stays where it is. */
export function repaintTokens() {
  if (view.views.length === 0) return;
  const seen = firstSeen();
  const at = seen && placeOf(seen);
  const top = seen?.getBoundingClientRect().top ?? 0;
  stage.classList.toggle("two", view.views.length > 1 || withIds());
  view.rows = rowsOf(view.text, view.views, withIds() ? ROW_WITH_IDS : undefined);
  view.look = lookOf(view.names);
  view.places = null;
  scroller.set(view.rows);
  const same = at && elementAt(at);
  if (same) scroller.scrollBy(same.getBoundingClientRect().top - top);
}
