// Chunks: the checks of options, and chunks of what the core finds.
// tokenkit/chunking/options.py and results.py are the same for Python.

import { checkChoice, checkOptions, checkText, checkTokens, shown } from "./checks.js";
import { ContextOverflowError } from "./errors.js";
import { decodeText, encodeText, TOO_LONG } from "./memory.js";

// By their numbers in csrc/chunk: FormatChoice, Strategy, Level.
const FORMATS = ["text", "markdown", "code", "auto"];
const STRATEGIES = ["optimal", "greedy", "token"];
const BOUNDARIES = [
  "heading",
  "fence",
  "block",
  "paragraph",
  "line",
  "sentence",
  "clause",
  "word",
  "character",
  "end",
];
const OPTIONS = [
  "maxTokens",
  "overlap",
  "format",
  "strategy",
  "tightness",
  "minTokens",
  "reserve",
  "prefix",
  "trim",
  "separators",
];
const LONGEST_SEPARATOR = 1024; // bytes
const ROW = 6; // numbers for each chunk

/** Split a text into chunks with the vocabulary of an encoding. */
export function chunk(encoding, text, options) {
  checkText("text", text);
  const how = checkedChunking(encoding, checkOptions(options, OPTIONS));
  const { memory, handle } = encoding;
  const read = (result, status) => {
    if (status === TOO_LONG) throw overflow(result.numbers, how.maxTokens);
    return chunksOf(text, how.prefix, result);
  };
  return memory.withText(text, (at, size) =>
    withChunking(memory, how, (chunking) =>
      memory.call("tk_chunk", [handle, at, size, chunking], read),
    ),
  );
}

function checkedChunking(encoding, options) {
  const { format = "auto", strategy = "optimal", tightness = 0.5, trim = false } = options;
  const how = {
    maxTokens: checkTokens("maxTokens", options.maxTokens, 1),
    overlap: checkTokens("overlap", options.overlap ?? 0, 0),
    minTokens: checkTokens("minTokens", options.minTokens ?? 0, 0),
    reserve: checkTokens("reserve", options.reserve ?? 0, 0),
    format: checkChoice("format", format, FORMATS),
    strategy: checkChoice("strategy", strategy, STRATEGIES),
    prefix: checkText("prefix", options.prefix ?? ""),
    separators: checkedSeparators(options.separators ?? [], strategy),
    tightness,
    trim,
  };
  if (typeof tightness !== "number" || !(tightness >= 0 && tightness <= 1)) {
    throw new RangeError(`tightness: expected a number from 0 to 1, got ${shown(tightness)}`);
  }
  if (typeof trim !== "boolean") {
    throw new TypeError(`trim: expected true or false, got ${shown(trim)}`);
  }
  checkRoom(how, how.reserve + encoding.count(how.prefix));
  return how;
}

function checkRoom({ maxTokens, overlap, minTokens }, used) {
  const room = maxTokens - used;
  if (room < 1) {
    throw new RangeError(
      `maxTokens: expected more than the ${used} tokens of reserve and prefix, got ${maxTokens}; ` +
        "nothing is left for text",
    );
  }
  if (overlap >= room) {
    throw new RangeError(
      `overlap: expected less than the ${room} tokens that a chunk's text may have, got ${overlap}`,
    );
  }
  if (minTokens > maxTokens) {
    throw new RangeError(`minTokens: expected at most maxTokens, ${maxTokens}, got ${minTokens}`);
  }
}

function checkedSeparators(separators, strategy) {
  if (!Array.isArray(separators)) {
    throw new TypeError(`separators: expected a list of strings, got ${shown(separators)}`);
  }
  if (separators.length > 0 && strategy === "token") {
    throw new RangeError(
      'separators: expected none with the strategy "token", which ends chunks wherever they are ' +
        `full, got ${separators.length}; take "optimal" or "greedy"`,
    );
  }
  return separators.map((separator, index) => {
    const bytes = encodeText(checkText(`separators[${index}]`, separator));
    if (bytes.length > 0 && bytes.length <= LONGEST_SEPARATOR) return bytes;
    throw new RangeError(
      `separators[${index}]: expected 1 to ${LONGEST_SEPARATOR} bytes of UTF-8, ` +
        `got ${bytes.length}`,
    );
  });
}

/** The weight of penalties: 0.4, 0.15, 0.06 for 0, 0.5, 1, with straight lines between. */
function weightOf(tightness) {
  if (tightness <= 0.5) return 0.4 - (0.4 - 0.15) * 2 * tightness;
  return 0.15 - (0.15 - 0.06) * (2 * tightness - 1);
}

/** Write a TkChunking of face.hpp to the core for the time of a call. */
function withChunking(memory, how, use) {
  const { maxTokens, reserve, overlap, minTokens, format, strategy, trim } = how;
  return memory.withText(how.prefix, (prefix, prefixSize) =>
    memory.withBytes(joined(how.separators), (separators, separatorsSize) => {
      const fields = new DataView(new ArrayBuffer(56));
      fields.setFloat64(0, weightOf(how.tightness), true);
      const numbers = [format, strategy, maxTokens, maxTokens - reserve, overlap, minTokens];
      numbers.push(trim ? 1 : 0, prefix, prefixSize, separators, separatorsSize);
      for (const [index, number] of numbers.entries()) {
        fields.setUint32(8 + 4 * index, number, true);
      }
      return memory.withBytes(new Uint8Array(fields.buffer), use);
    }),
  );
}

function joined(separators) {
  const out = [];
  for (const bytes of separators) {
    out.push(...new Uint8Array(Uint32Array.of(bytes.length).buffer), ...bytes);
  }
  return Uint8Array.from(out);
}

function chunksOf(text, prefix, { numbers, bytes, rows }) {
  const paths = headingPaths(numbers, bytes);
  const chunks = [];
  for (let at = 0; at < rows.length; at += ROW) {
    const [start, end, tokens, overlap, boundary, headings] = rows.subarray(at, at + ROW);
    const words = text.slice(start, end);
    chunks.push({
      text: words,
      start,
      end,
      tokens,
      input: prefix + words,
      index: chunks.length,
      overlap,
      boundary: BOUNDARIES[boundary],
      headings: paths[headings],
    });
  }
  return chunks;
}

/** The headings above a chunk, by how many stand before it. */
function headingPaths(numbers, bytes) {
  let path = [];
  let at = 0;
  const paths = [[]];
  for (let i = 0; i < numbers.length; i += 2) {
    const [depth, size] = numbers.subarray(i, i + 2);
    const words = decodeText(bytes.subarray(at, at + size));
    at += size;
    path = [...path.filter((heading) => heading.depth < depth), { depth, words }];
    paths.push(path.map((heading) => heading.words));
  }
  return paths;
}

function overflow([offset, needed], maxTokens) {
  return new ContextOverflowError(
    `maxTokens: expected at least ${needed} for the character at offset ${offset}, with prefix ` +
      `and reserve, got ${maxTokens}; raise maxTokens`,
    needed,
    maxTokens,
    "maxTokens",
  );
}
