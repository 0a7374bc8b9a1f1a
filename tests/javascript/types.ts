// Compiled, never run: each line has the types that tokenkit.d.ts says.
import {
  type Chunk,
  ContextOverflowError,
  type Core,
  type Encoding,
  type EncodingName,
  encodingNameForModel,
  type Fit,
  getEncoding,
  listEncodingNames,
  loadCore,
  type MessageCount,
  TokenkitError,
  vocabularyName,
} from "tokenkit";

const core: Core = await loadCore(new Uint8Array());
const names: EncodingName[] = listEncodingNames();
const name: EncodingName = encodingNameForModel("gpt-4o");
const encoding: Encoding = await getEncoding(name, { vocabulary: vocabularyName(name), core });
const ids: Uint32Array = encoding.encode("a", { allowedSpecial: new Set(["<|endoftext|>"]) });
const within: number | null = encoding.within("a", 3);
const chunks: Chunk[] = encoding.chunk("a", { maxTokens: 3, strategy: "greedy" });
const count: MessageCount = encoding.countMessages([{ role: "user", content: "a" }], "gpt-4o");
const user = { role: "user" as const, content: "a", own: 1 };
const fit: Fit<typeof user> = encoding.fitMessages([user], "gpt-4o", { maxInput: 9 });
const text: string = encoding.decodeStream().update(ids[0]);
const needed: number = new ContextOverflowError().needed;
const base: Error = new TokenkitError("a");
console.log(names, within, chunks[0].headings, count.low, fit.messages[0].own, text, needed, base);

// @ts-expect-error
await getEncoding("o300k_base", { vocabulary: "a" });
// @ts-expect-error
await getEncoding("o200k_base");
// @ts-expect-error
encoding.chunk("a", { maxTokens: 3, strategy: "best" });
// @ts-expect-error
encoding.countMessages([{ role: "tool", content: "a" }], "gpt-4o");
// @ts-expect-error
encoding.fitMessages([user], "gpt-4o");
