// A recipe is the whole description of a run, as plain JSON. Reading one checks it against the registries and fills in
// every default, so that a checked recipe is again a recipe: it goes into manifests and cache keys as it is.

import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { cleanOptions } from "../data/clean-options.ts";
import { type GateEntry, gateEntry } from "../evidence/gates/gate.ts";
import { parseOptions, seedOption } from "../kinds/options.ts";
import { type EvaluateOptions, evaluateOptions } from "./evaluate-options.ts";
import { fillProgressive, type ProgressivePlan, progressiveOptions } from "./progressive/options.ts";
import { checkSense } from "./recipe-sense.ts";
import { type KindName, registry } from "./registry.ts";
import { fillTeacher, type TeacherStep } from "./teachers/options.ts";

/** A method and its options, side by side: `{ use: "ease", lambda: 100 }`. */
export type Step = { readonly use: string } & Readonly<Record<string, unknown>>;

export interface Student extends Step {
  readonly name: string;
  readonly use: string;
  /** Absent for a model that is fitted to the interactions alone. */
  readonly distill?: {
    /** How many items of every user the teacher lists. */
    readonly topN: number;
    /** L = (1 - alpha) · the student's own loss + alpha · Σ weight · term. */
    readonly alpha: number;
    /** Epochs before the terms begin, and those in which alpha then rises. */
    readonly after: number;
    readonly ramp: number;
    /** Who teaches it in place of the recipe's teacher, by which it is judged all the same. */
    readonly from?: TeacherStep;
    readonly terms: readonly (Step & { readonly weight: number; readonly coolTo?: number })[];
  };
}

export interface VariantStep {
  readonly name: string;
  readonly of: string;
  /** Absent where it is progressive. */
  readonly passes?: readonly Step[];
  /** Of its encoder: a share of the heads or blocks, or their names. */
  readonly heads?: number | readonly string[];
  readonly blocks?: number | readonly string[];
  readonly progressive?: ProgressivePlan;
}

export interface Recipe {
  readonly name: string;
  readonly seed: number;
  readonly threads?: number;
  readonly providers?: readonly string[];
  readonly dataset: Step;
  readonly clean: Readonly<Record<string, unknown>>;
  readonly split: Step;
  /** A model to fit, `{ artifact: PATH }`: one that was sealed before, or one that has lists and no model. */
  readonly teacher: TeacherStep;
  readonly students: readonly Student[];
  readonly variants: readonly VariantStep[];
  readonly evaluate: EvaluateOptions;
  readonly gates: readonly GateEntry[];
}

export const step: z.ZodObject<{ use: z.ZodString }, z.core.$loose> = z.looseObject({ use: z.string() });
export const fileName: z.ZodString = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "must be letters, digits, dot, dash and underscore, 64 at most");
const distill = z.strictObject({
  topN: z.number().int().min(1).max(2000).default(100).describe("items that the teacher lists for each user"),
  alpha: z.number().min(0).max(1).default(0.5).describe("share of the teacher in the student's loss"),
  after: z.number().int().min(0).max(10_000).default(0).describe("epochs before the teacher begins to teach"),
  ramp: z
    .number()
    .int()
    .min(0)
    .max(10_000)
    .default(0)
    .describe("epochs from then on in which alpha rises to its value"),
  from: z
    .looseObject({})
    .optional()
    .describe("who teaches this student in place of the teacher; it is judged against the teacher all the same"),
  terms: z
    .array(
      z.looseObject({
        use: z.string(),
        weight: z.number().positive().max(1e6).default(1).describe("beside the other terms"),
        coolTo: z.number().min(1e-3).max(1e3).optional().describe("the loss's temperature in the last epoch"),
      }),
    )
    .min(1),
});

/** A share of the parts of a graph, or their names. */
export const wished: z.ZodUnion<[z.ZodNumber, z.ZodArray<z.ZodString>]> = z.union([
  z.number().min(0).lt(1),
  z.array(z.string().min(1)).min(1).max(1000),
]);

/** What every recipe says of the run itself. */
export const running = {
  name: fileName.describe("names the run's folder"),
  seed: seedOption.default(1).describe("all randomness follows from it"),
  threads: z.number().int().min(1).max(64).optional().describe("default: every core"),
  providers: z
    .array(z.string().min(1))
    .min(1)
    .max(8)
    .optional()
    .describe("what ONNX Runtime trains networks on, the first that can: cpu (default), webgpu, cuda, …"),
};

