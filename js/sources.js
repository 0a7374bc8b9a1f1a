// Bytes from wherever a caller has them.

import { shown } from "./checks.js";

/** Get the bytes of a URL, a path (in Node), a Response, a Blob or a buffer. */
export async function readBytes(name, source) {
  if (typeof source === "string" || source instanceof URL) return fetchBytes(name, source);
  if (typeof source?.arrayBuffer === "function") {
    if (source.ok === false) throw refused(name, source);
    return new Uint8Array(await source.arrayBuffer());
  }
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
  const url = String(source);
  const isNode = typeof process === "object" && process.versions?.node !== undefined;
  // Node fetches no files, and what is no URL is a path there.
  if (isNode && (url.startsWith("file:") || !/^[a-z][a-z0-9+.-]+:/i.test(url))) {
    const { readFile } = await import("node:fs/promises");
    return readFile(url.startsWith("file:") ? new URL(url) : url);
  }
  const response = await fetch(url);
  if (!response.ok) throw refused(name, response);
  return new Uint8Array(await response.arrayBuffer());
}

function refused(name, response) {
  return new Error(
    `${name}: expected a file at ${response.url}, got the status ${response.status}`,
  );
}

/** Unpack gzip, which shows in the first bytes; give other bytes as they are. */
export async function unpacked(bytes) {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
