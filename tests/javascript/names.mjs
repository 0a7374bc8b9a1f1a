// Compares how the installed package reads names with cases that Python wrote: node names.mjs CASES.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { encodingNameForModel, getEncoding } from "tokenkit";
import { findModel } from "./node_modules/tokenkit/chat.js";
import { readings } from "./node_modules/tokenkit/names.js";

const cases = JSON.parse(await readFile(process.argv[2], "utf8"));
const messages = [{ role: "user", content: "one text" }];
const encodings = {};
for (const name of ["o200k_base", "cl100k_base", "o200k_harmony"]) {
  const vocabulary = name === "o200k_harmony" ? "o200k_base" : name;
  encodings[name] = await getEncoding(name, { vocabulary: `data/${vocabulary}.tkv` });
}
let failed = 0;
for (const { name, read, resolved, encoding, counted, fitted } of cases) {
  try {
    assert.deepEqual(
      Array.from(readings(name), ({ name, host = null, vendor = null, rules }) => {
        return [name, host, vendor, rules];
      }),
      read,
    );
    assert.deepEqual(found(name), resolved);
    assert.equal(
      outcome(() => encodingNameForModel(name)),
      encoding,
    );
    if (!(encoding in encodings)) continue;
    const one = encodings[encoding];
    assert.deepEqual(
      outcome(() => numbers(one.countMessages(messages, name))),
      counted,
    );
    const fit = () => one.fitMessages(messages, name, { maxInput: 10 ** 9 });
    assert.deepEqual(
      outcome(() => [fit().model, fit().limit]),
      fitted,
    );
  } catch (error) {
    failed += 1;
    if (failed <= 20) console.log(`${JSON.stringify(name)}: ${error.message}`);
  }
}
console.log(`${cases.length} names, ${failed} failed`);
process.exitCode = failed > 0 || cases.length === 0 ? 1 : 0;

function outcome(run) {
  try {
    return run();
  } catch (error) {
    return error.name;
  }
}

function found(name) {
  const result = outcome(() => findModel(name));
  if (typeof result === "string") return result;
  return [result.name, result.host, result.rule, result.notes];
}

function numbers({ tokens, low, high, notes }) {
  return [tokens, low, high, notes];
}
