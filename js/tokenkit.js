// tokenkit for JavaScript: exact token counts, offline, from the core that the Python package has.
// Types and their words are in tokenkit.d.ts.

import { encodingNameForModel } from "./chat.js";
import { checkOptions, shown } from "./checks.js";
import { ENCODINGS } from "./data.js";
import { Encoding } from "./encoding.js";
import {
  ContextOverflowError,
  NoTokenizerError,
  SpecialTokenError,
  TokenkitError,
  UnknownEncodingError,
  UnknownModelError,
  VocabularyError,
} from "./errors.js";
import { encodeText, Memory } from "./memory.js";
import { readBytes, unpacked } from "./sources.js";

export {
  ContextOverflowError,
  Encoding,
  encodingNameForModel,
  NoTokenizerError,
  SpecialTokenError,
  TokenkitError,
  UnknownEncodingError,
  UnknownModelError,
  VocabularyError,
};

const IMAGE_MAGIC = "TKVOCAB";

let loaded; // a promise of the core that was loaded last

/** Compile the core. */
export function loadCore(source) {
  if (source !== undefined || loaded === undefined) {
    const loading = compile(source ?? new URL("tokenkit.wasm", import.meta.url));
    loaded = loading;
    loading.catch(() => {
      if (loaded === loading) loaded = undefined; // so that a later call tries again
    });
  }
  return loaded;
}

async function compile(source) {
  if (source instanceof WebAssembly.Module) return { module: source };
  return {
    module: await WebAssembly.compile(await unpacked("core", await readBytes("core", source))),
  };
}

/** Load an encoding. */
export async function getEncoding(name, options) {
  const definition = definitionOf(name);
  const { vocabulary, core } = checkOptions(options, ["vocabulary", "core"]);
  if (vocabulary === undefined) {
    throw new TypeError(
      "options.vocabulary: expected a URL or the bytes of a vocabulary, such as " +
        `${definition.vocabulary}.tiktoken, got none`,
    );
  }
  const [loadedCore, bytes] = await Promise.all([
    core ?? loadCore(),
    readBytes("vocabulary", vocabulary).then((read) => unpacked("vocabulary", read)),
  ]);
  const { module } = loadedCore;
  if (!(module instanceof WebAssembly.Module)) {
    throw new TypeError(`options.core: expected what loadCore gives, got ${shown(core)}`);
  }
  const memory = await Memory.start(module);
  const specialTokens = new Map(specialsOf(definition));
  return new Encoding(name, memory, open(memory, name, bytes, specialTokens), specialTokens);
}

/** The names of the encodings, the oldest first. */
export function listEncodingNames() {
  return Object.keys(ENCODINGS);
}

/** The vocabulary that an encoding needs, by the name of its files. */
export function vocabularyName(name) {
  return definitionOf(name).vocabulary;
}

function definitionOf(name) {
  if (Object.hasOwn(ENCODINGS, name)) return ENCODINGS[name];
  const known = Object.keys(ENCODINGS).join(", ");
  throw new UnknownEncodingError(`name: expected one of ${known}, got ${shown(name)}`);
}

/** Give the special tokens of an encoding. Those with numbered names are written as ranges. */
function* specialsOf({ specials }) {
  for (const [name, first, last] of specials) {
    for (let id = first; id <= (last ?? first); id += 1) yield [name.replace("{id}", id), id];
  }
}

/** Open a vocabulary in the core; give the pointer to it. */
function open(memory, name, bytes, specialTokens) {
  const { family, vocabulary, sum } = ENCODINGS[name];
  const isImage = IMAGE_MAGIC === String.fromCharCode(...bytes.subarray(0, IMAGE_MAGIC.length));
  const at = memory.alloc(bytes.length);
  memory.bytes.set(bytes, at);
  const handle = memory.withBytes(listed(specialTokens), (specials, size) => {
    const open = isImage ? "tk_open_image" : "tk_open_ranks";
    return memory.call(open, [at, bytes.length, family, specials, size], (r) => r.numbers[0]);
  });
  if (!isImage) memory.free(at); // an image was adopted
  const found = memory.call(
    "tk_info",
    [handle],
    ({ numbers }) => hex(numbers[4]) + hex(numbers[3]),
  );
  if (found === sum) return handle;
  const other = Object.values(ENCODINGS).find((encoding) => encoding.sum === found)?.vocabulary;
  throw new VocabularyError(
    `vocabulary: expected that of ${name}, ${vocabulary}, got ${other ?? "another one"}`,
  );
}

function hex(number) {
  return number.toString(16).padStart(8, "0");
}

/** Write special tokens as tk_open_image of face.hpp takes them. */
function listed(specialTokens) {
  const out = [];
  for (const [name, id] of specialTokens) {
    const bytes = encodeText(name);
    out.push(...new Uint8Array(Uint32Array.of(id, bytes.length).buffer), ...bytes);
  }
  return Uint8Array.from(out);
}
