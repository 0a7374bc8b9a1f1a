// The view "Window": how the text and a reply fill a model's window, and what other models take.

import { byId, counted, data, drawn, element, number, visible } from "./dom.js";
import { modelOf } from "./models.js";
import { costOf, shownUsd, windowUse } from "./money.js";
import { state } from "./state.js";

/** @import { Comparison, Cost, Count, Counts, Missing, Model, WindowUse } from "./types.d.ts" */

const MOST_ROWS = 40;
/** @param {Model} model */
const isUsual = (model) =>
  model.replies && model.prices && model.window && !model.retired && !model.name.startsWith("ft:");
const LEAST_SHARE = 0.004;

/**
 * The models of the table: those that the filter names, else those of current chat models. First are
 * those that `holds` says can be counted for, and of these the family of the chosen one.
 * @type {(holds?: (model: Model) => boolean) => Comparison}
 */
export function comparedModels(holds = () => true) {
  const wanted = state.find.trim().toLowerCase();
  const chosen = modelOf(state.model);
  const all = data.models.filter((model) => !model.textless && model.name !== chosen?.name);
  const found = wanted
    ? all.filter((model) => `${model.name} ${model.provider}`.toLowerCase().includes(wanted))
    : all.filter((model) => isUsual(model));
  /** @param {Model} model */
  const rank = (model) => 2 * Number(holds(model)) + Number(model.provider === chosen?.provider);
  found.sort((a, b) => rank(b) - rank(a));
  return { shown: found.slice(0, MOST_ROWS), more: Math.max(0, found.length - MOST_ROWS) };
}

/**
 * Show the window of the chosen model; `counts` are those of the backend, by model, and `reply` is what
 * is reserved.
 * @type {(counts: Counts, comparison: Comparison, reply: number) => void}
 */
export function showWindow(counts, comparison, reply) {
  const model = modelOf(state.model);
  const count = counts[state.model];
  byId("window-card").replaceChildren(...card(model, count, reply));
  const rows = comparison.shown.map((one) => tableRow(one, counts[one.name], reply));
  replaceRows(byId("models-body"), rows);
  byId("models-more").textContent = moreWords(comparison);
}

/** @param {Comparison} comparison */
function moreWords({ shown, more }) {
  if (more) return `and ${counted(more, "more model")}: filter by name or provider`;
  return shown.length === 0 ? "no other model has such a name or provider" : "";
}

/**
 * Show other rows; the focus stays on its model, or on the table where that has no row any more.
 * @type {(body: HTMLElement, rows: Element[]) => void}
 */
function replaceRows(body, rows) {
  const focused = body.contains(document.activeElement) ? document.activeElement : null;
  body.replaceChildren(...rows);
  if (!(focused instanceof HTMLElement)) return;
  /** @type {HTMLElement[]} */
  const buttons = [...body.querySelectorAll("button")];
  const same = buttons.find((button) => button.dataset.model === focused.dataset.model);
  const next = same ?? /** @type {HTMLElement | null} */ (body.closest("[tabindex]"));
  next?.focus({ preventScroll: true });
}

/** @type {(model: Model | undefined, count: Count | Missing | undefined, reply: number) => Element[]} */
function card(model, count, reply) {
  if (!model) return [element("p", "", visible(`${state.model} is not known.`))];
  /** @type {Element[]} */
  const lines = [element("h2", "", visible(model.name))];
  if (!count) return lines; // another model was chosen meanwhile
  if (count.missing !== undefined) return [...lines, element("p", "", count.missing)];
  const use = windowUse(model, count.tokens, reply);
  if (use === null) lines.push(element("p", "", "No limits are published."));
  else lines.push(...windowLines(use, model, reply));
  lines.push(
    element("p", "quiet", countWords(count)),
    element("p", "", costWords(model, count, use, reply)),
  );
  if (model.prices) {
    const day = model.checked ? `, checked on ${model.checked}` : "";
    lines.push(element("p", "quiet", `Prices: ${model.source ?? "your own"}${day}.`));
  }
  return lines;
}

