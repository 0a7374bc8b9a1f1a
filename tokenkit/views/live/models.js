// Which model a name means, however it is written, and what is known of it.

import { ModelNames } from "../../../js/names.js";
import { data } from "./dom.js";

/** @import { FoundModel } from "../../../js/names.js" */
/** @import { Model } from "./types.d.ts" */

/** @type {ModelNames<Model>} */
const names = new ModelNames(data.models, data.prefixes);

/** @typedef {{ model: Model, found: FoundModel<Model> }} Reading */
/** @type {Map<string, Reading | undefined>} */
const readings = new Map();

/**
 * @param {string} name
 * @returns {Reading | undefined}
 */
function readingOf(name) {
  if (!readings.has(name)) {
    const found = names.resolve(name);
    readings.set(name, found && { found, model: modelAs(found) });
  }
  return readings.get(name);
}

/**
 * A record as the model that was found: with its name, and as its host sells it.
 * @param {FoundModel<Model>} found
 * @returns {Model}
 */
function modelAs({ record, name, offer, tuned }) {
  if (name === record.name && offer === undefined) return record;
  const model = { ...record, name };
  if (offer === undefined) return tuned ? { ...model, prices: undefined } : model;
  const { retired, ends, replacement } = offer ?? record;
  const ending = { retired, ends, replacement };
  return { ...model, ...ending, prices: offer?.prices, source: undefined, checked: undefined };
}

/**
 * The model that a name means, if one of its takes texts.
 * @type {(name: unknown) => Model | undefined}
 */
export function modelOf(name) {
  const model = typeof name === "string" ? readingOf(name)?.model : undefined;
  return model?.textless ? undefined : model;
}

/**
 * Say how a name was read, where it is not the model's own.
 * @type {(name: string) => string[]}
 */
export function wordsOfName(name) {
  const reading = readingOf(name);
  if (reading === undefined) return [`No model is called ${name}.`];
  const { model, found } = reading;
  if (model.textless) return [`${model.name} takes no texts.`];
  const words = found.notes.map((note) => `${note[0].toUpperCase()}${note.slice(1)}.`);
  if (model.name === name) return words;
  const how =
    found.rule === "exact"
      ? `${name} is another name of ${model.name}.`
      : `${name} is read as ${model.name}: ${found.rule}.`;
  return [how, ...words];
}

/**
 * Say that a model was shut down or soon will be, as `preflight` does.
 * @type {(model: Model) => string}
 */
export function wordsOfEnd({ name, retired, ends, replacement }) {
  const after = replacement ? `; ${replacement} replaces it` : "";
  /** @param {number} days */
  const dayIn = (days) => new Date(Date.now() + 86_400_000 * days).toISOString().slice(0, 10);
  if (ends && ends <= dayIn(0)) return `${name} was shut down on ${ends}${after}`;
  if (retired) return `${name} is shut down${after}`;
  if (ends && ends <= dayIn(data.notice)) return `${name} will be shut down on ${ends}${after}`;
  return "";
}

/** All names of models that take texts. */
export const allNames = data.models
  .filter((model) => !model.textless)
  .flatMap((model) => [model.name, ...(model.otherNames ?? [])]);
