// The second half of the page's script: headings, the token that is pointed at, the search, the
// keys. It uses what rows.js, the first half, declares.

/** @param {Part} part */
function heading(part) {
  const head = element("div", "head");
  head.append(element("h2", "", plain(part.title)));
  if (part.status !== "text" && part.status !== "chunk")
    head.append(element("span", "pill", part.status));
  const count =
    part.tokens === null
      ? part.views.map((view) => number(view.ids.length)).join(" / ")
      : number(part.tokens);
  const limit = part.limit === null ? "" : ` of ${number(part.limit)}`;
  head.append(element("span", "num", `${count}${limit} tokens`));
  if (part.limit) head.append(limitBar(part.tokens ?? 0, part.limit));
  for (const note of part.notes) head.append(element("span", "note", plain(note)));
  return head;
}

/** @type {(tokens: number, limit: number) => SVGElement} */
function limitBar(tokens, limit) {
  const space = "http://www.w3.org/2000/svg";
  const bar = document.createElementNS(space, "svg");
  bar.setAttribute("class", "bar");
  bar.setAttribute("aria-hidden", "true");
  /** @type {[number, string][]} */
  const stretches = [
    [1, "f-free"],
    [Math.min(1, tokens / limit), tokens > limit ? "f-over" : "f-prompt"],
  ];
  for (const [share, name] of stretches) {
    const box = document.createElementNS(space, "rect");
    box.setAttribute("width", `${100 * share}%`);
    box.setAttribute("height", "100%");
    box.setAttribute("class", name);
    bar.append(box);
  }
  return bar;
}

/** @type {(bytes: Uint8Array) => string} */
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

/** @param {Place} at */
function tokensOf(at) {
  const { part } = at.row,
    view = part.views[at.which];
  const bytes = utf8.encode(part.text.slice(view.starts[at.segment], view.starts[at.segment + 1]));
  const from = view.first[at.segment],
    count = view.first[at.segment + 1] - from;
  const sizes =
    count === 1 ? [bytes.length] : view.sizes.slice(view.sizesAt.get(at.segment)).slice(0, count);
  let done = 0;
  return sizes.map((size, k) => {
    done += size;
    return { index: from + k, id: view.ids[from + k], bytes: bytes.slice(done - size, done) };
  });
}

function inspect() {
  const at = state.hover || state.here;
  if (!at) {
    inspector.replaceChildren(
      element("p", "quiet", "Point at a token, or go through them with the arrow keys."),
    );
    return;
  }
  const { row } = at,
    { part } = row,
    view = part.views[at.which];
  const start = view.starts[at.segment],
    end = view.starts[at.segment + 1];
  const text = part.text.slice(start, end),
    before = part.text.slice(row.from, start);
  const characters = row.characters + [...before].length,
    bytes = row.bytes + utf8.encode(before).length;
  const tokens = tokensOf(at);
  const lines = [element("p")];
  const shown = element("code", "", JSON.stringify(plain(text)));
  const first = element("span");
  first.append(shown);
  lines[0].append(first);
  if (two) lines[0].append(element("span", "quiet", data.encodings[at.which]));
  if (tokens.length > 1)
    lines[0].append(element("span", "quiet", `${tokens.length} tokens share a character`));
  lines[0].append(
    element(
      "span",
      "quiet",
      `characters ${number(characters)}–${number(characters + [...text].length)}`,
    ),
  );
  lines[0].append(
    element("span", "quiet", `bytes ${number(bytes)}–${number(bytes + utf8.encode(text).length)}`),
  );
  for (const token of tokens.slice(0, 12)) {
    const line = element("p");
    line.append(
      element("span", "id", String(token.id)),
      element("span", "quiet", `token ${number(token.index)}`),
    );
    const code = element("span");
    code.append(
      element("code", "", hex(token.bytes.slice(0, 64)) + (token.bytes.length > 64 ? " …" : "")),
    );
    line.append(code);
    lines.push(line);
  }
  inspector.replaceChildren(...lines);
}

/** @type {(at: Place, keepPage?: boolean) => void} */
function show(at, keepPage) {
  state.here = at;
  state.hover = null;
  if (!at.row.painted) paint(at.row);
  if (at.row.idNode && !at.row.idSpans) paintIds(at.row);
  link();
  inspect();
  if (!keepPage) {
    spanOf(at)?.scrollIntoView({ block: "nearest" });
  }
  scrollSide();
}

/** @param {Place} at */
function spanOf({ row, which, segment }) {
  const { spans, range } = row.cells[which];
  return spans?.[segment - range[0]];
}

function scrollSide() {
  const span = state.linked.find((one) => one.classList.contains("n"));
  if (!span || getComputedStyle(side).overflowY !== "auto") return;
  const box = side.getBoundingClientRect(),
    place = span.getBoundingClientRect();
  if (place.top < box.top || place.bottom > box.bottom)
    side.scrollTop += place.top - box.top - box.height / 2;
}

/** @type {(part: Part, segment: number, which: number) => Place} */
function placeAt(part, segment, which) {
  return { row: rowAt(part, part.views[which].starts[segment]), which, segment };
}

/** @param {number} by */
function move(by) {
  const old = state.here;
  if (!old) return first();
  const { part } = old.row,
    wanted = old.segment + by;
  if (wanted >= 0 && wanted < part.views[old.which].length)
    return show(placeAt(part, wanted, old.which));
  const next = nextPart(part.position, by);
  if (next) show(placeAt(next, by > 0 ? 0 : next.views[old.which].length - 1, old.which));
}

/** @type {(position: number, by: number) => Part | undefined} */
function nextPart(position, by) {
  do position += by;
  while (data.parts[position] && !data.parts[position].views[0].length);
  return data.parts[position];
}

