// The memory of one instance of the core, and calls of its functions (csrc/wasm/face.hpp).

import { isWellFormed } from "./checks.js";
import { VocabularyError } from "./errors.js";

// Status of face.hpp.
const BAD_VOCABULARY = 3;
const NO_MEMORY = 4;
export const TOO_LONG = 5;
const BROKEN = 6;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

// What the core asks of a system: the environment, which is empty, and an end, which does not come.
const SYSTEM = {
  env: { emscripten_notify_memory_growth() {} },
  wasi_snapshot_preview1: {
    environ_get: () => 0,
    environ_sizes_get: () => 0,
    proc_exit(status) {
      throw new Error(`the core ended with the status ${status}; load the encoding again`);
    },
  },
};

/** One instance of the core. Its memory grows as needed, and is collected with this object. */
export class Memory {
  /** Start an instance of a WebAssembly.Module. */
  static async start(module) {
    const memory = new Memory();
    const imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      imports[from] ??= {};
      imports[from][name] = SYSTEM[from]?.[name];
    }
    memory.core = (await WebAssembly.instantiate(module, imports)).exports;
    memory.core._initialize();
    return memory;
  }

  get bytes() {
    return new Uint8Array(this.core.memory.buffer); // another one whenever the memory grew
  }

  /** Get memory of the core, which `free` gives back. */
  alloc(size) {
    const at = this.core.tk_alloc(size) >>> 0;
    if (at === 0) throw new RangeError(`the core has no memory for ${size} bytes more`);
    return at;
  }

  free(at) {
    this.core.tk_free(at);
  }

  /** Copy bytes to the core for the time of a call: `use(pointer, size)`. */
  withBytes(bytes, use) {
    const at = this.alloc(bytes.byteLength);
    try {
      this.bytes.set(bytes, at);
      return use(at, bytes.byteLength);
    } finally {
      this.free(at);
    }
  }

  /** Write the UTF-8 of a well-formed string to the core for the time of a call. */
  withText(text, use) {
    // Most texts have little more than a byte for each unit; none has more than three.
    let room = text.length <= 4096 ? 3 * text.length : text.length + (text.length >> 3);
    let at = this.alloc(room);
    try {
      let { read, written } = encoder.encodeInto(text, this.bytes.subarray(at, at + room));
      if (read < text.length) {
        const more = 3 * (text.length - read);
        const larger = this.alloc(written + more);
        this.bytes.copyWithin(larger, at, at + written);
        this.free(at);
        at = larger;
        room = written + more;
        const rest = encoder.encodeInto(
          text.slice(read),
          this.bytes.subarray(at + written, at + room),
        );
        written += rest.written;
      }
      return use(at, written);
    } finally {
      this.free(at);
    }
  }

  /** Call a function of the core; `read` takes what it gave, before that is released. */
  call(name, args, read) {
    const status = this.core[name](...args);
    try {
      if (status !== 0 && status !== TOO_LONG) throw this.error(status);
      return read(this.result(), status);
    } finally {
      this.core.tk_release();
    }
  }

  /** What the last call gave. Arrays are views of the memory: copy what stays. */
  result() {
    const { buffer } = this.core.memory;
    const [numbers, numberCount, bytes, byteCount, rows, rowCount, message, messageSize] =
      new Uint32Array(buffer, this.core.tk_result() >>> 0, 8);
    return {
      numbers: new Uint32Array(buffer, numbers, numberCount),
      bytes: new Uint8Array(buffer, bytes, byteCount),
      rows: new Uint32Array(buffer, rows, rowCount),
      message: decodeText(new Uint8Array(buffer, message, messageSize)),
    };
  }

  error(status) {
    const { message } = this.result();
    if (status === BAD_VOCABULARY) return new VocabularyError(message);
    if (status === NO_MEMORY) return new RangeError(`the core has no memory left: ${message}`);
    if (status === BROKEN) return new Error(`a fault of the core: ${message}`);
    return new RangeError(message);
  }
}

/** Decode UTF-8; what is none becomes U+FFFD, and a byte order mark stays. */
export function decodeText(bytes) {
  return decoder.decode(bytes);
}

/** The UTF-8 of a well-formed string. */
export function encodeText(text) {
  if (!isWellFormed(text)) throw new RangeError("expected no lone surrogates");
  return encoder.encode(text);
}
