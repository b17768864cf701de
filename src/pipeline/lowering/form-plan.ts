// A plan of forms as a file: what was chosen for which table, so that the same model becomes the same bytes again, on any
// machine and without a clock.

import { z } from "zod";
import { UserError } from "../../base/errors.ts";
import { forms } from "../../recommender/forms.ts";
import { tableNames } from "../../recommender/recommender.ts";
import { targets } from "./try-forms.ts";

const schema = z.strictObject({
  format: z.literal("distilrec-forms"),
  version: z.literal(1),
  /** The runtimes that it was measured on. */
  targets: z.array(z.enum(targets)),
  /** Of the recommender's tables; those that are left out are packed. */
  tables: z.partialRecord(z.enum(tableNames), z.enum(forms)),
});

export type FormPlan = z.output<typeof schema>;

/** The plan's file. */
export const encodePlan = (plan: Pick<FormPlan, "targets" | "tables">): string =>
  `${JSON.stringify({ format: "distilrec-forms", version: 1, ...plan }, null, 2)}\n`;

/** The plan in a file's text; anything else is a UserError. */
export function decodePlan(text: string, file: string): FormPlan {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new UserError(`${file}: it is no JSON; give the .forms.json file that distilrec export wrote.`);
  }
  const { data, error } = schema.safeParse(raw);
  if (data) return data;
  const [issue] = error.issues;
  throw new UserError(`${file}: ${issue!.path.join(".") || "it"}: ${issue!.message}; plan anew with distilrec export.`);
}
