// The package's own errors, by what was wrong. Wrong types are a TypeError, and arguments that are
// out of range a RangeError, as everywhere in JavaScript.

export class TokenkitError extends Error {
  constructor(message) {
    super(message);
    this.name = new.target.name;
  }
}

/** No model has this name. */
export class UnknownModelError extends TokenkitError {}

/** No encoding has this name. */
export class UnknownEncodingError extends TokenkitError {}

/** The model's tokenizer is not public, or not here. */
export class NoTokenizerError extends TokenkitError {}

/** The text holds a special token that the caller did not allow. */
export class SpecialTokenError extends TokenkitError {}

/** The bytes are no vocabulary, or not the one that was asked for. */
export class VocabularyError extends TokenkitError {}

/** Something needs more tokens than a limit leaves. */
export class ContextOverflowError extends TokenkitError {
  constructor(message, needed, available, limitName) {
    super(message);
    this.needed = needed;
    this.available = available;
    this.limitName = limitName;
  }
}
