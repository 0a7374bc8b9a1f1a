// `Encoding`: a named vocabulary with its pattern and its special tokens.

import { countMessages } from "./chat.js";
import { checkChoice, checkOptions, checkText, checkTokens, shown } from "./checks.js";
import { chunk } from "./chunks.js";
import { SpecialTokenError } from "./errors.js";
import { fitMessages } from "./fit.js";
import { decodeText } from "./memory.js";
import { DecodeStream, TokenCounter } from "./streams.js";

const KEEP = ["head", "tail", "ends"];
const SPAN_UNITS = ["char", "byte", "utf16"];
const TRUNCATE_UNITS = ["char", "grapheme"];

export class Encoding {
  /** For `getEncoding`: `handle` is an encoding of the core in `memory`. */
  constructor(name, memory, handle, specialTokens) {
    this.name = name;
    this.memory = memory;
    this.handle = handle;
    this.specialTokens = specialTokens;
    this.specialTokensSet = new Set(specialTokens.keys());
    const tokens = memory.call("tk_info", [handle], ({ numbers }) => numbers[1]);
    this.maxTokenValue = Math.max(tokens - 1, ...specialTokens.values());
    this.nVocab = this.maxTokenValue + 1;
    this.eotToken = specialTokens.get("<|endoftext|>");
  }

  encode(text, options) {
    const known = ["allowedSpecial", "disallowedSpecial"];
    const { allowedSpecial = [], disallowedSpecial = "all" } = checkOptions(options, known);
    const allowed = this.#names("allowedSpecial", allowedSpecial);
    const refused = this.#names("disallowedSpecial", disallowedSpecial);
    if (disallowedSpecial === "all") for (const name of allowed) refused.delete(name);
    checkText("text", text);
    this.#refuse(text, refused);
    return this.#encode(text, allowed);
  }

  encodeOrdinary(text) {
    return this.#encode(checkText("text", text), new Set());
  }

  decode(ids) {
    return this.#decode(ids, decodeText);
  }

  decodeBytes(ids) {
    return this.#decode(ids, (bytes) => bytes.slice());
  }

  decodeStream() {
    return new DecodeStream(this);
  }

  count(text, options) {
    const { allowedSpecial = [] } = checkOptions(options, ["allowedSpecial"]);
    const allowed = this.#names("allowedSpecial", allowedSpecial);
    return this.#call("tk_count", checkText("text", text), allowed, [], (r) => r.numbers[0]);
  }

  within(text, limit) {
    checkText("text", text);
    const most = checkTokens("limit", limit, Number.MIN_SAFE_INTEGER);
    if (most < 0) return null;
    return this.memory.withText(text, (at, size) =>
      this.memory.call("tk_within", [this.handle, at, size, most], (r) => r.numbers[0] ?? null),
    );
  }

  truncate(text, maxTokens, options) {
    const {
      keep = "head",
      marker = "",
      unit = "grapheme",
    } = checkOptions(options, ["keep", "marker", "unit"]);
    checkText("text", text);
    const most = checkTokens("maxTokens", maxTokens, 0);
    const part = checkChoice("keep", keep, KEEP);
    const clusters = checkChoice("unit", unit, TRUNCATE_UNITS);
    const markerTokens = this.count(checkText("marker", marker));
    if (markerTokens > most) {
      throw new RangeError(
        `marker: expected at most ${most} tokens, as maxTokens says, got ${markerTokens}`,
      );
    }
    const slices = (at, size) =>
      this.memory.withText(marker, (markerAt, markerSize) => {
        const how = [most, most - markerTokens, part, markerAt, markerSize, clusters];
        return this.memory.call("tk_truncate", [this.handle, at, size, ...how], ({ numbers }) => {
          if (numbers.length === 0) return text;
          const [head, tail] = numbers;
          const utf8 = this.memory.bytes.subarray(at, at + size);
          return decodeText(utf8.subarray(0, head)) + marker + decodeText(utf8.subarray(tail));
        });
      });
    return this.memory.withText(text, slices);
  }

  tokenSpans(text, options) {
    const known = ["unit", "allowedSpecial"];
    const { unit = "utf16", allowedSpecial = [] } = checkOptions(options, known);
    const number = checkChoice("unit", unit, SPAN_UNITS);
    const allowed = this.#names("allowedSpecial", allowedSpecial);
    return this.#call("tk_spans", checkText("text", text), allowed, [number], (r) =>
      r.numbers.slice(),
    );
  }

  counter() {
    return TokenCounter.start(this);
  }

  countMessages(messages, model) {
    return countMessages(this, messages, model);
  }

  fitMessages(messages, model, options) {
    return fitMessages(this, messages, model, options);
  }

  chunk(text, options) {
    return chunk(this, text, options);
  }

  toString() {
    return `<Encoding '${this.name}'>`;
  }

  #encode(text, allowed) {
    return this.#call("tk_encode", text, allowed, [], (result) => result.numbers.slice());
  }

  #decode(ids, read) {
    const numbers = checkedIds(ids);
    const bytes = new Uint8Array(numbers.buffer);
    return this.memory.withBytes(bytes, (at) =>
      this.memory.call("tk_decode", [this.handle, at, numbers.length], (r) => read(r.bytes)),
    );
  }

  /** Call a function of a text and of the special tokens that are meant. */
  #call(name, text, specials, more, read) {
    return this.memory.withText(text, (at, size) => {
      if (specials.size === 0) {
        return this.memory.call(name, [this.handle, at, size, 0, ...more], read);
      }
      return this.memory.withBytes(this.#flags(specials), (flags) =>
        this.memory.call(name, [this.handle, at, size, flags, ...more], read),
      );
    });
  }

  #flags(specials) {
    return Uint8Array.from(this.specialTokens.keys(), (name) => (specials.has(name) ? 1 : 0));
  }

  #names(option, names) {
    if (names === "all") return new Set(this.specialTokensSet);
    if (typeof names === "string" || typeof names?.[Symbol.iterator] !== "function") {
      throw new TypeError(`${option}: expected "all" or a list of strings, got ${shown(names)}`);
    }
    const set = new Set(names);
    for (const name of set) {
      if (!this.specialTokensSet.has(name)) {
        throw new RangeError(
          `${option}: expected special tokens of ${this.name}, got ${shown(name)}`,
        );
      }
    }
    return set;
  }

  /** Throw a SpecialTokenError if a text holds one of these tokens. */
  #refuse(text, tokens) {
    if (tokens.size === 0) return;
    const index = this.#call("tk_find_special", text, tokens, [], (r) => r.numbers[0]);
    if (index === undefined) return;
    const token = JSON.stringify([...this.specialTokens.keys()][index]);
    throw new SpecialTokenError(
      `text: expected no special token that is not allowed, got ${token}; to encode it as a ` +
        `special token take allowedSpecial: [${token}], as ordinary text encodeOrdinary()`,
    );
  }
}

/** Check that ids are numbers of 32 bits; give them in an array of their own. */
function checkedIds(ids) {
  if (ids instanceof Uint32Array) return ids.slice();
  if (typeof ids?.[Symbol.iterator] !== "function" || typeof ids === "string") {
    throw new TypeError(`ids: expected a list of numbers, got ${shown(ids)}`);
  }
  const numbers = Array.from(ids);
  for (const [index, id] of numbers.entries()) {
    if (!Number.isInteger(id) || id < 0 || id > 0xffffffff) {
      const kind = typeof id === "number" ? RangeError : TypeError;
      throw new kind(`ids[${index}]: expected a whole number of 32 bits, got ${shown(id)}`);
    }
  }
  return Uint32Array.from(numbers);
}
