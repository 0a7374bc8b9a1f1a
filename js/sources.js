// Bytes from wherever a caller has them.

import { shown } from "./checks.js";
import { VocabularyError } from "./errors.js";

/** Get the bytes of a URL, a path (in Node), a Response, a Blob or a buffer. */
export async function readBytes(name, source) {
  if (typeof source === "string" || source instanceof URL) return fetchBytes(name, source);
  if (typeof source?.arrayBuffer === "function") return bodyOf(name, source);
  if (ArrayBuffer.isView(source)) {
    return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  }
  // Not instanceof: a buffer may come from another window.
  if (Object.prototype.toString.call(source) === "[object ArrayBuffer]") {
    return new Uint8Array(source);
  }
  throw new TypeError(`${name}: expected a URL, a Response, a Blob or bytes, got ${shown(source)}`);
}

async function fetchBytes(name, source) {
  const address = String(source);
  const isNode = typeof process === "object" && process.versions?.node !== undefined;
  // Node fetches no files, and what is no URL is a path there.
  const isPath = isNode && (address.startsWith("file:") || !/^[a-z][a-z0-9+.-]+:/i.test(address));
  let found;
  try {
    found = await (isPath ? readPath(address) : fetch(address));
  } catch (error) {
    const why = error.cause?.message ?? error.message;
    throw new Error(`${name}: expected a file at ${address}, got an error: ${why}`, {
      cause: error,
    });
  }
  return isPath ? found : bodyOf(name, found);
}

async function readPath(path) {
  const { readFile } = await import("node:fs/promises");
  return readFile(path.startsWith("file:") ? new URL(path) : path);
}

/** The bytes of a response, or of a blob. */
async function bodyOf(name, body) {
  if (body.ok !== false) return new Uint8Array(await body.arrayBuffer());
  throw new Error(`${name}: expected a file at ${body.url}, got the status ${body.status}`);
}

/** Unpack gzip, which shows in the first bytes; give other bytes as they are. */
export async function unpacked(name, bytes) {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  try {
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    const kind = name === "vocabulary" ? VocabularyError : Error;
    throw new kind(`${name}: expected whole gzip, got damaged bytes (${error.message})`);
  }
}
