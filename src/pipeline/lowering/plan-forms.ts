// Each part of a model in turn, the largest first, takes the form that is measured to be best while the others keep
// theirs; then the whole is tried as planned, with the fastest form of each part, and with all in float32.

import { UserError } from "../../base/errors.ts";
import type { Progress } from "../surroundings.ts";
import { chooseForm, fastestForm, type Tried } from "./choose-form.ts";
import { type Bench, type Exam, type Trial, tryForms } from "./try-forms.ts";

/** A table or layer that has several forms; the first is how it is sealed. */
export interface Part<F extends string = string> {
  readonly name: string;
  readonly encoding: string;
  readonly forms: readonly F[];
}

export interface PlannedForms<F extends string = string> {
  readonly forms: Readonly<Record<string, F>>;
  readonly model: Uint8Array;
  readonly parts: readonly {
    readonly name: string;
    readonly encoding: string;
    readonly kept: F;
    readonly tried: readonly Tried[];
  }[];
  /** All in float32, as sealed, as planned, and the fastest form of each. */
  readonly whole: readonly Tried[];
  /** Which of them was kept. */
  readonly kept: string;
}

/** `build` makes the model with parts in these forms, the others as they are sealed. */
export async function planForms<F extends string>(
  parts: readonly Part<F>[],
  build: (forms: Readonly<Record<string, F>>) => Uint8Array,
  exam: Exam,
  smallest: boolean,
  { progress, ...bench }: Bench & { readonly progress: Progress },
): Promise<PlannedForms<F>> {
  const found: PlannedForms<F>["parts"][number][] = [];
  let [forms, fastest] = [{}, {}] as [Record<string, F>, Record<string, F>];
  for (const { name, encoding, forms: known } of parts) {
    const task = progress.start(`time forms of ${name}`);
    const tried = await tryForms(
      known.map((form) => trial(form, build, { ...forms, [name]: form })),
      ...(["float32", exam, bench] as const),
    );
    task.end();
    const kept = chooseForm(tried, smallest);
    if (!kept) {
      const why = tried.map(({ form, refused }) => `${form}: ${refused}`).join("; ");
      throw new UserError(`${name}: it can be exported in no form (${why}).`);
    }
    forms = { ...forms, [name]: kept.form as F };
    fastest = { ...fastest, [name]: (fastestForm(tried) ?? kept).form as F };
    found.push({ name, encoding, kept: kept.form as F, tried });
  }
  const float32 = Object.fromEntries(parts.map(({ name }) => [name, "float32" as F]));
  const wholes = { float32, sealed: {}, planned: forms, fastest };
  const task = progress.start("time the whole");
  const trials = Object.entries(wholes).map(([name, own]) => trial(name, build, own));
  const whole = await tryForms(trials, "float32", exam, bench);
  task.end();
  // Parts that are each a little slower than float32 may be more than that together.
  const kept = (chooseForm(whole, smallest) ?? whole[0]!).form as keyof typeof wholes;
  const chosen = { ...Object.fromEntries(parts.map(({ name, forms: [first] }) => [name, first!])), ...wholes[kept] };
  return { forms: chosen, model: build(chosen), parts: found, whole, kept };
}

function trial<F extends string>(
  form: string,
  build: (forms: Readonly<Record<string, F>>) => Uint8Array,
  forms: Readonly<Record<string, F>>,
): Trial {
  try {
    return { form, model: build(forms) };
  } catch (error) {
    if (error instanceof UserError) return { form, refused: error.message };
    throw error;
  }
}
