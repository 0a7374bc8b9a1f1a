// A vocabulary comes as an image, in gzip, as ranks, by path, URL, bytes, Blob or Response.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { getEncoding, loadCore } from "tokenkit";

const name = "cl100k_base";
const image = await readFile(`data/${name}.tkv`);
const first = await getEncoding(name, { vocabulary: image });
const ids = first.encode("Tides rise twice a day. 漢字 مرحبا 👩‍🦰");

const lines = [];
for (let id = 0; id < 100256; id += 1) {
  lines.push(`${Buffer.from(first.decodeBytes([id])).toString("base64")} ${id}\n`);
}
const ranks = Buffer.from(lines.join(""));
const sources = {
  path: `data/${name}.tkv`,
  "file URL": pathToFileURL(`data/${name}.tkv`),
  "file URL as a string": pathToFileURL(`data/${name}.tkv`).href,
  "data URL": `data:application/octet-stream;base64,${gzipSync(image).toString("base64")}`,
  buffer: image.buffer.slice(image.byteOffset, image.byteOffset + image.length),
  gzip: gzipSync(image),
  blob: new Blob([image]),
  response: new Response(image),
  ranks,
  "ranks in gzip": gzipSync(ranks),
};
let passed = 0;
for (const [what, vocabulary] of Object.entries(sources)) {
  const encoding = await getEncoding(name, { vocabulary });
  assert.deepEqual(encoding.encode(first.decode(ids)), ids, what);
  passed += 1;
}

// Cores of its own, and without a file: bytes alone.
const core = await loadCore(await readFile("node_modules/tokenkit/tokenkit.wasm"));
const other = await getEncoding(name, { vocabulary: image, core });
assert.equal(other.count("hello world"), 2);

// Memory is given back: a big text many times.
const text = "Tides rise twice a day. 漢字 ".repeat(20_000);
const sizes = [];
for (let round = 0; round < 30; round += 1) {
  other.encode(text);
  other.chunk(text, { maxTokens: 200 });
  sizes.push(other.memory.bytes.length);
}
assert.equal(sizes[29], sizes[9]);
console.log(`${passed + 2} checks passed`);
