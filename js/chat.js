// Chats of texts: the rules of tokenkit/chat/openai_rule.py and harmony_rule.py, with the constants
// that tools/gen_js_data.py takes from there. Nothing that is not counted here is left out: it is an
// error that names it.

import { checkText, shown } from "./checks.js";
import {
  ENCODING_PREFIXES,
  HARMONY,
  INPUT_LIMITS,
  MODEL_GROUPS,
  OPENAI,
  PREFIX_GROUPS,
  WIDEST,
} from "./data.js";
import { NoTokenizerError, UnknownModelError } from "./errors.js";
import { ModelNames } from "./names.js";

const ROLES = ["system", "developer", "user", "assistant"];
const KEYS = ["role", "content", "name"];
const ELSE = "the Python package counts more than texts";

let modelNames;

function newModelNames() {
  const records = MODEL_GROUPS.flatMap((group) =>
    group.models.map(([name, ...otherNames]) => {
      const limit = Object.hasOwn(INPUT_LIMITS, name) ? INPUT_LIMITS[name] : undefined;
      return { name, otherNames, provider: group.provider, group, limit };
    }),
  );
  const prefixes = Object.entries(PREFIX_GROUPS).map(([prefix, group]) => {
    return [prefix, { name: prefix, provider: group.provider, group }];
  });
  return new ModelNames(records, Object.fromEntries(prefixes));
}

function resolve(name) {
  modelNames ??= newModelNames();
  return modelNames.resolve(name);
}

/** Find what is known of a model: its name, its record, its host. Throws an UnknownModelError. */
export function findModel(model) {
  if (typeof model !== "string") {
    throw new TypeError(`model: expected a name, got ${shown(model)}`);
  }
  const found = resolve(model);
  if (found !== undefined) return found;
  throw new UnknownModelError(
    `model: expected the name of a model that is known here, got ${shown(model)}; to count a text, ` +
      "name its encoding",
  );
}

/** The encoding of a model. Throws a NoTokenizerError where it is not one of those here. */
export function encodingNameForModel(model) {
  if (typeof model === "string" && resolve(model) === undefined) {
    const prefix = Object.keys(ENCODING_PREFIXES).find((known) => model.startsWith(known));
    if (prefix !== undefined) return ENCODING_PREFIXES[prefix];
  }
  const { name, record } = findModel(model);
  const { group } = record;
  if (group.encoding !== null) return group.encoding;
  throw new NoTokenizerError(`model: the tokenizer of ${name} is not public, or not here`);
}

/** Count the input tokens of a chat of texts. */
export function countMessages(encoding, messages, model) {
  const needed = encodingNameForModel(model);
  const { name, record } = findModel(model);
  const { group } = record;
  if (needed !== encoding.name) {
    throw new RangeError(`model: ${name} has the encoding ${needed}, not ${encoding.name}`);
  }
  if (group.rule === null) {
    throw new RangeError(`model: expected one that takes messages, got ${name}`);
  }
  if (!Array.isArray(messages)) {
    throw new TypeError(`messages: expected a list of messages, got ${shown(messages)}`);
  }
  const count = (text) => encoding.count(text);
  const rule = group.rule === "harmony" ? harmonyTokens : openaiTokens;
  const costs = messages.map((message, index) => {
    const where = `messages[${index}]`;
    checkMessage(where, message);
    return rule(count, group.rule, message, textsOf(where, message.content));
  });
  const priming = group.rule === "harmony" ? HARMONY.priming : OPENAI.priming;
  const parts = costs.map((tokens, index) => {
    return { where: `messages[${index}]`, kind: "message", tokens, index };
  });
  parts.push({ where: "reply", kind: "priming", tokens: priming, index: null });
  return { ...bounds(costs, priming, group), notes: notesOf(name, group), parts };
}

function openaiTokens(count, rule, { role, name }, texts) {
  const { perMessage, perName } = OPENAI.rules[rule];
  let tokens = perMessage + count(role);
  for (const text of texts) tokens += count(text);
  return name ? tokens + perName + count(name) : tokens;
}

function harmonyTokens(count, _rule, { role, name }, texts) {
  const text = texts.join("");
  const { frame, instructions, channel } = HARMONY;
  if (role === "user") return frame + count("user") + count(text) + (name ? count(`:${name}`) : 0);
  if (role === "assistant") {
    return frame + count("assistant") + count(text) + 1 + count(channel);
  }
  return frame + count("developer") + count(instructions + text);
}

function checkMessage(where, message) {
  if (typeof message !== "object" || message === null) {
    throw new TypeError(`${where}: expected a message, got ${shown(message)}`);
  }
  if (!ROLES.includes(message.role)) {
    const known = ROLES.join(", ");
    throw new RangeError(`${where}.role: expected ${known}, got ${shown(message.role)}; ${ELSE}`);
  }
  checkKeys(where, message, KEYS);
  const { name } = message;
  if (name !== undefined && name !== null) checkText(`${where}.name`, name);
}

/** Refuse keys that are not known, but for those that say nothing. */
function checkKeys(where, value, known) {
  for (const [key, item] of Object.entries(value)) {
    if (known.includes(key) || item === null || item === undefined) continue;
    throw new RangeError(`${where}.${key}: expected ${known.join(", ")} alone; ${ELSE}`);
  }
}

function textsOf(where, content) {
  if (content === null || content === undefined) return [];
  if (typeof content === "string") return [checkText(`${where}.content`, content)];
  if (!Array.isArray(content)) {
    throw new TypeError(`${where}.content: expected a string or parts, got ${shown(content)}`);
  }
  return content.map((part, index) => {
    const inside = `${where}.content[${index}]`;
    if (part?.type !== "text") {
      throw new RangeError(`${inside}.type: expected "text", got ${shown(part?.type)}; ${ELSE}`);
    }
    checkKeys(inside, part, ["type", "text"]);
    return checkText(`${inside}.text`, part.text);
  });
}

/** Bounds as in tokenkit/chat/tally.py, for what a chat of texts may be in doubt about. */
function bounds(costs, priming, group) {
  const inMessages = costs.reduce((sum, tokens) => sum + tokens, 0);
  const tokens = inMessages + priming;
  if (group.exact) return { tokens, low: tokens, high: tokens, exact: true };
  const doubt = group.doubtful ? inMessages : 0;
  const margin = 1 + costs.length + (doubt > 0 ? 8 + Math.trunc(0.05 * doubt) : 0);
  const width = WIDEST.tokens + Math.trunc(WIDEST.share * tokens);
  const half = Math.min(margin, Math.floor(width / 2));
  return { tokens, low: Math.max(0, tokens - half), high: tokens + half, exact: false };
}

function notesOf(name, group) {
  return group.notes.map((note) => note.replaceAll("{model}", name));
}
