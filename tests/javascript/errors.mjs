// What is wrong is an error that says what was expected and where.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as tokenkit from "tokenkit";

const vocabulary = await readFile("data/o200k_base.tkv");
const encoding = await tokenkit.getEncoding("o200k_base", { vocabulary });
const user = { role: "user", content: "hi" };
const image = { type: "image_url", image_url: { url: "data:," } };
let passed = 0;

function fails(kind, words, run) {
  assert.throws(run, (error) => {
    assert.equal(error.constructor.name, kind);
    assert.equal(error.name, kind);
    assert.ok(error.message.includes(words), error.message);
    return true;
  });
  passed += 1;
}

async function rejects(kind, words, run) {
  const result = await run().catch((error) => error);
  fails(kind, words, () => {
    throw result;
  });
}

// Texts.
for (const [text, where] of [
  ["\ud800", "U+D800 at offset 0"],
  ["ab\udc00", "U+DC00 at offset 2"],
  ["😀\ud83d😀", "U+D83D at offset 2"],
]) {
  fails("RangeError", where, () => encoding.encode(text));
  fails("RangeError", where, () => encoding.encodeOrdinary(text));
  fails("RangeError", where, () => encoding.count(text));
  fails("RangeError", where, () => encoding.within(text, 3));
  fails("RangeError", where, () => encoding.tokenSpans(text));
  fails("RangeError", where, () => encoding.truncate(text, 3));
  fails("RangeError", where, () => encoding.chunk(text, { maxTokens: 3 }));
}
fails("TypeError", "text: expected a string, got null", () => encoding.count(null));
fails("TypeError", "text: expected a string, got 3", () => encoding.counter().update(3));
fails("RangeError", "U+DC00 at offset 0", () => encoding.counter().update("\udc00a"));
fails("TypeError", "limit", () => encoding.within("a", "3"));
fails("TypeError", "options: expected allowedSpecial", () => encoding.count("a", { all: true }));

// Special tokens.
fails("SpecialTokenError", '"<|endoftext|>"', () => encoding.encode("a<|endoftext|>"));
fails("SpecialTokenError", "endofprompt", () =>
  encoding.encode("<|endoftext|><|endofprompt|>", { allowedSpecial: ["<|endoftext|>"] }),
);
fails("RangeError", "special tokens of o200k_base", () =>
  encoding.encode("a", { allowedSpecial: ["<|start|>"] }),
);
fails("TypeError", "a list of strings", () => encoding.encode("a", { allowedSpecial: "none" }));
assert.equal(encoding.encode("<|endoftext|>", { disallowedSpecial: [] }).length, 7);

// Ids.
fails("RangeError", "200019", () => encoding.decode([200019]));
fails("RangeError", "ids[1]", () => encoding.decode([1, -1]));
fails("TypeError", "ids[0]", () => encoding.decode(["1"]));
fails("TypeError", "a list of numbers", () => encoding.decode(5));
fails("RangeError", "marker", () => encoding.truncate("a b c d", 1, { marker: "a b c" }));

// Chunks.
fails("TypeError", "maxTokens", () => encoding.chunk("a"));
fails("RangeError", "maxTokens: expected a number from 1 on", () =>
  encoding.chunk("a", { maxTokens: 0 }),
);
fails("RangeError", "overlap", () => encoding.chunk("a", { maxTokens: 4, overlap: 4 }));
fails("RangeError", "format", () => encoding.chunk("a", { maxTokens: 4, format: "html" }));
fails("RangeError", "tightness", () => encoding.chunk("a", { maxTokens: 4, tightness: 2 }));
fails("RangeError", "separators[0]", () => encoding.chunk("a", { maxTokens: 4, separators: [""] }));
fails("ContextOverflowError", "at offset 2", () => encoding.chunk("a 👩‍🦰", { maxTokens: 1 }));

