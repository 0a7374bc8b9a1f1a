// Types of the live page's scripts. They are for `make types-js` alone: no page holds this file.

/** The elements of live.html that have an id, with their tags; a test compares the two. */
export interface Tags {
  app: "div";
  home: "p";
  "tab-tokens": "button";
  "tab-window": "button";
  "tab-chat": "button";
  "tab-chunks": "button";
  "model-field": "div";
  model: "input";
  "model-names": "datalist";
  "encoding-field": "div";
  encoding: "select";
  share: "button";
  "model-note": "p";
  "share-note": "p";
  error: "p";
  source: "section";
  "source-label": "label";
  given: "span";
  "source-note": "span";
  open: "button";
  clear: "button";
  files: "input";
  box: "textarea";
  total: "output";
  figures: "dl";
  "panel-tokens": "section";
  "other-field": "div";
  other: "select";
  differing: "p";
  names: "div";
  stage: "div";
  "panel-window": "section";
  reserve: "input";
  "window-card": "div";
  find: "input";
  "models-more": "span";
  "models-body": "tbody";
  "panel-chat": "section";
  request: "textarea";
  "chat-summary": "div";
  lacks: "p";
  "fit-fields": "div";
  "limit-slider": "input";
  "copy-fit": "button";
  "chat-status": "p";
  "chat-parts": "ol";
  "panel-chunks": "section";
  download: "button";
  "chunk-summary": "output";
  "chunk-figures": "p";
  plot: "div";
  "chunk-stage": "div";
  inspector: "div";
  data: "script";
  // Only in the page that needs no server.
  core: "script";
  vocabulary: "script";
}

export type ById = <Id extends keyof Tags>(id: Id) => HTMLElementTagNameMap[Tags[Id]];

/** What the page knows from the beginning, as page.py writes it. */
export interface PageData {
  version: string;
  day: string;
  /** How many days before a shutdown it is said. */
  notice: number;
  encodings: string[];
  model: string | null;
  models: Model[];
  /** What is known of a model that is not listed, by a prefix of its name. */
  prefixes: Record<string, Model>;
  files?: { name: string; text?: string }[];
  hidden: string;
  names: Record<string, string>;
  marks: Record<string, [mark: string, style: string]>;
}

/** Whether a model was shut down, the day on which it is or will be, and what replaces it. */
export interface Ending {
  retired?: boolean;
  ends?: string;
  replacement?: string;
}

/** A model, as model_facts.py describes it: what is not known, false or zero is left out. */
export interface Model extends Ending {
  name: string;
  otherNames?: string[];
  /** Whether it takes no texts: of such a model only the names are here. */
  textless?: boolean;
  provider: string;
  kind: string;
  encoding?: string;
  assumed?: boolean;
  window?: number;
  maxInput?: number;
  safeInput?: number;
  maxOutput?: number;
  separate?: boolean;
  replies?: boolean;
  overhead?: number;
  prices?: Prices;
  /** What other hosts sell, where that is known. */
  hosts?: Record<string, Ending & { names?: string[]; prices?: Prices }>;
  source?: string;
  checked?: string;
}

/** The rates of text, and those of long prompts. */
export type Prices = Rates & { long?: (Rates & { above: number })[] };

/** USD for a million tokens, as decimal strings. */
export interface Rates {
  input?: string;
  output?: string;
}

/** A sum in USD, or why there is none. */
export interface Cost {
  usd: string | null;
  reason: string;
}

/** How a prompt and a reply fill a window, in tokens. */
export interface WindowUse {
  whole: number;
  prompt: number;
  reserved: number;
  free: number;
  beyond: number;
  limit: number;
  limitName: string;
}

export type View = "tokens" | "window" | "chat" | "chunks";

/**
 * Tokens of a text: their ids; a start and an end of each, in UTF-16 units and in bytes. There are none
 * of these where the tokenizer changes the text.
 */
