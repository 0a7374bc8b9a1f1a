// Types of the script of pages, rows.js and page.js. They are for `make types-js` alone: no page
// holds this file.

/** The elements of page.html that have an id, with their tags; a test compares the two. */
export interface Tags {
  find: "input";
  previous: "button";
  next: "button";
  found: "output";
  marks: "button";
  ids: "button";
  keys: "button";
  text: "div";
  side: "div";
  inspector: "div";
  help: "dialog";
  "help-title": "h2";
  data: "script";
}

export type ById = <Id extends keyof Tags>(id: Id) => HTMLElementTagNameMap[Tags[Id]];

/** What page.py writes into the page. */
export interface PageData {
  encodings: string[];
  hidden: string;
  names: Record<string, string>;
  marks: Record<string, [mark: string, style: string]>;
  parts: Part[];
}

/** A text of the page: what page.py writes, and from `position` on what `build` adds. */
export interface Part {
  title: string;
  status: string;
  tokens: number | null;
  limit: number | null;
  repeated: number;
  notes: string[];
  text: string;
  raw: RawView[];
  position: number;
  views: View[];
  rows: Row[];
  node: HTMLElement;
}

/** Tokens of an encoding, as page.py writes them. */
export interface RawView {
  ids: number[];
  steps: number[];
  sizes: number[];
}

/** Segments of a text: where each starts, and its first token. */
export interface View {
  ids: number[];
  sizes: number[];
  sizesAt: Map<number, number>;
  length: number;
  starts: Uint32Array;
  first: Uint32Array;
}

/** A stretch of a text; `characters` and `bytes` are those before it. */
export interface Row {
  part: Part;
  node: HTMLElement;
  from: number;
  to: number;
  characters: number;
  bytes: number;
  painted: boolean;
  cells: Cell[];
  idNode?: HTMLElement;
  idSpans?: TokenElement[];
  matches?: number[] | null;
}

/** A row in one of the encodings: its segments, and their elements while it is painted. */
export interface Cell {
  node: HTMLElement;
  range: [number, number];
  spans: TokenElement[] | null;
}

/** A segment of a row. */
export interface Place {
  row: Row;
  which: number;
  segment: number;
}

export interface TokenElement extends HTMLElement {
  place?: Place;
}

export interface RowElement extends HTMLElement {
  row?: Row;
}

export interface Match {
  part: Part;
  start: number;
  end: number;
}

export interface State {
  marks: boolean;
  matches: Match[];
  match: number;
  here: Place | null;
  hover: Place | null;
  linked: TokenElement[];
}
