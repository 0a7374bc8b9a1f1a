// The backend "core": the WebAssembly core and one vocabulary, both inside the page. What they
// cannot count is said by name, and what counts it; nothing is guessed.

import { getEncoding, loadCore } from "../../../js/tokenkit.js";
import { byId, data } from "./dom.js";
import { modelOf, wordsOfEnd } from "./models.js";
import { costOf, windowUse } from "./money.js";

/**
 * @import { ChatMessage, ChunkOptions, Encoding, EncodingName } from "../../../js/tokenkit.js"
 * @import { Backend, ChatAnswer, Count, Fate, FittedChat, Missing, Model } from "./types.d.ts"
 *
 * @typedef {{ model?: string, messages: ChatMessage[], [key: string]: unknown }} ChatRequest
 */

const SERVE = "`tokenkit serve` counts it";
// Keys of a request that add no token.
const SILENT = ["model", "messages", "temperature", "top_p", "stream", "seed", "user"];
const REPLY = ["max_completion_tokens", "max_tokens"];

/** @type {Map<string, Promise<Encoding>>} */
const encodings = new Map();

/** @param {"core" | "vocabulary"} id */
function heldBytes(id) {
  const binary = atob(byId(id).textContent.trim());
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/**
 * Give an encoding; each has a memory of its own and is made when first asked for.
 * @type {(name: string) => Promise<Encoding>}
 */
function encodingOf(name) {
  if (!data.encodings.includes(name)) {
    throw new Error(`${name}: this page holds ${data.encodings.join(" and ")} alone; ${SERVE}`);
  }
  let encoding = encodings.get(name);
  if (!encoding) {
    const vocabulary = heldBytes("vocabulary");
    encoding = loadCore(heldBytes("core")).then((core) =>
      getEncoding(/** @type {EncodingName} */ (name), { vocabulary, core }),
    );
    encodings.set(name, encoding);
  }
  return encoding;
}

/**
 * Count a text for a model; `counted` are the counts by encoding that are there already.
 * @type {(text: string, name: string, counted: Map<string, number>) => Promise<Count | Missing>}
 */
async function countFor(text, name, counted) {
  const model = modelOf(name);
  if (!model?.encoding) return { missing: `its tokenizer is not in this page; ${SERVE}` };
  if (!data.encodings.includes(model.encoding)) {
    return { missing: `it uses ${model.encoding}, which is not in this page; ${SERVE}` };
  }
  if (model.assumed) {
    return { missing: `that it uses ${model.encoding} is assumed; ${SERVE}, with bounds` };
  }
  const encoding = await encodingOf(model.encoding);
  const tokens = counted.get(encoding.name) ?? encoding.count(text);
  counted.set(encoding.name, tokens);
  return { tokens, low: tokens, high: tokens, exact: true, notes: [] };
}

/** @param {string} text */
function parsed(text) {
  try {
    const value = JSON.parse(text);
    return Array.isArray(value) ? { messages: value } : value;
  } catch (error) {
    throw new Error(
      `expected JSON, a request or a list of messages: ${/** @type {Error} */ (error).message}`,
    );
  }
}

/** @type {(request: any) => ChatRequest} */
function checked(request) {
  if (!Array.isArray(request?.messages)) {
    throw new Error(`expected a list of messages, or a request with \`messages\`; ${SERVE}`);
  }
  for (const [key, value] of Object.entries(request)) {
    if (value === null || SILENT.includes(key) || REPLY.includes(key)) continue;
    throw new Error(`${key}: not counted by this page; ${SERVE}`);
  }
  return request;
}

/** @type {(text: string, chosen: string, limit: number | null) => Promise<ChatAnswer>} */
async function chatAnswer(text, chosen, limit) {
  const request = checked(parsed(text));
  const asked = Object.hasOwn(request, "model") ? request.model : chosen;
  const model = modelOf(asked);
  if (!model) {
    throw new Error(`model: expected the name of a known model, got ${JSON.stringify(asked)}`);
  }
  if (!model.encoding)
    throw new Error(`${model.name}: its tokenizer is not in this page; ${SERVE}`);
  const name = String(asked);
  const encoding = await encodingOf(model.encoding);
  const count = encoding.countMessages(request.messages, name);
  const parts = count.parts.map((part) => {
    const message = part.index === null ? undefined : request.messages[part.index];
    return message ? { ...part, role: message.role, text: textOf(message) } : part;
  });
  const { reply, problems } = replyOf(request);
  const sent = { ...request, model: name };
  const fit = limit === null ? null : fitted(encoding, name, sent, limit);
  const judgement = judged(model, count, reply);
  problems.push(...judgement.problems);
  const end = wordsOfEnd(model);
  if (end) problems.unshift({ path: "model", severity: "warning", message: end });
  return { ...count, parts, ...judgement, problems, model: model.name, fit };
}

/**
 * The longest reply that a request asks for, and what is wrong with that.
 * @param {ChatRequest} request
 */
function replyOf(request) {
  const given = REPLY.filter((key) => request[key] !== null && request[key] !== undefined);
  /** @param {unknown} value */
  const isRight = (value) => Number.isInteger(value) && Number(value) >= 1;
  const right = given.find((key) => isRight(request[key]));
  const problems = given
    .filter((key) => !isRight(request[key]))
    .map((path) => {
      const got = JSON.stringify(request[path]);
      const message = `expected a whole number of at least 1, got ${got}`;
      return { path, severity: "error", message };
    });
  return { reply: right === undefined ? null : Number(request[right]), problems };
}

/**
 * What `fit` keeps and drops of a request within `limit` tokens, or why there is no answer.
 * @type {(encoding: Encoding, model: string, request: ChatRequest, limit: number) => FittedChat}
 */
function fitted(encoding, model, request, limit) {
  try {
    const fit = encoding.fitMessages(request.messages, model, {
      maxInput: limit,
      onOverflow: "return",
    });
    /** @type {Fate[]} */
    const fates = request.messages.map(() => ({ status: "kept" }));
    for (const { index, tokens, reason } of fit.dropped) {
      fates[index] = { status: "dropped", tokens, reason };
    }
    return {
      limit,
      tokens: fit.tokens,
      over: Math.max(0, fit.tokens - limit),
      messages: fates,
      request: json({ ...request, messages: fit.messages }),
    };
  } catch (error) {
    return { error: /** @type {Error} */ (error).message };
  }
}

/**
 * Write a request. A number that JavaScript does not hold to the last digit is refused.
 * @param {ChatRequest} request
 */
function json(request) {
  for (const [key, value] of Object.entries(request)) {
    if (typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      const words = "expected a number of at most 15 digits, got";
      throw new Error(`${key}: ${words} ${value}; \`tokenkit serve\` fits it`);
    }
  }
  return JSON.stringify(request, null, 2);
}

/** @param {ChatMessage} message */
function textOf({ content }) {
  if (typeof content === "string") return content;
  return (content ?? []).map((part) => part.text).join("\n");
}

/**
 * Limits and prices of a counted chat.
 * @param {Model} model
 * @param {{ low: number, high: number }} count
 * @param {number | null} reply
 */
function judged(model, { low, high }, reply) {
  const longest = reply ?? model.maxOutput ?? null;
  const { window = 0, maxInput, separate } = model;
  // Without a number the reply takes what is left.
  const most = windowUse(model, high, reply ?? 0);
  const room = most === null ? null : most.limit;
  const tooLong = model.maxOutput !== undefined && (reply ?? 0) > model.maxOutput;
  const within = room === null ? null : high <= room ? true : low > room ? false : null;
  const inside = separate || !window ? longest : Math.min(longest ?? window, window - high);
  const costHigh = inside === null ? null : costOf(model, high, Math.max(0, inside)).usd;
  const byInput = maxInput !== undefined && room === maxInput;
  return {
    api: "chat.completions",
    max_output: reply,
    limit: room === null ? null : byInput ? maxInput : window,
    limit_name: most?.limitName ?? "",
    fits: tooLong ? false : within,
    cost_low: costOf(model, low, 0).usd,
    cost_high: costHigh,
    problems: tooLong ? [problem(model, reply)] : [],
  };
}

/** @type {(model: Model, reply: number | null) => ChatAnswer["problems"][number]} */
function problem({ name, maxOutput }, reply) {
  const message = `expected at most ${maxOutput} tokens of a reply of ${name}, got ${reply}`;
  return { path: REPLY.join(" or "), severity: "error", message };
}

/** @type {Backend} */
export const coreBackend = {
  words: `Everything is counted inside this page by tokenkit ${data.version}; nothing is sent anywhere. Prices as of ${data.day}.`,
  encodings: data.encodings,
  lacks:
    "This page counts and fits chats of texts. `tokenkit serve` also takes tools, images and other APIs, and checks all fields.",

  async tokens(text, name, special) {
    const encoding = await encodingOf(name);
    const allowedSpecial = special ? "all" : [];
    const options = special ? { allowedSpecial } : { disallowedSpecial: [] };
    /** @type {Uint32Array | undefined} */
    let octets;
    return {
      ids: encoding.encode(text, options),
      spans: encoding.tokenSpans(text, { unit: "utf16", allowedSpecial }),
      get octets() {
        octets ??= encoding.tokenSpans(text, { unit: "byte", allowedSpecial });
        return octets; // found out when one asks for the bytes of a token
      },
    };
  },

  holds: ({ encoding = "", assumed }) => data.encodings.includes(encoding) && !assumed,

  async counts(text, names) {
    const counted = new Map();
    const counts = await Promise.all(names.map((name) => countFor(text, name, counted)));
    return Object.fromEntries(names.map((name, index) => [name, counts[index]]));
  },

  async chunks(text, name, options) {
    const { max_tokens: maxTokens, ...others } = options;
    const choices = /** @type {ChunkOptions} */ ({ maxTokens, ...others });
    return (await encodingOf(name)).chunk(text, choices);
  },

  chat: chatAnswer,

  async file(index) {
    return data.files?.[index].text ?? "";
  },
};