/** What every recipe says of gates. */
export const gated = {
  gates: z.array(gateEntry).max(50).default([]).describe("what a variant must satisfy"),
};

/** The recipe without the methods' own options; `recipeJsonSchema` adds those. */
export const frame = z.strictObject({
  ...running,
  dataset: step.describe("where the interactions come from"),
  clean: z.record(z.string(), z.unknown()).default({}).describe("what to drop before the split"),
  split: step.describe("how events are divided into train, validation and test"),
  teacher: z
    .looseObject({
      use: z.string().optional(),
      artifact: z.string().min(1).optional().describe("folder of a sealed model"),
      lists: z.string().min(1).optional().describe("file of ranked items of users"),
      ensemble: z.array(z.looseObject({})).optional().describe("several of these"),
      http: z.string().optional().describe("address of a scorer"),
    })
    .describe("the model to shrink, or lists to learn from"),
  students: z
    .array(z.looseObject({ name: fileName, use: z.string(), distill: distill.optional() }))
    .max(100)
    .default([])
    .describe("models to fit, guided by the teacher or not"),
  variants: z
    .array(
      z.strictObject({
        ...{ name: fileName, of: z.string() },
        passes: z.array(step).min(1).max(20).optional().describe("applied in order"),
        heads: wished.optional().describe("of its encoder: the share of heads that goes first, or their names"),
        blocks: wished.optional().describe("of its encoder: the share of blocks that goes first, or their names"),
        progressive: progressiveOptions.optional().describe("harder and harder, as long as a gate passes"),
      }),
    )
    .max(200)
    .default([])
    .describe("compressed forms of the teacher, of students or of other variants"),
  evaluate: evaluateOptions,
  ...gated,
});

/** Checks what a recipe file held; throws a UserError that says where in `source` the first mistake is. */
export function parseRecipe(given: unknown, source: string): Recipe {
  const rough = parseOptions(frame, given, source);
  const at = (where: string) => `${source}: ${where}`;
  const recipe = {
    ...rough,
    dataset: fill("dataset", rough.dataset, at("dataset")),
    clean: parseOptions(cleanOptions, rough.clean, at("clean")) as Readonly<Record<string, unknown>>,
    split: fill("split", rough.split, at("split")),
    teacher: fillTeacher(rough.teacher, at("teacher"), fillModel),
    students: rough.students.map((student, i) => fillStudent(student, at(`students[${i}]`))),
    variants: rough.variants.map((variant, i) => fillVariant(variant, at(`variants[${i}]`))),
  } as Recipe;
  checkSense(recipe, source);
  return recipe;
}

/** The step with every default of its method filled in. */
export function fill(kind: KindName, { use, ...options }: Step, where: string): Step {
  const method = registry.find(kind, use, where);
  return { use, ...(parseOptions(method.options, options, `${where} (${use})`) as object) };
}

const fillModel = (model: Step, where: string): Step => fill("model", model, where);

function fillVariant(
  { name, of, passes: chain, progressive, ...wishes }: z.output<typeof frame>["variants"][number],
  where: string,
): VariantStep {
  const parts = Object.fromEntries(Object.entries(wishes).filter(([, wish]) => wish !== undefined));
  if ((chain === undefined && Object.keys(parts).length === 0) === (progressive === undefined)) {
    throw new UserError(`${where} (${name}): give it either passes, heads or blocks, or progressive.`);
  }
  const filled = (steps: readonly Step[], at: string) => steps.map((pass, p) => fill("pass", pass, `${at}[${p}]`));
  if (!progressive) return { name, of, ...parts, ...(chain && { passes: filled(chain, `${where}.passes`) }) };
  return { name, of, progressive: fillProgressive(progressive, `${where}.progressive`, filled) };
}

function fillStudent(
  { name, distill: guide, ...step }: z.output<typeof frame>["students"][number],
  where: string,
): Student {
  const filled = fill("model", step, where);
  if (!guide) return { name, ...filled };
  const { from, ...rest } = guide;
  const terms = guide.terms.map(({ weight, coolTo, ...term }, t) => ({
    ...fill("loss", term, `${where}.distill.terms[${t}]`),
    ...{ weight, ...(coolTo !== undefined && { coolTo }) },
  }));
  const own = from && { from: fillTeacher(from, `${where}.distill.from`, fillModel) };
  return { name, ...filled, distill: { ...rest, ...own, terms } };
}
