/**
 * Types of tokenkit for JavaScript: the same core as in Python, compiled to WebAssembly.
 *
 * Names are those of the Python package in camelCase. Offsets are UTF-16 units, as in all of
 * JavaScript, where nothing else is said. Every function that takes a text raises a RangeError that
 * says where for a lone surrogate, which has no UTF-8; `text.toWellFormed()` replaces them.
 */

/** Where bytes come from: a URL (in Node also a path), a response, or the bytes themselves. */
export type ByteSource = string | URL | Response | Blob | ArrayBuffer | ArrayBufferView;

/** The names of the bundled encodings. */
export type EncodingName =
  | "gpt2"
  | "r50k_base"
  | "p50k_base"
  | "p50k_edit"
  | "cl100k_base"
  | "o200k_base"
  | "o200k_harmony";

/** The compiled core. One is enough for all encodings. */
export interface Core {
  readonly module: WebAssembly.Module;
}

/**
 * Compile the core. Without a source it is `tokenkit.wasm` beside this file, fetched once.
 *
 * `getEncoding` calls this by itself; call it first where the core lies elsewhere: what was loaded
 * last, with a source, is what `getEncoding` takes.
 */
export function loadCore(source?: ByteSource | WebAssembly.Module): Promise<Core>;

export interface EncodingOptions {
  /**
   * The vocabulary: an image (`.tkv`), an image in gzip, or ranks as OpenAI publishes them
   * (`.tiktoken`, also in gzip). Which of these it is shows in the bytes.
   */
  vocabulary: ByteSource;
  /** What `loadCore` gave; by default the core that was loaded last. */
  core?: Core;
}

/**
 * Load an encoding.
 *
 * Throws an UnknownEncodingError, and a VocabularyError for bytes that are no vocabulary, are
 * damaged, or are the vocabulary of another encoding.
 */
export function getEncoding(name: EncodingName, options: EncodingOptions): Promise<Encoding>;

/** The names that `getEncoding` takes, the oldest first. */
export function listEncodingNames(): EncodingName[];

/** The vocabulary that an encoding needs, by the name of its files: "o200k_base" for o200k_harmony. */
export function vocabularyName(name: EncodingName): string;

/** The name of a model's encoding. Throws an UnknownModelError, and a NoTokenizerError where the
 * tokenizer is private or not one of the bundled encodings. */
export function encodingNameForModel(model: string): EncodingName;

/** Special tokens that become their ids: all of them, or those of a list or set. */
export type AllowedSpecial = "all" | Iterable<string>;

export interface CountOptions {
  /** None by default: special tokens are ordinary text. */
  allowedSpecial?: AllowedSpecial;
}

export interface EncodeOptions {
  /** None by default. */
  allowedSpecial?: AllowedSpecial;
  /** Special tokens that throw a SpecialTokenError, "all" that are not allowed by default. */
  disallowedSpecial?: AllowedSpecial;
}

export interface TruncateOptions {
  /** The part that stays; "head" by default. */
  keep?: "head" | "tail" | "ends";
  /** Stands where text was taken out; "" by default. */
  marker?: string;
  /** What is never split: grapheme clusters, the default, or characters. */
  unit?: "grapheme" | "char";
}

export interface SpanOptions extends CountOptions {
  /** UTF-16 units by default; UTF-8 bytes; characters (code points). */
  unit?: "utf16" | "byte" | "char";
}

/** A named vocabulary with its pattern and special tokens. Each has a WebAssembly memory of its
 * own, which is collected with it. */
export class Encoding {
  private constructor();
  readonly name: EncodingName;
  /** One more than the highest id. */
  readonly nVocab: number;
  readonly maxTokenValue: number;
  readonly eotToken: number;
  readonly specialTokensSet: ReadonlySet<string>;

  /** Encode a text. Special tokens throw a SpecialTokenError unless they are allowed, or not
   * among `disallowedSpecial`. */
  encode(text: string, options?: EncodeOptions): Uint32Array;
  /** Encode a text; special tokens are ordinary text. */
  encodeOrdinary(text: string): Uint32Array;
  /** Decode ids; bytes that are not UTF-8 become U+FFFD. Throws a RangeError for an unknown id. */
  decode(ids: Iterable<number>): string;
  /** Decode ids to bytes. */
  decodeBytes(ids: Iterable<number>): Uint8Array;
  /** Decode ids that come in parts, as a model makes them. */
  decodeStream(): DecodeStream;

  /** Count the tokens of a text, without making the ids. */
  count(text: string, options?: CountOptions): number;
  /** Count the tokens of a text if they are at most `limit`; else null. Stops reading early. */
  within(text: string, limit: number): number | null;
  /** Truncate a text to at most `maxTokens` tokens. */
  truncate(text: string, maxTokens: number, options?: TruncateOptions): string;
  /** Where each token is in the text: its start and its end, one pair after the other. A token
   * that holds a part of a character spans all of it, except in bytes. */
  tokenSpans(text: string, options?: SpanOptions): Uint32Array;
  /** Count a text that comes in parts. */
  counter(): TokenCounter;

  /**
   * Count the input tokens of a chat of texts. What is not text (tools, calls, images, a key that
   * is not known) throws a RangeError that names it; the Python package counts those.
   * Throws a RangeError if the model has another encoding.
   */
  countMessages(messages: readonly ChatMessage[], model: string): MessageCount;

