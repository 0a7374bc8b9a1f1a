// The view "Chat": the tokens of a request by its parts, and what `fit` leaves of it.

import { byId, copy, counted, element, number, visible } from "./dom.js";
import { state } from "./state.js";

/** @import { ChatAnswer } from "./types.d.ts" */

/** @type {string | null} */
let fitted = null;

export function listenForCopy() {
  byId("copy-fit").addEventListener("click", async () => {
    if (!fitted) return;
    const copied = await copy(fitted);
    byId("chat-status").textContent = copied
      ? "The fitted request is in the clipboard."
      : "The browser let nothing into the clipboard.";
  });
}

/** @param {ChatAnswer | null} answer */
export function showChat(answer) {
  const summary = byId("chat-summary");
  fitted = answer?.fit?.request ?? null;
  byId("copy-fit").disabled = fitted === null;
  byId("chat-status").textContent = "";
  if (answer === null) {
    summary.replaceChildren();
    byId("chat-parts").replaceChildren();
    return;
  }
  const slider = byId("limit-slider");
  slider.max = String(Math.max(1, answer.tokens));
  slider.value = state.limit || slider.max;
  summary.replaceChildren(...summaryLines(answer));
  byId("chat-parts").replaceChildren(...rowsOfChat(answer));
}

/** @param {ChatAnswer} answer */
function summaryLines(answer) {
  const big = element("p", "big");
  big.id = "chat-total";
  big.dataset.tokens = String(answer.tokens);
  const about = answer.exact ? "" : "about ";
  big.append(`${about}${number(answer.tokens)} `, element("small", "", "tokens"));
  const lines = [big];
  /** @param {string} words */
  const say = (words, className = "quiet") => lines.push(element("p", className, visible(words)));
  const reply = answer.max_output === null ? "" : `, reply up to ${number(answer.max_output)}`;
  say(`${answer.model}, ${answer.api}${reply}`);
  if (!answer.exact) {
    const high = answer.high === null ? "no upper bound" : number(answer.high);
    say(`At least ${number(answer.low)}, at most ${high}.`);
  }
  if (answer.limit !== null) {
    const words = { true: "It fits", false: "It does not fit", null: "It may not fit" };
    say(
      `${words[`${answer.fits}`]}: ${answer.limit_name.replaceAll("_", " ")} ${number(answer.limit)}.`,
      answer.fits === false ? "over" : "",
    );
  }
  if (answer.cost_low !== null) {
    say(
      answer.cost_high === null
        ? `At least ${answer.cost_low} USD`
        : `${answer.cost_low} to ${answer.cost_high} USD`,
    );
  }
  for (const one of answer.problems)
    say(`${one.severity}: ${one.path}: ${one.message}`, one.severity === "error" ? "over" : "");
  for (const note of answer.notes) say(`note: ${note}`);
  if (answer.fit?.error !== undefined) say(`fit: ${answer.fit.error}`, "over");
  else if (answer.fit) {
    const over = answer.fit.over
      ? `; ${number(answer.fit.over)} over: all that is left must stay`
      : "";
    say(
      `fit: ${counted(answer.fit.tokens, "token")} of ${number(answer.fit.limit)}${over}`,
      "fit-line",
    );
  }
  return lines;
}

/** @param {ChatAnswer} answer */
function rowsOfChat(answer) {
  const most = Math.max(1, ...answer.parts.map((part) => part.tokens));
  return answer.parts.map((part) => {
    const inside = ["message", "image", "audio", "file"].includes(part.kind);
    const fate = inside ? answer.fit?.messages?.[part.index ?? -1] : undefined;
    const item = element("li", `part ${fate?.status ?? ""}`);
    const head = element("div", "head");
    head.append(element("b", "", visible(part.role ?? part.kind)));
    head.append(element("span", "note", visible(part.where)));
    head.append(element("span", "num", counted(part.tokens, "token")));
    const bar = element("meter");
    Object.assign(bar, { min: 0, max: most, value: part.tokens });
    bar.setAttribute("aria-label", `tokens of ${part.where}`);
    head.append(bar);
    if (fate && part.kind === "message") head.append(element("span", "pill", fate.status));
    if (fate?.reason && part.kind === "message")
      head.append(element("span", "note", visible(fate.reason)));
    item.append(head);
    if (part.text) {
      const text = element("p", "preview", visible(part.text));
      text.dir = "auto";
      item.append(text);
    }
    return item;
  });
}
