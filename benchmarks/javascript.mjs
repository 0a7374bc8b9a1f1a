// Times the npm package beside other tokenizers in JavaScript, in Node. Equality comes first: a
// library that gives other ids for a text is named, and not timed there.
//
//     mkdir /somewhere && cd /somewhere && npm init -y
//     npm install CHECKOUT/js js-tiktoken gpt-tokenizer tiktoken
//     node CHECKOUT/benchmarks/javascript.mjs FOLDER_OF_TEXTS
//
// Each *.txt of the folder is cut to a million units. "First" is the first call for a text, after a
// warm-up with another; "again" is the best of five more.
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = new URL("..", import.meta.url);
const SIZE = 1_000_000;
const AGAIN = 5;
const folder = process.argv[2];
const require = createRequire(join(process.cwd(), "any.js"));

async function load(name) {
  return import(pathToFileURL(require.resolve(name)));
}

async function libraries() {
  const { getEncoding } = await import(
    pathToFileURL(join(process.cwd(), "node_modules/tokenkit/tokenkit.js"))
  );
  const vocabulary = new URL("tokenkit/data/o200k_base.tkv", ROOT);
  const own = await getEncoding("o200k_base", { vocabulary });
  const { Tiktoken } = await load("js-tiktoken/lite");
  const { default: ranks } = await load("js-tiktoken/ranks/o200k_base");
  const pure = new Tiktoken(ranks);
  const gpt = await load("gpt-tokenizer/encoding/o200k_base");
  const { get_encoding } = await load("tiktoken");
  const rust = get_encoding("o200k_base");
  return {
    tokenkit: (text) => own.encodeOrdinary(text),
    "tokenkit, count": (text) => own.count(text),
    tiktoken: (text) => rust.encode_ordinary(text),
    "gpt-tokenizer": (text) => gpt.encode(text, { disallowedSpecial: new Set() }),
    "js-tiktoken": (text) => pure.encode(text, [], []),
  };
}

async function version(name) {
  const path = join(process.cwd(), "node_modules", name, "package.json"); // not all export it
  return `${name} ${JSON.parse(await readFile(path, "utf8")).version}`;
}

function isEqual(expected, found) {
  if (typeof found === "number") return found === expected.length;
  return found.length === expected.length && expected.every((id, index) => found[index] === id);
}

function timed(run) {
  const begin = performance.now();
  run();
  return performance.now() - begin;
}

const texts = [];
for (const name of (await readdir(folder)).filter((name) => name.endsWith(".txt")).sort()) {
  const text = (await readFile(join(folder, name), "utf8")).slice(0, SIZE).toWellFormed();
  texts.push({ name: name.slice(0, -4), text });
}
const all = await libraries();
const encode = all.tokenkit;
console.log(
  `Node ${process.version}, ${cpus()[0].model}, ${new Date().toISOString().slice(0, 10)}`,
);
console.log(await Promise.all(["tiktoken", "gpt-tokenizer", "js-tiktoken"].map(version)));
console.log(`MB/s, first and again | ${texts.map(({ name }) => name).join(" | ")}`);
for (const [library, run] of Object.entries(all)) {
  run("Some words, to warm up. ".repeat(2000));
  const cells = texts.map(({ text }) => {
    const size = Buffer.byteLength(text) / 1e3; // KB, so that KB per ms are MB per s
    let found;
    const first = timed(() => {
      found = run(text);
    });
    if (library !== "tokenkit" && !isEqual(encode(text), found)) return "other ids";
    const again = Math.min(...Array.from({ length: AGAIN }, () => timed(() => run(text))));
    return [first, again].map((ms) => (size / ms).toFixed(size / ms < 10 ? 1 : 0)).join(" ");
  });
  console.log(`${library} | ${cells.join(" | ")}`);
}