// Chats.
const chat = (message, model = "gpt-4o") => encoding.countMessages([user, message], model);
fails("RangeError", "messages[1].tool_calls", () => chat({ ...user, tool_calls: [] }));
fails("RangeError", "messages[1].role", () => chat({ role: "tool", content: "x" }));
fails("RangeError", "messages[1].content[0].type", () => chat({ role: "user", content: [image] }));
fails("RangeError", "content[0].cache_control", () =>
  chat({ role: "user", content: [{ type: "text", text: "a", cache_control: {} }] }),
);
fails("RangeError", "U+D800 at offset 1", () => chat({ role: "user", content: "a\ud800" }));
fails("TypeError", "messages[1]", () => chat("hi"));
fails("RangeError", "cl100k_base", () => chat(user, "gpt-4"));
fails("NoTokenizerError", "claude-opus-5", () => chat(user, "claude-opus-5"));
fails("UnknownModelError", "gpt-nothing", () => chat(user, "gpt-nothing"));
fails("RangeError", "takes messages", () => chat(user, "gpt-4o-transcribe"));

// Fitted chats.
const fit = (options, model = "gpt-4o", messages = [user]) =>
  encoding.fitMessages(messages, model, options);
fails("TypeError", "maxInput: expected a whole number of tokens", () => fit());
fails("RangeError", "maxInput: expected a number from 0 on", () => fit({ maxInput: -1 }));
fails("RangeError", "maxInput: expected a whole number", () => fit({ maxInput: 1.5 }));
fails("TypeError", 'got "maxOutput"', () => fit({ maxInput: 9, maxOutput: 1 }));
fails("RangeError", "onOverflow", () => fit({ maxInput: 9, onOverflow: "raise" }));
fails("RangeError", "messages[1].tool_calls", () =>
  fit({ maxInput: 9 }, "gpt-4o", [user, { ...user, tool_calls: [] }]),
);
fails("RangeError", "published context window, got gpt-5.1-mini", () =>
  fit({ maxInput: 9 }, "gpt-5.1-mini"),
);
fails("ContextOverflowError", "at most 7 tokens (max_input of gpt-4o), got 8", () =>
  fit({ maxInput: 7 }),
);

// Vocabularies.
const damaged = Uint8Array.from(vocabulary);
damaged[5_000_000] ^= 1;
const open = (bytes, name = "o200k_base") => tokenkit.getEncoding(name, { vocabulary: bytes });
await rejects("UnknownEncodingError", "o200k_base", () => open(vocabulary, "o300k"));
await rejects("VocabularyError", "damaged", () => open(damaged));
await rejects("VocabularyError", "bytes long", () => open(vocabulary.subarray(0, 5000)));
await rejects("VocabularyError", "got o200k_base", () => open(vocabulary, "cl100k_base"));
await rejects("VocabularyError", "line 1", () => open(new TextEncoder().encode("<html>")));
await rejects("VocabularyError", "got another one", () =>
  open(new TextEncoder().encode("YQ== 0\nYg== 1\n")),
);
await rejects("TypeError", "expected a URL", () => open(7));
await rejects("VocabularyError", "vocabulary: expected whole gzip, got damaged bytes", () =>
  open(Uint8Array.of(0x1f, 0x8b, 8, 0, 1)),
);
await rejects("Error", "vocabulary: expected a file at none.tkv, got an error: ENOENT", () =>
  open("none.tkv"),
);
await rejects("Error", "expected a file at http://127.0.0.1:9/, got an error: ", () =>
  open("http://127.0.0.1:9/"),
);
await rejects("Error", "core: expected a file at none.wasm", () => tokenkit.loadCore("none.wasm"));
await rejects("TypeError", 'options: expected vocabulary, core, got "image"', () =>
  tokenkit.getEncoding("o200k_base", { vocabulary, image: vocabulary }),
);
await rejects("TypeError", 'options: expected an object, got "a.tkv"', () =>
  tokenkit.getEncoding("o200k_base", "a.tkv"),
);
for (const core of [{}, "core", 5, vocabulary]) {
  await rejects("TypeError", "options.core: expected what loadCore gives, got", () =>
    tokenkit.getEncoding("o200k_base", { vocabulary, core }),
  );
}
await rejects("TypeError", "o200k_base.tiktoken", () => tokenkit.getEncoding("o200k_base"));

// Errors leave the core as it was.
assert.equal(encoding.count("hello world"), 2);
console.log(`${passed} checks passed`);
