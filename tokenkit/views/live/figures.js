// Sizes of a text beside its tokens, and the rule of 4 characters per token.

import { byId, bytesOf, characters, element, number } from "./dom.js";

// Words as Python's str.split has them: four separators of ASCII stand between them, too.
const SEPARATORS = `${String.fromCharCode(0x1c)}-${String.fromCharCode(0x1f)}`;
const WORD = new RegExp(`[^\\p{White_Space}${SEPARATORS}]+`, "gu");
const RULE = 4;

/** @type {(text: string, tokens: number) => Record<string, number>} */
export function figuresOf(text, tokens) {
  const size = characters(text);
  const lines = text.split("\n").length - (text === "" || text.endsWith("\n") ? 1 : 0);
  return {
    tokens,
    characters: size,
    bytes: bytesOf(text).length,
    words: text.match(WORD)?.length ?? 0,
    lines,
    rule: Math.ceil(size / RULE),
  };
}

/** @param {Record<string, number>} figures */
function ruleWords({ tokens, rule }) {
  const error = rule / tokens - 1;
  if (Math.abs(error) < 0.005) return "right here";
  return `${Math.round(100 * Math.abs(error))}% too ${error > 0 ? "many" : "few"}`;
}

/** Show that nothing was counted. */
export function clearFigures() {
  const total = byId("total");
  total.dataset.tokens = "";
  total.textContent = "–";
  byId("figures").replaceChildren();
}

/** @type {(text: string, tokens: number) => void} */
export function showFigures(text, tokens) {
  const figures = figuresOf(text, tokens);
  const total = byId("total");
  total.dataset.tokens = String(tokens);
  total.replaceChildren(
    number(tokens),
    " ",
    element("small", "", tokens === 1 ? "token" : "tokens"),
  );
  const ratio = tokens ? (figures.characters / tokens).toFixed(2) : "–";
  const rows = {
    characters: number(figures.characters),
    bytes: number(figures.bytes),
    words: number(figures.words),
    lines: number(figures.lines),
    "characters per token": ratio,
    "by the rule of 4 characters": tokens ? `${number(figures.rule)} (${ruleWords(figures)})` : "–",
  };
  const items = Object.entries(rows).map(([name, value]) => {
    const row = element("div");
    row.append(element("dt", "", name), element("dd", "", value));
    return row;
  });
  byId("figures").replaceChildren(...items);
}
