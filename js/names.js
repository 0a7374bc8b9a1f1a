// Which model a name means: the rules of tokenkit/shapes/names.py, models/naming.py and
// models/registry.py, with the words and patterns that tools/gen_js_names.py takes from there.

import { NAME_RULES } from "./name_rules.js";

const { apis, azureRegions, ownHosts, blanks } = NAME_RULES;
const vendors = new Map(Object.entries(NAME_RULES.vendors));
const hosts = new Map(Object.entries(NAME_RULES.hosts));
const patterns = Object.fromEntries(
  Object.entries(NAME_RULES.patterns).map(([name, source]) => [name, new RegExp(source, "s")]),
);

/** A reading with the rest of its name; a host that was named before stays. */
function having(reading, name, rule, host, vendor) {
  return {
    name,
    host: reading.host ?? host,
    vendor: vendor ?? reading.vendor,
    rules: [...reading.rules, rule],
  };
}

function stripped(name) {
  let from = 0;
  let to = name.length;
  while (from < to && blanks.includes(name[from])) from += 1;
  while (from < to && blanks.includes(name[to - 1])) to -= 1;
  return name.slice(from, to);
}

// Each takes one thing off a name, and is undefined where there is no such thing.
const RULES = [
  function withoutBlanks(reading) {
    const rest = stripped(reading.name);
    return rest === reading.name ? undefined : having(reading, rest, "blanks around it");
  },

  function arn(reading) {
    const match = patterns.arn.exec(reading.name);
    return match
      ? having(reading, match[1], "an ARN names the host bedrock", "bedrock")
      : undefined;
  },

  function publisher(reading) {
    const match = patterns.publisher.exec(reading.name);
    if (match === null) return undefined;
    if (match[3] !== undefined) {
      const rule = "accounts/fireworks/ names the host fireworks_ai";
      return having(reading, match[3], rule, "fireworks_ai");
    }
    const vendor = vendors.get(match[1].toLowerCase());
    return having(reading, match[2], "publishers/ names the host vertex_ai", "vertex_ai", vendor);
  },

  /** What stands before the first slash, or colon, where it names a vendor or a host. */
  function prefix(reading) {
    const match = patterns.prefix.exec(reading.name);
    if (match === null) return undefined;
    const [, , mark, rest] = match;
    const word = match[1].toLowerCase();
    const named = mark === "/" ? prefixOfPath(reading, word, rest) : undefined;
    if (named !== undefined) return named;
    const host = hosts.get(word);
    if (host !== undefined)
      return having(reading, rest, `${word}${mark} names the host ${host}`, host);
    const vendor = vendors.get(word);
    if (vendor === undefined || rest.startsWith("ft-")) return undefined;
    return having(reading, rest, `${word}${mark} names the vendor`, undefined, vendor);
  },

  function variant(reading) {
    const match = patterns.variant.exec(reading.name);
    if (match === null) return undefined;
    const rule = `:${match[2]} is a variant of the host openrouter`;
    return having(reading, match[1], rule, "openrouter");
  },

  function bedrock(reading) {
    const region = patterns.bedrockRegion.exec(reading.name);
    if (region !== null) {
      const rule = `${region[1]}. names a region of the host bedrock`;
      return having(reading, region[2], rule, "bedrock");
    }
    const match = patterns.bedrockVendor.exec(reading.name);
    if (match === null) return undefined;
    const [, word, rest] = match;
    const rule = `${word}. is the form of the host bedrock`;
    return having(reading, rest, rule, "bedrock", vendors.get(word) ?? word);
  },

  function version(reading) {
    const own = reading.host === "bedrock" ? patterns.bedrockVersion.exec(reading.name) : null;
    if (own !== null) return having(reading, own[1], "the version at its end is bedrock's");
    const match = patterns.atVersion.exec(reading.name);
    if (match === null) return undefined;
    const [, base, at] = match;
    const name = at === "default" || at === "latest" ? base : `${base}-${at}`;
    return having(reading, name, `@${at} is a version of the host vertex_ai`, "vertex_ai");
  },

  function azureTuned(reading) {
    const match = patterns.azureTuned.exec(reading.name);
    if (match === null) return undefined;
    const name = `ft:${match[1]}:${match[2]}`;
    return having(reading, name, ".ft- is a fine-tuned model of azure", "azure");
  },
];

function prefixOfPath(reading, word, rest) {
  if (reading.host === "azure" && azureRegions.includes(word)) {
    return having(reading, rest, `${word}/ names a region of azure`);
  }
  if (reading.host === "bedrock" && patterns.bedrockPlace.test(word)) {
    return having(reading, rest, `${word}/ names a region of bedrock`);
  }
  if (apis.includes(word) && (reading.host ?? reading.vendor) !== undefined) {
    return having(reading, rest, `${word}/ names an API`);
  }
  if (word !== "models") return undefined;
  return having(reading, rest, "models/ is Google's own prefix", undefined, "google");
}

/** The same name in other letters: small ones, dashes for dots, without -latest. */
function* respelled(reading) {
  const lower = stripped(reading.name).toLowerCase();
  yield having(reading, lower, "capitals");
  if (lower.startsWith("claude")) {
    const dashed = lower.replaceAll(".", "-");
    yield having(reading, dashed, "dots for dashes");
    const match = patterns.swapped.exec(dashed);
    const swapped = match ? `claude-${match[2]}-${match[1]}${match[3] ?? ""}` : dashed;
    yield having(reading, swapped, "claude-NUMBER-NAME for claude-NAME-NUMBER");
    yield having(reading, `${dashed}-latest`, "it points to the latest snapshot");
  }
  if (lower.endsWith("-latest")) {
    const rest = lower.slice(0, -"-latest".length);
    yield having(reading, rest, "-latest is what it points to today");
  }
}