/** @param {boolean} [last] */
function first(last) {
  const part = last ? nextPart(data.parts.length, -1) : nextPart(-1, 1);
  if (part) show(placeAt(part, last ? part.views[0].length - 1 : 0, 0));
}

/** @param {number} by */
function movePart(by) {
  const next = nextPart(
    state.here ? state.here.row.part.position : by > 0 ? -1 : data.parts.length,
    by,
  );
  if (!next) return;
  show(placeAt(next, 0, 0), true);
  next.node.scrollIntoView({ block: "start" });
}

const MOST = 20000;

function search() {
  const wanted = find.value;
  state.matches = [];
  state.match = -1;
  for (const part of data.parts) {
    for (const row of part.rows) row.matches = null;
    const view = part.views[0];
    if (/^#\d+$/.test(wanted)) {
      const id = Number(wanted.slice(1));
      for (let s = 0; s < view.length && state.matches.length < MOST; s++) {
        for (let token = view.first[s]; token < view.first[s + 1]; token++) {
          if (view.ids[token] === id) {
            state.matches.push({ part, start: view.starts[s], end: view.starts[s + 1] });
            break;
          }
        }
      }
    } else if (wanted) {
      const pattern = new RegExp(wanted.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), "giu");
      for (const found of part.text.matchAll(pattern)) {
        if (state.matches.length >= MOST) break;
        state.matches.push({ part, start: found.index, end: found.index + found[0].length });
      }
    }
  }
  state.matches.forEach((match, index) => {
    const last = rowAt(match.part, Math.max(match.start, match.end - 1));
    for (
      /** @type {Row | undefined} */
      let row = rowAt(match.part, match.start);
      row;
      row = match.part.rows[match.part.rows.indexOf(row) + 1]
    ) {
      row.matches ??= [];
      row.matches.push(index);
      if (row === last) break;
    }
  });
  goTo(0);
}

/** @param {number} index */
function goTo(index) {
  const count = state.matches.length;
  state.match = count ? (index + count) % count : -1;
  const match = state.matches[state.match];
  if (match) {
    const view = match.part.views[0];
    const at = placeAt(match.part, indexAt(view.starts, match.start, view.length), 0);
    state.here = at;
    state.hover = null;
    if (!at.row.painted) paint(at.row);
    if (at.row.idNode && !at.row.idSpans) paintIds(at.row);
    spanOf(at)?.scrollIntoView({ block: "center" });
    link();
    inspect();
    scrollSide();
  }
  for (const part of data.parts) for (const row of part.rows) if (row.painted) decorate(row);
  const more = count >= MOST ? "+" : "";
  byId("found").textContent = find.value
    ? count
      ? `${number(state.match + 1)} of ${number(count)}${more}`
      : "not found"
    : "";
}

/** @type {(button: HTMLElement, name: string) => boolean} */
function toggle(button, name) {
  const pressed = page.classList.toggle(name);
  button.setAttribute("aria-pressed", String(pressed));
  return pressed;
}

function toggleMarks() {
  state.marks = toggle(byId("marks"), "with-marks");
  for (const part of data.parts) for (const row of part.rows) if (row.painted) paint(row);
  link();
}

function toggleIds() {
  if (two) return;
  toggle(byId("ids"), "with-ids");
  if (state.here) scrollSide();
}

/** @type {(event: Event) => Place | undefined} */
const placeOf = (event) => {
  const target = /** @type {Element} */ (event.target);
  return /** @type {TokenElement | null} */ (target.closest(".t, .n"))?.place;
};
for (const panel of [stage, side]) {
  panel.addEventListener("pointerover", (event) => {
    const at = placeOf(event);
    if (!at || event.pointerType === "touch") return;
    state.hover = at;
    link();
    inspect();
    if (panel === stage) scrollSide();
  });
  panel.addEventListener("pointerleave", () => {
    state.hover = null;
    link();
    inspect();
  });
  panel.addEventListener("click", (event) => {
    const at = placeOf(event);
    if (at) show(at, panel === stage);
  });
}
/** @type {Record<string, () => void>} */
const KEYS = {
  ArrowRight: () => move(1),
  ArrowLeft: () => move(-1),
  Home: () => first(false),
  End: () => first(true),
};
stage.addEventListener("keydown", (event) => {
  if (!KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  KEYS[event.key]();
});
/** @type {Record<string, () => void>} */
const SHORTCUTS = {
  "/": () => find.focus(),
  w: toggleMarks,
  i: toggleIds,
  n: () => movePart(1),
  p: () => movePart(-1),
  ArrowRight: KEYS.ArrowRight,
  ArrowLeft: KEYS.ArrowLeft,
  "?": () => byId("help").showModal(),
};
/** @param {KeyboardEvent} event */
function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  if (event.defaultPrevented) return;
  if (event.target === find || !SHORTCUTS[event.key]) return;
  event.preventDefault();
  SHORTCUTS[event.key]();
}
if (alone) document.addEventListener("keydown", pressed);
else page.addEventListener("keydown", pressed);
let waiting = 0;
function searchNow() {
  clearTimeout(waiting);
  waiting = 0;
  search();
}
find.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(searchNow, 150);
});
find.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    if (waiting) searchNow();
    else goTo(state.match + (event.shiftKey ? -1 : 1));
  } else if (event.key === "Escape") {
    find.value = "";
    searchNow();
    stage.focus();
  }
});
byId("previous").addEventListener("click", () => goTo(state.match - 1));
byId("next").addEventListener("click", () => goTo(state.match + 1));
byId("marks").addEventListener("click", toggleMarks);
byId("ids").addEventListener("click", toggleIds);
byId("ids").hidden = two;
byId("keys").addEventListener("click", () => byId("help").showModal());
build();
inspect();
page.dataset.ready = "true";
