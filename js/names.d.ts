// Types of names.js for the live page's scripts; the package does not hold this file.

/** What a name is resolved to: `offer` is that of another host, null where nothing is known of it. */
export interface FoundModel<R> {
  record: R;
  name: string;
  host: string;
  rule: string;
  notes: string[];
  tuned: boolean;
  offer?: Offer<R> | null;
}

type Offer<R> = R extends { hosts?: Record<string, infer O> } ? O : never;

export class ModelNames<R extends { name: string; provider: string; otherNames?: string[] }> {
  constructor(records: R[], prefixes: Record<string, R>);
  resolve(name: string): FoundModel<R> | undefined;
}