/** Give how a name can be read, the nearest to what was written first. */
export function* readings(name) {
  const seen = new Set([name]);
  const taken = [];
  const whole = { name, host: undefined, vendor: undefined, rules: [] };
  for (let reading = takeOne(whole); reading !== undefined; reading = takeOne(reading)) {
    if (seen.has(reading.name)) break;
    seen.add(reading.name);
    taken.push(reading);
    yield reading;
  }
  for (const reading of [...taken, whole]) {
    for (const spelling of respelled(reading)) {
      if (seen.has(spelling.name)) continue;
      seen.add(spelling.name);
      yield spelling;
    }
  }
}

function takeOne(reading) {
  for (const rule of RULES) {
    const rest = rule(reading);
    if (rest !== undefined) return rest;
  }
  return undefined;
}

/** The models that are known, by all that they may be called. */
export class ModelNames {
  /** Of records with a `name` and a `provider`, and with `otherNames` and `hosts` where there are
   * some; `prefixes` are records by the documented prefix of their models' names. */
  constructor(records, prefixes) {
    this.records = records;
    this.prefixes = prefixes;
    this.exact = new Map();
    for (const record of records) {
      for (const other of record.otherNames ?? []) this.exact.set(other, record);
    }
    for (const record of records) this.exact.set(record.name, record);
    this.folded = new Map([...this.exact.keys()].map((name) => [name.toLowerCase(), name]));
  }

  /** Resolve a name: its record, the model's own name, its host, and the rule that found it.
   * Undefined where no rule does. */
  resolve(name) {
    for (const [rule, find] of [
      ["exact", this.find],
      ["fine-tuned", this.fineTuned],
      ["dated snapshot", this.dated],
    ]) {
      const found = find.call(this, name);
      if (found !== undefined) return { ...found, host: found.record.provider, rule };
    }
    // Only now: a foreign name may begin with a documented prefix, too.
    const foreign = this.foreign(name, this.byName) ?? this.onHost(name);
    if (foreign !== undefined) return foreign;
    const found = this.prefixed(name);
    if (found === undefined) return this.foreign(name, this.prefixed);
    return { ...found, host: found.record.provider, rule: "documented prefix" };
  }

  find(name) {
    const record = this.exact.get(name);
    return record && { record, name: record.name, notes: [], tuned: false };
  }

  /** ft:BASE:ORG:NAME:ID, or BASE:ft-ORG-... as the first fine-tuned models were called. */
  fineTuned(name) {
    const isNew = name.startsWith("ft:");
    if (!isNew && !name.includes(":ft-")) return undefined;
    const baseName = isNew ? name.slice(3).split(":", 1)[0] : name.split(":ft-", 1)[0];
    const own = this.find(`ft:${baseName}`);
    if (own !== undefined) return own;
    const base = this.find(baseName) ?? this.dated(baseName) ?? this.prefixed(baseName);
    if (base === undefined) return undefined;
    const note = `fine-tuned from ${baseName}: its limits; the rates of fine-tuned models differ`;
    return { ...base, name, notes: [...base.notes, note], tuned: true };
  }

  /** NAME-DATE where NAME is known: taken as a snapshot of NAME that is not listed. */
  dated(name) {
    const base = this.find(patterns.dated.exec(name)?.[1]);
    if (base === undefined) return undefined;
    const note = `${name} is not listed: limits and prices are those of ${base.name}`;
    return { ...base, name, notes: [note] };
  }

  /** A name that begins with a documented prefix: only its encoding is known. */
  prefixed(name) {
    const fitting = Object.keys(this.prefixes).filter((prefix) => name.startsWith(prefix));
    if (fitting.length === 0) return undefined;
    const prefix = fitting.reduce((a, b) => (b.length > a.length ? b : a));
    const note = `${name} is not listed: only its encoding is known, by the prefix '${prefix}'`;
    return { record: this.prefixes[prefix], name, notes: [note], tuned: false };
  }

  /** A name in any letters, of a fine-tuned model or of a dated one. */
  byName(name) {
    const found = this.find(name) ?? this.fineTuned(name) ?? this.dated(name);
    if (found !== undefined || name !== name.toLowerCase()) return found;
    return this.find(this.folded.get(name));
  }

  foreign(name, find) {
    for (const reading of readings(name)) {
      const found = find.call(this, reading.name);
      if (found === undefined) continue;
      const { provider } = found.record;
      if (reading.vendor !== undefined && reading.vendor !== provider && provider !== "custom") {
        continue;
      }
      return sold(found, reading.host, reading.rules.join("; "));
    }
    return undefined;
  }

  onHost(name) {
    for (const record of this.records) {
      for (const [host, offer] of Object.entries(record.hosts ?? {})) {
        if (!offer.names?.includes(name)) continue;
        return sold(this.find(record.name), host, `its name on the host ${host}`);
      }
    }
    return undefined;
  }
}

/** A model that a host sells. `offer` has that host's prices, and is null where none are known; it
 * is undefined for a model that its vendor sells. */
function sold(found, named, rule) {
  const { provider } = found.record;
  const host = named ?? provider;
  if (host === provider || host === ownHosts[provider]) return { ...found, host, rule };
  const offer = found.record.hosts?.[host] ?? null;
  const note = `prices: those of the host ${host} are not known`;
  const notes = offer?.prices === undefined ? [...found.notes, note] : found.notes;
  return { ...found, host, rule, offer, notes };
}