export interface Tokens {
  ids: Uint32Array;
  spans: Uint32Array;
  octets: Uint32Array;
}

/** Tokens of a text for a model; `high` is null without an upper bound. */
export interface Count {
  tokens: number;
  low: number;
  high: number | null;
  exact: boolean;
  notes: string[];
  missing?: undefined;
}

/** Why a page cannot count for a model. */
export interface Missing {
  missing: string;
}

/** The counts of a text by model. */
export type Counts = Record<string, Count | Missing>;

/** The models of a table, and how many more there are. */
export interface Comparison {
  shown: Model[];
  more: number;
}

export interface ChunkChoices {
  max_tokens: number;
  overlap: number;
  format: string;
  strategy: string;
  tightness: number;
}

/** A chunk; `start` and `end` are in UTF-16 units. */
export interface Chunk {
  start: number;
  end: number;
  tokens: number;
  overlap: number;
  boundary: string;
  headings: readonly string[];
}

/** What counts for the page. */
export interface Backend {
  words: string;
  encodings: string[];
  /** What it cannot do, for the view of chats. */
  lacks?: string;
  tokens(text: string, encoding: string, special: boolean, slot: number): Promise<Tokens>;
  counts(text: string, models: string[]): Promise<Counts>;
  chunks(text: string, encoding: string, options: ChunkChoices): Promise<readonly Chunk[]>;
  chat(text: string, model: string, limit: number | null): Promise<ChatAnswer>;
  /** Whether it counts for a model; where this is missing, it counts for all. */
  holds?(model: Model): boolean;
  /** The text of one of the files that the page was made with. */
  file(index: number): Promise<string>;
}

/** A checked request, as chat_answer.py describes it. */
export interface ChatAnswer {
  model: string;
  api: string;
  tokens: number;
  low: number;
  high: number | null;
  exact: boolean;
  notes: readonly string[];
  max_output: number | null;
  limit: number | null;
  limit_name: string;
  fits: boolean | null;
  cost_low: string | null;
  cost_high: string | null;
  problems: { path: string; severity: string; message: string }[];
  parts: ChatPart[];
  fit: FittedChat | null;
}

export interface ChatPart {
  where: string;
  kind: string;
  tokens: number;
  index: number | null;
  role?: string;
  text?: string;
}

/** What becomes of a message: "kept", "shortened" or "dropped", and why. */
export interface Fate {
  status: string;
  tokens?: number;
  reason?: string;
}

/** What `fit` leaves of a chat, or why it leaves nothing. */
export type FittedChat =
  | { error: string; messages?: undefined; request?: undefined; over?: undefined }
  | {
      error?: undefined;
      limit: number;
      tokens: number;
      over: number;
      messages: Fate[];
      request: string;
    };

/** Segments of a text (layout.js): where each starts, and its first token. */
export interface Segments {
  ids: Uint32Array;
  tokens: Tokens;
  count: number;
  starts: Uint32Array;
  first: Uint32Array;
}

/** A row of the scroller: a stretch of a text, and its height in pixels once that is known. */
export interface Row {
  from: number;
  to: number;
  height?: number;
}

/** An element that shows a row. */
export interface RowElement<R extends Row> extends HTMLElement {
  row: R;
}

/**
 * `ranges` are the segments of each view; `direction` is that of the line in which the row begins,
 * "ltr" or "rtl" where a row above decides it.
 */
export interface TokenRow extends Row {
  ranges: [number, number][];
  direction: string;
}

/** `border` is where the overlap with the chunk before ends. */
export interface ChunkRow extends Row {
  border: number;
  chunk: Chunk;
  index: number;
  head: boolean;
}

/** A segment of one of the views. */
export interface Place {
  which: number;
  segment: number;
}

/** An element that stands for a segment: that of one of the views, counted from the row's first. */
export interface TokenElement extends HTMLElement {
  which?: number;
  segment?: number;
}
