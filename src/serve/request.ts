// The body of POST /v1/recommend, checked field by field.

import { z } from "zod";

const ids = z.array(z.string({ error: "must be a text" }), { error: "must be a list of item ids" });

const ask = z.strictObject(
  {
    user: z.string({ error: "must be a text" }).optional(),
    history: ids.optional(),
    k: z
      .int({ error: "must be a whole number from 1 to 1000" })
      .min(1, { error: "must be a whole number from 1 to 1000" })
      .max(1000, { error: "must be a whole number from 1 to 1000" })
      .default(10),
    exclude: ids.optional(),
  },
  {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `there is no field "${issue.keys[0]}"; known: user, history, k, exclude`
        : "must be a JSON object",
  },
);

/** The request in `text`, or a sentence that says what is wrong with it. */
export function parseAsk(text: string): z.output<typeof ask> | { readonly error: string } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    return { error: `The body is not JSON: ${(error as Error).message}.` };
  }
  const result = ask.safeParse(body);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  return { error: `${path.length ? path.join(".") : "The body"}: ${message}.` };
}
