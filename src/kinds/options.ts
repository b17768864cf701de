// Options are one zod object per method: the recipe's type, its validation, the JSON Schema and the docs come from it.

import type { z } from "zod";
import { UserError } from "../base/errors.ts";

/** Parses `given` by `schema`; a mistake is one sentence that starts with `where`. */
export function parseOptions<S extends z.ZodType>(schema: S, given: unknown, where: string): z.output<S> {
  const result = schema.safeParse(given ?? {});
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const at = issue.path.length ? `${where}: ${issue.path.join(".")}` : where;
  throw new UserError(`${at}: ${issue.message}.`);
}
