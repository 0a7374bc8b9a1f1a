// Compares the installed package with cases that Python wrote: node check.mjs CASES VOCABULARIES.
// Prints what differs, and ends with 1 if anything does.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { getEncoding, listEncodingNames, vocabularyName } from "tokenkit";

const [casesPath, folder] = process.argv.slice(2);
const cases = JSON.parse(await readFile(casesPath, "utf8"));
let checked = 0;
let failed = 0;

function check(what, run, expected) {
  checked += 1;
  try {
    assert.deepEqual(run(), expected);
  } catch (error) {
    failed += 1;
    if (failed <= 20) console.log(`${what}: ${error.message}`);
  }
}

assert.deepEqual(listEncodingNames(), Object.keys(cases));
for (const [name, { texts, chunks, chats, fits, special }] of Object.entries(cases)) {
  const vocabulary = join(folder, `${vocabularyName(name)}.tkv`);
  const encoding = await getEncoding(name, { vocabulary });
  assert.equal(encoding.nVocab, special.n_vocab);
  assert.equal(encoding.eotToken, special.eot_token);
  assert.deepEqual([...encoding.specialTokensSet].sort(), special.names);
  for (const [index, item] of texts.entries()) {
    const what = `${name}, text ${index}`;
    const { text, ids } = item;
    check(`${what}: ids`, () => [...encoding.encodeOrdinary(text)], ids);
    check(
      `${what}: allowed`,
      () => [...encoding.encode(text, { allowedSpecial: "all" })],
      item.allowed,
    );
    check(`${what}: count`, () => encoding.count(text), ids.length);
    check(`${what}: decode`, () => encoding.decode(ids), text);
    check(`${what}: within`, () => encoding.within(text, ids.length), ids.length);
    check(`${what}: not within`, () => encoding.within(text, ids.length - 1), null);
    check(`${what}: spans`, () => [...encoding.tokenSpans(text)], item.utf16);
    check(`${what}: bytes`, () => [...encoding.tokenSpans(text, { unit: "byte" })], item.bytes);
    check(`${what}: truncate`, () => encoding.truncate(text, 5, { keep: "ends" }), item.ends);
    check(`${what}: counter`, () => counted(encoding, text), ids.length);
    check(`${what}: stream`, () => streamed(encoding, ids), text);
  }
  for (const [index, { text, options, expected }] of chunks.entries()) {
    const found = () => encoding.chunk(text, options).map((chunk) => ({ ...chunk }));
    check(`${name}, chunks ${index}`, found, expected);
  }
  for (const [index, { messages, model, expected }] of chats.entries()) {
    const found = () => encoding.countMessages(messages, model);
    check(`${name}, chat ${index} of ${model}`, found, expected);
  }
  for (const [index, { messages, model, maxInput, expected }] of fits.entries()) {
    const before = structuredClone(messages);
    const found = () => {
      const fit = encoding.fitMessages(messages, model, { maxInput, onOverflow: "return" });
      assert.ok(fit.messages.every((message) => messages.includes(message)));
      return fit;
    };
    check(`${name}, fit ${index} of ${model}`, found, expected);
    assert.deepEqual(messages, before);
  }
}
console.log(`${checked} checks, ${failed} failed`);
process.exitCode = failed > 0 || checked === 0 ? 1 : 0;

/** Count a text unit by unit, with a copy on the way. */
function counted(encoding, text) {
  let counter = encoding.counter();
  const step = Math.max(1, Math.ceil(text.length / 40));
  for (let at = 0; at < text.length; at += step) {
    counter.update(text.slice(at, at + step));
    if (at === 3 * step) counter = counter.copy();
  }
  return counter.total;
}

/** Decode ids one by one. */
function streamed(encoding, ids) {
  const stream = encoding.decodeStream();
  return ids.map((id) => stream.update(id)).join("") + stream.end();
}