  /**
   * Choose the messages of a chat of texts that stay within `maxInput` tokens: what Python's `fit`
   * keeps with `max_output=None`. The system's messages, the newest, and the newest of a user stay,
   * and the first of a user while there is room; of the others the oldest are dropped first. Nothing
   * is shortened. The chat is not changed.
   *
   * Throws a ContextOverflowError where those that must stay have more tokens, a RangeError for a
   * model whose context window is not published, and what `countMessages` throws.
   */
  fitMessages<Message extends ChatMessage>(
    messages: readonly Message[],
    model: string,
    options: FitOptions,
  ): Fit<Message>;

  /** Split a text into chunks of at most `maxTokens` tokens. */
  chunk(text: string, options: ChunkOptions): Chunk[];
}

/** A decoder of ids that come in parts. Nothing is given out before its character is whole. */
export interface DecodeStream {
  /** The text that these ids complete. */
  update(ids: number | Iterable<number>): string;
  /** What is left: U+FFFD for a character that never became whole, else "". Starts again. */
  end(): string;
}

/** A counter of a text that comes in parts, split anywhere, also inside a surrogate pair. */
export interface TokenCounter {
  update(text: string): void;
  /** Tokens of all parts joined. A high surrogate at the end counts as U+FFFD. */
  readonly total: number;
  copy(): TokenCounter;
}

export interface ChatMessage {
  role: "system" | "developer" | "user" | "assistant";
  content: string | readonly { type: "text"; text: string }[];
  name?: string;
}

export interface CountPart {
  /** The part of the request, as `messages[0]`. */
  readonly where: string;
  readonly kind: "message" | "priming";
  readonly tokens: number;
  /** The index of the message, null for the priming of the reply. */
  readonly index: number | null;
}

/** A number of tokens: the true one lies from `low` to `high`. */
export interface TokenCount {
  readonly tokens: number;
  readonly low: number;
  readonly high: number;
  readonly exact: boolean;
  readonly notes: readonly string[];
}

export interface MessageCount extends TokenCount {
  readonly parts: readonly CountPart[];
}

export interface FitOptions {
  /** The most tokens of the chat, priming of the reply included. No tokens are reserved for the
   * reply: leave room for it. The model's own limit holds besides. */
  maxInput: number;
  /** What happens where the messages that must stay have more: "throw" by default, or "return"
   * them with a negative `headroom`. */
  onOverflow?: "throw" | "return";
}

/** A message that was dropped. */
export interface Dropped<Message = ChatMessage> {
  /** Its index in the chat. */
  readonly index: number;
  readonly message: Message;
  readonly tokens: number;
  readonly reason: string;
}

/** A chat that fits, and what was dropped for it. */
export interface Fit<Message = ChatMessage> extends TokenCount {
  /** Those that stay, in their order: the same objects. */
  readonly messages: Message[];
  readonly dropped: readonly Dropped<Message>[];
  /** The most tokens that the chat may have. */
  readonly limit: number;
  /** Which limit that is: "max_input" for `maxInput`, else one of the model. */
  readonly limitName: "max_input" | "context_window" | "max_input_tokens";
  /** Tokens of the limit that are still free. */
  readonly headroom: number;
  /** The model's own name. */
  readonly model: string;
}

export interface ChunkOptions {
  /** The most tokens of a chunk, prefix and reserve included. */
  maxTokens: number;
  /** The most tokens that a chunk repeats of the one before; 0 by default. */
  overlap?: number;
  /** How to read the text; "auto" by default. */
  format?: "auto" | "text" | "markdown" | "code";
  /** "optimal" by default. */
  strategy?: "optimal" | "greedy" | "token";
  /** From 0, which prefers good places to end, to 1, which prefers few chunks; 0.5 by default. */
  tightness?: number;
  /** Chunks below it are joined with the one before where that is possible; 0 by default. */
  minTokens?: number;
  /** Tokens kept back in each chunk; 0 by default. */
  reserve?: number;
  /** Stands before each chunk when it is used; "" by default. */
  prefix?: string;
  /** Leave out the white space at both ends; false by default. */
  trim?: boolean;
  /** Strings of your own, the best first, at whose ends a text is split. */
  separators?: readonly string[];
}

export type Boundary =
  | "heading"
  | "fence"
  | "block"
  | "paragraph"
  | "line"
  | "sentence"
  | "clause"
  | "word"
  | "character"
  | "end";

/** A slice of a text: `chunk.text === source.slice(chunk.start, chunk.end)`. */
export interface Chunk {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** The tokens of `text` alone. */
  readonly tokens: number;
  /** The prefix and the text: what to embed. */
  readonly input: string;
  readonly index: number;
  /** The tokens that this chunk shares with the next. */
  readonly overlap: number;
  readonly boundary: Boundary;
  /** The headings of Markdown above it, the outermost first. */
  readonly headings: readonly string[];
}

/** The base of the package's own errors. */
export class TokenkitError extends Error {}
export class UnknownModelError extends TokenkitError {}
export class UnknownEncodingError extends TokenkitError {}
export class NoTokenizerError extends TokenkitError {}
export class SpecialTokenError extends TokenkitError {}
export class VocabularyError extends TokenkitError {}
/** Something needs more tokens than a limit leaves. */
export class ContextOverflowError extends TokenkitError {
  readonly needed: number;
  readonly available: number;
  readonly limitName: string;
}