/** @type {(use: WindowUse, model: Model, reply: number) => Element[]} */
function windowLines(use, model, reply) {
  const over = Math.max(0, -use.free);
  const big = element("p", "big");
  big.id = "left";
  big.dataset.tokens = String(use.free);
  if (over) big.append(element("span", "over", `${number(over)} tokens over`));
  else big.append(number(use.free), " ", element("small", "", "tokens left"));
  const whole = Math.max(use.whole, use.prompt);
  /** @type {[string, number, string][]} */
  const all = [
    ["prompt", use.prompt - over, "f-prompt"],
    ["over the limit", over, "f-over"],
    ["left for the prompt", Math.max(0, use.free), "f-free"],
    ["reserved for the reply", Math.min(use.reserved, whole - use.prompt), "f-reserved"],
    ["out of reach of prompt and reply, by their limits", use.beyond, "f-beyond"],
  ];
  const stretches = all.filter(([, tokens]) => tokens > 0);
  const spoken = stretches.map(([label, tokens]) => `${label} ${number(tokens)}`).join(", ");
  const bar = drawn("svg", { class: "bar window", role: "img", "aria-label": spoken });
  const legend = element("ul", "legend");
  const boxes = [];
  let at = 0;
  for (const [label, tokens, style] of stretches) {
    boxes.push(stretch(at / whole, Math.max(tokens / whole, LEAST_SHARE), style));
    at += tokens;
    const item = element("li");
    const key = drawn("svg", { "aria-hidden": "true" });
    key.append(stretch(0, 1, style));
    item.append(key, label, " ", element("b", "", number(tokens)));
    legend.append(item);
  }
  bar.append(...boxes.reverse()); // so that a thin stretch is drawn over the next one
  const limit = `of ${number(use.whole)}; limit of the prompt: ${number(use.limit)} (${use.limitName})`;
  const capped =
    use.reserved < reply ? `; a reply has at most ${number(model.maxOutput ?? 0)} tokens` : "";
  return [big, bar, legend, element("p", "quiet", limit + capped)];
}

/** @type {(start: number, share: number, style: string) => SVGElement} */
function stretch(start, share, style) {
  const sizes = { x: `${100 * start}%`, width: `${100 * share}%`, height: "100%" };
  return drawn("rect", { ...sizes, class: style });
}

/** @param {Count} count */
function countWords(count) {
  const frame = "The text alone; the frame of a chat adds a few tokens: see Chat.";
  if (count.exact) return `${counted(count.tokens, "token")}. ${frame}`;
  return `About ${counted(count.tokens, "token")} (${number(count.low)} to ${count.high === null ? "no upper bound" : number(count.high)}). ${count.notes.join("; ")}. ${frame}`;
}

/** @type {(model: Model, count: Count, use: WindowUse | null, reply: number) => {low: Cost, high: Cost}} */
function bounds(model, count, use, reply) {
  const output = model.replies ? (use?.reserved ?? reply) : 0;
  const low = costOf(model, count.low, 0);
  const high =
    count.high === null
      ? { usd: null, reason: "no upper bound" }
      : costOf(model, count.high, output);
  return { low, high };
}

/** @type {(model: Model, count: Count, use: WindowUse | null, reply: number) => string} */
function costWords(model, count, use, reply) {
  const { low, high } = bounds(model, count, use, reply);
  if (low.usd === null) return `Cost: ${low.reason}.`;
  if (high.usd === null && low.usd === "0") return `Cost: ${high.reason}.`;
  if (high.usd === null) return `Cost: at least ${low.usd} USD; ${high.reason}.`;
  return low.usd === high.usd
    ? `Cost: ${low.usd} USD`
    : `Cost: ${low.usd} USD for the prompt alone, ${high.usd} USD with the whole reply`;
}

/** @type {(model: Model, count: Count | Missing | undefined, reply: number) => Element} */
function tableRow(model, count, reply) {
  const row = element("tr");
  const name = element("th");
  name.scope = "row";
  const choose = element("button", "link");
  for (const part of model.name.split(/(?<=[-/])/)) choose.append(part, element("wbr"));
  choose.type = "button";
  choose.dataset.model = model.name;
  name.append(choose);
  row.append(name, element("td", "provider", model.provider));
  if (!count || count.missing !== undefined) {
    const cell = element("td", "quiet", count?.missing ?? "–");
    cell.colSpan = 4;
    row.append(cell);
    return row;
  }
  const use = windowUse(model, count.tokens, reply);
  const { low, high } = bounds(model, count, use, reply);
  const tokens = count.exact ? number(count.tokens) : `≈ ${number(count.tokens)}`;
  const left = use === null ? "–" : use.free < 0 ? `${number(-use.free)} over` : number(use.free);
  const cells = [tokens, left, shownUsd(low.usd), shownUsd(high.usd)];
  row.append(...cells.map((text) => element("td", "n", text)));
  if (use !== null && use.free < 0) row.classList.add("full");
  return row;
}
