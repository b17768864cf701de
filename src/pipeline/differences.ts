// Where two plain JSON values differ: what a run claims, and what was found again.

/** One number or word that is another one now; `by` is found - claimed. */
export interface Difference {
  /** Where, such as "student: metrics.ndcg@20". */
  readonly what: string;
  readonly claimed: string | number | boolean | null;
  readonly found: string | number | boolean | null;
  readonly by?: number;
}

type Plain = Difference["found"];

/** Every place where the two differ at all; what only one of them has is a difference from null. */
export function differences(what: string, claimed: unknown, found: unknown): Difference[] {
  if (isObject(claimed) && isObject(found)) {
    const keys = [...new Set([...Object.keys(claimed), ...Object.keys(found)])];
    return keys.flatMap((key) => differences(join(what, key), claimed[key], found[key]));
  }
  const [was, is] = [plain(claimed), plain(found)];
  if (was === is) return [];
  return [
    { what, claimed: was, found: is, ...(typeof was === "number" && typeof is === "number" && { by: is - was }) },
  ];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const join = (what: string, key: string): string =>
  /[:.]$|^$/.test(what) ? `${what} ${key}`.trim() : `${what}.${key}`;

/** As JSON writes it: NaN and what is absent are null, a whole branch is its text. */
function plain(value: unknown): Plain {
  if (value === undefined || value === null || (typeof value === "number" && !Number.isFinite(value))) return null;
  if (typeof value === "string" || typeof value === "boolean" || typeof value === "number") return value;
  return JSON.stringify(value);
}
