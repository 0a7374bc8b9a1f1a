// The view "Chunks": where a text is split, what neighbours share, and how long the chunks are.

import {
  addText,
  byId,
  characters,
  counted,
  download,
  drawn,
  element,
  number,
  tokensIn,
  visible,
} from "./dom.js";
import { Scroller } from "./scroller.js";
import { state } from "./state.js";

/** @import { Chunk, ChunkChoices, ChunkRow } from "./types.d.ts" */

const WIDTH = 800;
const HEIGHT = 120;
const LINE = 27;
const LONGEST_ROW = 2_000; // UTF-16 units: a longer stretch of a chunk is several rows

const shown = { text: "", chunks: /** @type {readonly Chunk[]} */ ([]), limit: 0 };
/** @type {Scroller<ChunkRow>} */
let scroller;

export function listenForChunks() {
  scroller = new Scroller(byId("chunk-stage"), paintChunk, (row) => {
    const fit = Math.max(10, scroller.width / 8.6);
    return LINE * (1 + (row.to - row.from) / fit) + (row.head ? 40 : 0);
  });
  byId("download").addEventListener("click", () => {
    download("chunks.jsonl", jsonLines(), "application/x-ndjson");
  });
}

/** @returns {ChunkChoices} */
export function chunkOptions() {
  return {
    max_tokens: tokensIn("at most", state.max),
    overlap: tokensIn("overlap", state.overlap, 0),
    format: state.format,
    strategy: state.strategy,
    tightness: Number(state.tightness),
  };
}

/** @type {(text: string, chunks: readonly Chunk[], limit: number) => void} */
export function showChunks(text, chunks, limit) {
  Object.assign(shown, { text, chunks, limit });
  const summary = byId("chunk-summary");
  summary.dataset.chunks = String(chunks.length);
  summary.replaceChildren(
    number(chunks.length),
    " ",
    element("small", "", chunks.length === 1 ? "chunk" : "chunks"),
  );
  byId("chunk-figures").textContent = figureWords(chunks);
  byId("download").disabled = chunks.length === 0;
  byId("plot").replaceChildren(...(chunks.length ? [plot(chunks)] : []));
  scroller.set(chunks.flatMap(rowsOfChunk));
}

/** @param {readonly Chunk[]} chunks */
function figureWords(chunks) {
  if (chunks.length === 0) return "";
  let [least, most, total, repeated] = [Number.POSITIVE_INFINITY, 0, 0, 0];
  for (const { tokens, overlap } of chunks) {
    least = Math.min(least, tokens);
    most = Math.max(most, tokens);
    total += tokens;
    repeated += overlap;
  }
  if (chunks.length === 1) return counted(total, "token");
  const each = least === most ? number(most) : `${number(least)} to ${number(most)}`;
  const again = repeated ? `, ${number(repeated)} of them repeated` : "";
  return `${each} tokens each, ${number(total)} in all${again}`;
}

/** @type {(chunk: Chunk, index: number) => ChunkRow[]} */
function rowsOfChunk(chunk, index) {
  const before = shown.chunks[index - 1];
  const border = before && before.end > chunk.start ? Math.min(before.end, chunk.end) : chunk.start;
  /** @type {ChunkRow[]} */
  const rows = [];
  for (let from = chunk.start; from < chunk.end || rows.length === 0; ) {
    let to = Math.min(chunk.end, from + LONGEST_ROW);
    if (to < chunk.end) {
      const line = shown.text.lastIndexOf("\n", to - 1) + 1;
      if (line > from) to = line;
      else if ((shown.text.charCodeAt(to) & 0xfc00) === 0xdc00) to--;
    }
    rows.push({ from, to, border, chunk, index, head: rows.length === 0 });
    from = to;
    if (from >= chunk.end) break;
  }
  return rows;
}

/** @param {ChunkRow} row */
function paintChunk(row) {
  const { chunk, index } = row;
  const node = element("div", `row chunk-row c${index % 2}`);
  if (row.head) {
    const head = element("div", "head");
    head.append(element("b", "", `chunk ${index}`));
    head.append(element("span", "num", `${number(chunk.tokens)} of ${number(shown.limit)} tokens`));
    head.append(element("span", "note", `ends at: ${chunk.boundary}`));
    if (chunk.overlap)
      head.append(element("span", "note", `${counted(chunk.overlap, "token")} again in the next`));
    if (chunk.headings.length)
      head.append(element("span", "note", visible(chunk.headings.join(" › "))));
    node.append(head);
  }
  const cell = element("div", "cell");
  const border = Math.min(Math.max(row.border, row.from), row.to);
  if (border > row.from) {
    const again = element("span", "again");
    const text = shown.text.slice(row.from, border);
    addText(again, text, text.trim() === ""); // with marks, or it would not be seen
    cell.append(again);
  }
  addText(cell, shown.text.slice(border, row.to), false);
  node.append(cell);
  return node;
}

/**
 * Draw the size of each chunk; of very many, the largest of each group.
 * @param {readonly Chunk[]} chunks
 */
function plot(chunks) {
  const { limit } = shown;
  const group = Math.ceil(chunks.length / (WIDTH / 2));
  const bars = Math.ceil(chunks.length / group);
  const spoken = `Tokens of ${counted(chunks.length, "chunk")}, in their order; the line is the limit, ${number(limit)}`;
  const svg = drawn("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: "img",
    "aria-label": spoken,
    preserveAspectRatio: "none",
  });
  const step = WIDTH / bars;
  for (let bar = 0; bar < bars; bar++) {
    const part = chunks.slice(bar * group, (bar + 1) * group);
    const most = part.reduce((size, chunk) => Math.max(size, chunk.tokens), 0);
    const height = (HEIGHT * most) / limit;
    const box = { x: bar * step, y: HEIGHT - height, width: Math.max(step * 0.8, 0.5), height };
    svg.append(drawn("rect", { ...box, class: "f-prompt" }));
  }
  svg.append(drawn("line", { x1: 0, x2: WIDTH, y1: 0.5, y2: 0.5, class: "axis" }));
  return svg;
}

/** The chunks as `tokenkit chunk --format jsonl` writes them: places are in characters. */
function jsonLines() {
  let unit = 0;
  let character = 0;
  /** @param {number} to */
  const place = (to) => {
    if (to < unit) {
      character -= characters(shown.text.slice(to, unit));
    } else character += characters(shown.text.slice(unit, to));
    unit = to;
    return character;
  };
  const lines = shown.chunks.map((chunk, index) => {
    const { tokens, overlap, boundary, headings } = chunk;
    const [start, end] = [place(chunk.start), place(chunk.end)];
    const text = shown.text.slice(chunk.start, chunk.end);
    return JSON.stringify({
      name: "text",
      index,
      start,
      end,
      tokens,
      overlap,
      boundary,
      headings,
      text,
    });
  });
  return `${lines.join("\n")}\n`;
}
