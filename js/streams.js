// Texts and ids that come in parts.

import { checkText, shown } from "./checks.js";

const HIGH_SURROGATE = /[\ud800-\udbff]$/;

// Frees the core's counters when their JavaScript objects are collected.
const forgotten = new FinalizationRegistry(({ memory, handle }) => {
  memory.core.tk_counter_free(handle);
});

/** Counts a text that comes in parts, split anywhere. */
export class TokenCounter {
  /** Start counting with an encoding. */
  static start(encoding) {
    const { memory, handle } = encoding;
    return new TokenCounter(
      encoding,
      memory.call("tk_counter", [handle], (r) => r.numbers[0]),
      "",
    );
  }

  /** For `start` and `copy`: `handle` is a counter of the core. */
  constructor(encoding, handle, held) {
    this.encoding = encoding; // which must outlive it
    this.handle = handle;
    this.held = held; // a high surrogate that the next part may complete
    forgotten.register(this, { memory: encoding.memory, handle });
  }

  update(text) {
    if (typeof text !== "string") checkText("text", text);
    const joined = this.held + text;
    const held = HIGH_SURROGATE.exec(joined)?.[0] ?? "";
    const whole = checkText("text", joined.slice(0, joined.length - held.length));
    const { memory } = this.encoding;
    memory.withText(whole, (at, size) =>
      memory.call("tk_counter_update", [this.handle, at, size], () => undefined),
    );
    this.held = held;
  }

  get total() {
    const { memory } = this.encoding;
    return memory.withText(this.held && "\ufffd", (at, size) =>
      memory.call("tk_counter_total", [this.handle, at, size], (r) => r.numbers[0]),
    );
  }

  copy() {
    const { memory } = this.encoding;
    const handle = memory.call("tk_counter_copy", [this.handle], (r) => r.numbers[0]);
    return new TokenCounter(this.encoding, handle, this.held);
  }
}

/** Decodes ids that come in parts. */
export class DecodeStream {
  constructor(encoding) {
    this.encoding = encoding;
    this.decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  }

  update(ids) {
    const list = typeof ids === "number" ? [ids] : ids;
    if (list === undefined || list === null) {
      throw new TypeError(`ids: expected a number or a list of numbers, got ${shown(ids)}`);
    }
    return this.decoder.decode(this.encoding.decodeBytes(list), { stream: true });
  }

  end() {
    return this.decoder.decode();
  }
}
