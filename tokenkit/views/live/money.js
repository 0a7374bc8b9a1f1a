// Windows and prices of models, with the sums of `window_use` and `cost` of the Python package.
// Money is whole numbers, so that no digit is lost.

/** @import { Cost, Model, WindowUse } from "./types.d.ts" */

const PLACES = 30; // digits behind the point that a price may have
const MILLION = 6;

/**
 * The cost of one request in USD as a decimal string, or why it has none.
 * @type {(model: Model, input: number, output: number) => Cost}
 */
export function costOf(model, input, output) {
  const steps = model.prices?.long ?? [];
  const step = steps.findLast((one) => input > one.above);
  const rates = step ?? model.prices ?? {};
  let sum = 0n;
  for (const [name, rate, tokens] of /** @type {const} */ ([
    ["input", rates.input, input],
    ["output", rates.output, output],
  ])) {
    if (tokens === 0) continue;
    if (!model.prices) return { usd: null, reason: "no prices are listed" };
    if (rate === undefined) {
      const where = step ? ` for prompts over ${step.above} tokens` : "";
      return { usd: null, reason: `no ${name} rate is listed${where}` };
    }
    sum += BigInt(tokens) * units(rate);
  }
  return { usd: decimal(sum), reason: "" };
}

/** @param {string} price */
function units(price) {
  const [whole, rest = ""] = price.split(".");
  return BigInt(whole + rest.padEnd(PLACES, "0"));
}

/** @param {bigint} sum */
function decimal(sum) {
  const digits = String(sum).padStart(PLACES + MILLION + 1, "0");
  const point = digits.length - PLACES - MILLION;
  return `${digits.slice(0, point)}.${digits.slice(point)}`.replace(/\.?0+$/, "");
}

/**
 * How a prompt and a reply fill a model's window; null where no limits are published.
 * @type {(model: Model, prompt: number, wanted: number) => WindowUse | null}
 */
export function windowUse(model, prompt, wanted) {
  const reserved = model.replies ? Math.min(wanted, model.maxOutput ?? wanted) : 0;
  /** @type {[number, string][]} */
  const limits = [];
  const inside = model.separate ? 0 : reserved;
  if (model.window) limits.push([model.window - inside, "context window"]);
  if (model.maxInput) limits.push([model.maxInput, "max input tokens"]);
  if (model.safeInput) limits.push([model.safeInput, "safe input tokens"]);
  if (limits.length === 0) return null;
  const [tightest, limitName] = limits.reduce((a, b) =>
    b[0] < a[0] || (b[0] === a[0] && b[1] < a[1]) ? b : a,
  );
  const limit = tightest - (model.overhead ?? 0);
  const whole = model.window ?? limit;
  const free = limit - prompt;
  const beyond = Math.max(0, whole - prompt - inside - Math.max(0, free));
  return { whole, prompt, reserved, free, beyond, limit, limitName };
}

/**
 * A sum of USD to read: with the digits that matter.
 * @param {string | null} usd
 */
export function shownUsd(usd) {
  if (usd === null) return "–";
  const value = Number(usd);
  if (value === 0) return "0";
  if (value >= 1) return value.toFixed(2);
  const digits = 2 - Math.floor(Math.log10(value)); // three that matter, and no exponent
  return value.toFixed(Math.min(digits, 100)).replace(/\.?0+$/, "");
}
