// The backend "server": the local server that gave the page asks the Python package.

import { data } from "./dom.js";

/** @import { Backend } from "./types.d.ts" */

const NONE = new Uint32Array(0);

/** @type {Map<string, AbortController>} */
const running = new Map(); // a newer question of a kind ends the older one

/** @type {(kind: string, text: string, query: Record<string, string>) => Promise<Response>} */
async function ask(kind, text, query) {
  running.get(kind)?.abort();
  const stop = new AbortController();
  running.set(kind, stop);
  const address = `/${kind.split(" ")[0]}?${new URLSearchParams(query)}`;
  let answer;
  try {
    answer = await fetch(address, { method: "POST", body: text, signal: stop.signal });
  } catch (error) {
    if (stop.signal.aborted) throw error;
    throw new Error("the server does not answer; is `tokenkit serve` still running?");
  }
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

/** @type {Backend} */
export const serverBackend = {
  words: `Everything is counted on this machine by tokenkit ${data.version}; nothing is sent elsewhere.`,
  encodings: data.encodings,

  async tokens(text, encoding, special, slot) {
    const query = { encoding, special: special ? "1" : "0" };
    const buffer = await (await ask(`tokens ${slot}`, text, query)).arrayBuffer();
    const words = new Uint32Array(buffer);
    const n = words[0];
    if (words.length < 1 + 5 * n) return { ids: words.subarray(1), spans: NONE, octets: NONE };
    return {
      ids: words.subarray(1, 1 + n),
      spans: words.subarray(1 + n, 1 + 3 * n),
      octets: words.subarray(1 + 3 * n, 1 + 5 * n),
    };
  },

  async counts(text, names) {
    if (names.length === 0) return {};
    return (await ask("counts", text, { models: names.join("\n") })).json();
  },

  async chunks(text, encoding, options) {
    const query = { encoding, options: JSON.stringify(options) };
    return (await (await ask("chunks", text, query)).json()).chunks;
  },

  async chat(text, model, limit) {
    const query = { model, ...(limit === null ? {} : { limit: String(limit) }) };
    return (await ask("chat", text, query)).json();
  },

  async file(index) {
    const answer = await fetch(`/files/${index}`);
    if (!answer.ok) throw new Error(await answer.text());
    return answer.text();
  },
};
