// Chats of texts within a limit: the selection of tokenkit/fitting/selection.py where every group is
// one message and nothing can be shortened, which only results of tools are.

import { countMessages, findModel } from "./chat.js";
import { checkChoice, checkOptions, checkTokens } from "./checks.js";
import { ContextOverflowError } from "./errors.js";

const isSystem = ({ role }) => role === "system" || role === "developer";
const isUser = ({ role }) => role === "user";

/** Choose the messages that stay, so that the chat has at most `maxInput` tokens. */
export function fitMessages(encoding, messages, model, options) {
  const { maxInput, onOverflow = "throw" } = checkOptions(options, ["maxInput", "onOverflow"]);
  checkTokens("maxInput", maxInput, 0);
  checkChoice("onOverflow", onOverflow, ["throw", "return"]);
  const whole = countMessages(encoding, messages, model);
  const { name, record } = findModel(model);
  const { limit, limitName } = limitOf(name, record, maxInput);
  const costs = whole.parts.filter((part) => part.kind === "message").map((part) => part.tokens);
  const around = whole.tokens - sum(costs);
  const kept = keptIndexes(messages, costs, limit - around);
  const fitted = messages.filter((_, index) => kept.has(index));
  const isWhole = kept.size === messages.length;
  const { parts, ...count } = isWhole ? whole : countMessages(encoding, fitted, model);
  if (count.tokens > limit && onOverflow === "throw") {
    throw overflow(count.tokens, limit, limitName, name);
  }
  const reason = `the chat has ${whole.tokens} tokens, ${limit} are allowed`;
  const dropped = messages
    .map((message, index) => ({ index, message, tokens: costs[index], reason }))
    .filter(({ index }) => !kept.has(index));
  const headroom = limit - count.tokens;
  return { ...count, messages: fitted, limit, limitName, headroom, dropped, model: name };
}

/** The limit that an input meets first: the caller's, or the model's own. */
function limitOf(name, record, maxInput) {
  if (record.limit === undefined) {
    throw new RangeError(`model: expected one with a published context window, got ${name}`);
  }
  const [limit, limitName] = record.limit;
  return maxInput < limit ? { limit: maxInput, limitName: "max_input" } : { limit, limitName };
}

function overflow(needed, available, limitName, name) {
  return new ContextOverflowError(
    `messages that must stay: expected at most ${available} tokens (${limitName} of ${name}), ` +
      `got ${needed}; shorten them`,
    needed,
    available,
    limitName,
  );
}

/** The indexes of the messages that stay, which have at most `room` tokens if those that must can. */
function keptIndexes(messages, costs, room) {
  const everything = new Set(messages.keys());
  if (sum(costs) <= room) return everything;
  const must = mandatory(messages);
  const firstUser = messages.findIndex(isUser);
  const withFirst = new Set(firstUser < 0 ? must : [firstUser, ...must]);
  const base = [withFirst, must].find((indexes) => tokensOf(indexes, costs) <= room);
  if (base === undefined) return must; // over the limit
  return validStart(messages, withNewest(base, costs, room), base);
}

/** The messages of the system, and the newest of a user and of anybody else. */
function mandatory(messages) {
  const indexes = [...messages.keys()];
  const system = indexes.filter((index) => isSystem(messages[index]));
  const others = indexes.filter((index) => !isSystem(messages[index]));
  const users = others.filter((index) => isUser(messages[index]));
  return new Set([...system, ...others.slice(-1), ...users.slice(-1)]);
}

/** Add the newest messages first; nothing older than the first that does not fit. */
function withNewest(base, costs, room) {
  const kept = new Set(base);
  let left = room - tokensOf(base, costs);
  for (let index = costs.length - 1; index >= 0; index -= 1) {
    if (kept.has(index)) continue;
    if (costs[index] > left) break;
    left -= costs[index];
    kept.add(index);
  }
  return kept;
}

/** Drop what was added and stands before the first user's message: no chat begins there. */
function validStart(messages, kept, base) {
  const indexes = [...messages.keys()].filter((index) => kept.has(index));
  const user = indexes.find((index) => isUser(messages[index])) ?? 0;
  return new Set(indexes.filter((index) => index >= user || base.has(index)));
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const tokensOf = (indexes, costs) => sum([...indexes].map((index) => costs[index]));
