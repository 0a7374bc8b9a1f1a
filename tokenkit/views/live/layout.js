// Tokens of a text as segments (whole characters made of whole tokens) and rows of segments.

/**
 * @import { Segments, TokenRow, Tokens } from "./types.d.ts"
 *
 * @typedef {{ text: string, rows: TokenRow[], views: Segments[] }} Laid
 */

// A character that makes a line run from right to left, or the first half of one: the blocks of
// Unicode's DerivedBidiClass.txt whose default is R or AL, and the mark U+200F.
export const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\ud802\ud803\ud83a\ud83b]/;
const DIRECTED = /[\p{L}\u200e\u200f]/u; // decides the direction of its line, if none did before

const ROW_GOOD = 80; // segments from which a row ends with its line, where nothing else is said
const ROW_LONG = 200; // from which it ends behind its rarest token, where no line ends
const ROW_MOST = 300;

/**
 * The segments of a text: where each starts, and its first token. Both end with one more entry.
 * @type {(tokens: Tokens, length: number) => Segments}
 */
export function segmentsOf(tokens, length) {
  const { ids, spans } = tokens;
  const starts = new Uint32Array(ids.length + 1);
  const first = new Uint32Array(ids.length + 1);
  let count = 0;
  let end = 0;
  for (let token = 0; token < ids.length; token++) {
    if (token === 0 || spans[2 * token] >= end) {
      starts[count] = spans[2 * token];
      first[count] = token;
      count++;
    }
    end = Math.max(end, spans[2 * token + 1]);
  }
  starts[count] = length;
  first[count] = ids.length;
  return { ids, tokens, count, starts, first };
}

/**
 * The last index below `length` whose value is at most `place`.
 * @type {(values: ArrayLike<number>, place: number, length: number) => number}
 */
export function indexAt(values, place, length) {
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (values[middle] <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * Rows of a text: they end with lines where they can, and where all views have a border. Where long
 * lines are split depends on their tokens, so that an edit moves the borders of few rows.
 * @type {(text: string, views: Segments[], least?: number) => TokenRow[]}
 */
export function rowsOf(text, views, least = ROW_GOOD) {
  /** @type {TokenRow[]} */
  const rows = [];
  let begins = views.map(() => 0);
  let direction = "";
  for (let from = 0; from < text.length; from = rows[rows.length - 1].to) {
    const end = rowEnd(text, views, begins[0], least);
    const to = views[0].starts[end];
    const ends = views.map((view) => borderAt(view, to));
    rows.push({ from, to, ranges: ranges(begins, ends), direction });
    begins = ends;
    direction = directionBehind(text.slice(from, to), direction);
  }
  return rows;
}

/**
 * The segment of the first view that the row behind the one that begins with `begin` begins with.
 * @type {(text: string, views: Segments[], begin: number, least: number) => number}
 */
function rowEnd(text, views, begin, least) {
  const [view, ...others] = views;
  let best = 0;
  let rarest = -1; // the larger its id, the rarer is a token
  for (let segment = begin + 1; segment < view.count; segment++) {
    const size = segment - begin;
    if (size > ROW_MOST && best) return best;
    const place = view.starts[segment];
    const endsLine = size >= least && text.charCodeAt(place - 1) === 10;
    if (!endsLine && size < ROW_LONG) continue;
    if (!others.every((other) => other.starts[borderAt(other, place)] === place)) continue;
    if (endsLine || size > ROW_MOST) return segment;
    const id = view.ids[view.first[segment] - 1];
    if (id > rarest) [best, rarest] = [segment, id];
  }
  return view.count;
}

/**
 * The direction that the line in which a row ends has so far; "" if nothing decides it yet.
 * `direction` is that of the line in which the row begins, before the row.
 * @type {(row: string, direction: string) => string}
 */
function directionBehind(row, direction) {
  const begin = row.lastIndexOf("\n") + 1;
  if (begin === 0 && direction) return direction;
  const [first] = DIRECTED.exec(row.slice(begin)) ?? [""];
  if (!first) return "";
  return RIGHT_TO_LEFT.test(first) ? "rtl" : "ltr";
}

/** @type {(view: Segments, place: number) => number} */
const borderAt = (view, place) => indexAt(view.starts, place, view.count + 1);

/** @type {(begins: number[], ends: number[]) => [number, number][]} */
const ranges = (begins, ends) => begins.map((begin, which) => [begin, ends[which]]);

/**
 * How many rows at the beginning, and how many at the end, are as they were: an edit leaves those
 * before it and behind it alone.
 * @type {(now: Laid, before: Laid) => [number, number]}
 */
export function sameRows(now, before) {
  /** @type {(row: TokenRow, old: TokenRow) => boolean} */
  const alike = (row, old) =>
    row.direction === old.direction &&
    now.text.slice(row.from, row.to) === before.text.slice(old.from, old.to) &&
    now.views.every((one, which) =>
      sameIds(one, row.ranges[which], before.views[which], old.ranges[which]),
    );
  const [rows, olds] = [now.rows, before.rows];
  const most = Math.min(rows.length, olds.length);
  let head = 0;
  while (head < most && alike(rows[head], olds[head])) head++;
  const left = most - head;
  let tail = 0;
  while (tail < left && alike(rows[rows.length - 1 - tail], olds[olds.length - 1 - tail])) tail++;
  return [head, tail];
}

/** @type {(one: Segments, range: [number, number], other: Segments, its: [number, number]) => boolean} */
function sameIds(one, range, other, its) {
  const [from, to] = range.map((segment) => one.first[segment]);
  const [begin, end] = its.map((segment) => other.first[segment]);
  if (to - from !== end - begin) return false;
  for (let token = from; token < to; token++) {
    if (one.ids[token] !== other.ids[token - from + begin]) return false;
  }
  return true;
}

/**
 * How many tokens of `one` are in segments that are not split so in `other`.
 * @type {(one: Segments, other: Segments) => number}
 */
export function differing(one, other) {
  let at = 0;
  let tokens = 0;
  for (let segment = 0; segment < one.count; segment++) {
    while (at < other.count && other.starts[at] < one.starts[segment]) at++;
    if (!isSame(one, segment, other, at)) tokens += one.first[segment + 1] - one.first[segment];
  }
  return tokens;
}

/**
 * Whether two segments begin and end at the same places, and their tokens too.
 * @type {(one: Segments, segment: number, other: Segments, at: number) => boolean}
 */
export function isSame(one, segment, other, at) {
  if (one.starts[segment] !== other.starts[at]) return false;
  if (one.starts[segment + 1] !== other.starts[at + 1]) return false;
  const [first, second] = [one.first[segment], other.first[at]];
  const many = one.first[segment + 1] - first;
  if (other.first[at + 1] - second !== many) return false;
  for (let token = 0; token < many - 1; token++) {
    const end = one.tokens.octets[2 * (first + token) + 1];
    if (other.tokens.octets[2 * (second + token) + 1] !== end) return false;
  }
  return true;
}
