// Options are one zod object per method: the recipe's type, its validation, the JSON Schema and the docs come from it.
// A mistake in them becomes one sentence: where, what, what was got, what to do.

import { z } from "zod";
import { suggest, UserError } from "../base/errors.ts";

/** What randomness follows from. */
export const seedOption: z.ZodNumber = z
  .number()
  .int()
  .min(0)
  .max(2 ** 32 - 1);

/** Parses `given` by `schema`; a mistake is one sentence that starts with `where`. */
export function parseOptions<S extends z.ZodType>(schema: S, given: unknown, where: string): z.output<S> {
  const result = schema.safeParse(given ?? {});
  if (result.success) return result.data;
  throw new UserError(`${where}: ${explain(result.error.issues[0]!, schema, given ?? {})}`);
}

function explain(issue: z.core.$ZodIssue, schema: z.ZodType, given: unknown): string {
  const name = issue.path.reduce<string>(
    (text, key) => `${text}${typeof key === "number" ? `[${key}]` : `${text && "."}${String(key)}`}`,
    "",
  );
  const got = issue.path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    given,
  );
  const subject = name || "the options";
  switch (issue.code) {
    case "unrecognized_keys":
      return `${name ? `${name} has no` : "there is no"} option "${issue.keys[0]}". ${suggest(issue.keys[0]!, knownKeys(schema, issue.path))}`;
    case "invalid_type":
      if (got === undefined) return `${subject} is missing; give ${articleOf(issue.expected)}.`;
      return `${subject} must be ${articleOf(issue.expected)}, got ${show(got)}.`;
    case "too_small":
      return `${subject} must ${size(issue.origin, issue.inclusive ? "at least" : "more than", issue.minimum)}, got ${show(got)}.`;
    case "too_big":
      return `${subject} must ${size(issue.origin, issue.inclusive ? "at most" : "less than", issue.maximum)}, got ${show(got)}.`;
    case "invalid_value": {
      const known = issue.values.map(String);
      return `${subject} must be one of ${known.join(", ")}; got ${show(got)}.${typeof got === "string" ? ` ${suggest(got, known)}` : ""}`;
    }
    default:
      return `${subject}${issue.message.startsWith("must ") ? "" : ":"} ${issue.message}, got ${show(got)}.`;
  }
}

/** The keys that the object at `path` of `schema` knows. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = schema;
  for (const key of [...path, undefined]) {
    while (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodPrefault) at = at.unwrap();
    if (key === undefined) break;
    at = at instanceof z.ZodArray ? at.element : at instanceof z.ZodObject ? at.shape[String(key)] : undefined;
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

const articleOf = (type: string): string =>
  type === "int" ? "a whole number" : /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;

/** "be at least 3" for a number, "have at least 1 entry" for a list. */
function size(origin: string, bound: string, n: number | bigint): string {
  if (origin !== "array" && origin !== "string") return `be ${bound} ${n}`;
  const [one, many] = origin === "array" ? ["entry", "entries"] : ["character", "characters"];
  return `have ${bound} ${n} ${Number(n) === 1 ? one : many}`;
}

function show(value: unknown): string {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
