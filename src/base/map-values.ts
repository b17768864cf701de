// A record with each of its values replaced.

/** The record of the same keys in the same order, of what `map` makes of each value. */
export const mapValues = <A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
