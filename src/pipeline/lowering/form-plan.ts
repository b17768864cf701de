// A plan of forms as a file: what was chosen for which table, so that the same model becomes the same bytes again, on any
// machine and without a clock.

import { z } from "zod";
import { UserError } from "../../base/errors.ts";
import { type Forms, forms } from "../../recommender/forms.ts";
import { tableNames } from "../../recommender/recommender.ts";
import { type LayerForm, layerForms } from "./integer-layers.ts";
import { targets } from "./try-forms.ts";

const schema = z.strictObject({
  format: z.literal("distilrec-forms"),
  version: z.literal(1),
  /** The runtimes that it was measured on. */
  targets: z.array(z.enum(targets)),
  /** Of a recommender's tables or a graph's layers; those that are left out are as they were sealed. */
  forms: z.record(z.string(), z.enum(forms)),
});

export type FormPlan = z.output<typeof schema>;

/** The plan's file. */
export const encodePlan = (plan: Pick<FormPlan, "targets" | "forms">): string =>
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

/** The plan of a recommender's tables; one of something else is a UserError. */
export function tablePlan(plan: FormPlan, file: string): Forms {
  const other = Object.keys(plan.forms).find((name) => !tableNames.some((known) => known === name));
  if (other === undefined) return plan.forms as Forms;
  throw new UserError(`${file}: it is of a graph's layers ("${other}"), not of a recommender's tables; plan anew.`);
}

/** The plan of a graph's layers, likewise. */
export function layerPlan(plan: FormPlan, file: string): Readonly<Record<string, LayerForm>> {
  const other = Object.values(plan.forms).find((form) => !layerForms.some((known) => known === form));
  if (other === undefined) return plan.forms as Record<string, LayerForm>;
  throw new UserError(`${file}: a layer has no form "${other}", it has ${layerForms.join(", ")}; plan anew.`);
}
