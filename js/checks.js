// Checks of arguments: what was expected, and what came.

const MOST_TOKENS = 2 ** 31 - 1;

/** A value in words, short enough for a message. */
export function shown(value) {
  if (typeof value === "string") {
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
  }
  if (value === null || typeof value === "number" || typeof value === "boolean") return `${value}`;
  return typeof value === "object" ? (value.constructor?.name ?? "an object") : typeof value;
}

/** Check that a value is a string with a UTF-8 form. */
export function checkText(name, text) {
  if (typeof text !== "string") {
    throw new TypeError(`${name}: expected a string, got ${shown(text)}`);
  }
  if (isWellFormed(text)) return text;
  const at = text.search(/\p{Surrogate}/u);
  const unit = text.charCodeAt(at).toString(16).toUpperCase();
  throw new RangeError(
    `${name}: expected no lone surrogates, which have no UTF-8, got U+${unit} at offset ${at}; ` +
      "replace them with text.toWellFormed(), or with U+FFFD",
  );
}

/** Say whether a string has no lone surrogates. With the flag `u`, pairs are one character. */
export function isWellFormed(text) {
  return text.isWellFormed ? text.isWellFormed() : !/\p{Surrogate}/u.test(text);
}

/** Check that a value is a whole number from `least` on; more than the core holds is cut. */
export function checkTokens(name, value, least) {
  if (!Number.isSafeInteger(value)) {
    const kind = typeof value === "number" ? RangeError : TypeError;
    throw new kind(`${name}: expected a whole number of tokens, got ${shown(value)}`);
  }
  if (value < least) {
    throw new RangeError(`${name}: expected a number from ${least} on, got ${value}`);
  }
  return Math.min(value, MOST_TOKENS);
}

/** Check that a value is one of some strings; give its index. */
export function checkChoice(name, value, choices) {
  const index = choices.indexOf(value);
  if (index >= 0) return index;
  const known = choices.map((choice) => `"${choice}"`).join(", ");
  throw new RangeError(`${name}: expected one of ${known}, got ${shown(value)}`);
}

/** Check that options are an object that has none but these keys; give it, {} for undefined. */
export function checkOptions(options, known) {
  if (options === undefined) return {};
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`options: expected an object, got ${shown(options)}`);
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new TypeError(`options: expected ${known.join(", ")}, got ${shown(key)}`);
    }
  }
  return options;
}
