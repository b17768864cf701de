// What the teachers of a network say of the training rows, and of made-up ones: computed once a teacher, kept, and fed
// beside the labels. A made-up row has no label; what its teachers think likely stands in for it.

import { readSafetensors, writeSafetensors } from "../../artifact/safetensors.ts";
import { must } from "../../base/errors.ts";
import { sigmoid } from "../../base/logistic.ts";
import type { Batch, Examples, Feed } from "../../data/examples.ts";
import { joinExamples } from "../../data/join-examples.ts";
import type { Teachers } from "../../engine/training/taught-model.ts";
import type { Term } from "../../kinds/guidance.ts";
import type { LogitLoss } from "../../kinds/logit-loss.ts";
import { registry } from "../registry.ts";
import { runStage } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import type { NetworkDistil } from "./distil-options.ts";
import { answers } from "./predict.ts";
import type { Clicks, MadeUp } from "./read-clicks.ts";
import type { NetworkStep } from "./recipe.ts";

/** A network that is trained already. */
interface Teacher {
  readonly network: Pick<NetworkStep, "name" | "columns">;
  readonly key: string;
  readonly onnx: Uint8Array;
}

export interface Lesson {
  readonly teachers: Teachers;
  /** Name the logits. */
  readonly keys: readonly string[];
  /** What is learnt from: the training rows, and made-up ones where the recipe asks for them. */
  readonly rows: Examples;
  /** Of those rows, row-major [rows, teachers.count]. */
  readonly logits: Float32Array;
}

const version = 2;
const path = "logits.safetensors";

/** What the teachers say of the rows that `clicks` sees, and how a student is to learn it. */
export async function prepareLesson(
  { weights, alpha, head, terms, transfer }: Omit<NetworkDistil, "teacher"> & Pick<Teachers, "weights">,
  teachers: readonly Teacher[],
  clicks: Clicks,
  around: Surroundings,
): Promise<Lesson> {
  const keys: string[] = [];
  const said = async (of: (seen: Clicks) => Questions, n: number): Promise<Float32Array> => {
    const logits = new Float32Array(n * teachers.length);
    for (const [k, teacher] of teachers.entries()) {
      const { key, value } = await logitsOf(teacher, of(clicks.seenBy(teacher.network)), around);
      keys.push(key);
      for (let r = 0; r < n; r++) logits[r * teachers.length + k] = value[r]!;
    }
    return logits;
  };
  const found = terms.map(({ use, weight, ...options }): Term<LogitLoss> => {
    const loss = registry.find("loss", use, "distill") as LogitLoss;
    return { loss, options, weight };
  });
  const own = await said(({ key, train }) => ({ key, what: "train", rows: train }), clicks.train.n);
  const lesson = { teachers: { count: teachers.length, weights, alpha, head, terms: found }, keys };
  if (!transfer) return { ...lesson, rows: clicks.train, logits: own };
  const { rows } = clicks.madeUp(transfer);
  const ask = (seen: Clicks): Questions => ({ ...unlabelled(seen.madeUp(transfer)), what: "made-up rows" });
  const made = await said(ask, rows.n);
  const label = Float32Array.from({ length: rows.n }, (_, r) => sigmoid(mean(made, r, teachers.length)));
  const logits = new Float32Array(own.length + made.length);
  logits.set(own);
  logits.set(made, own.length);
  return { ...lesson, rows: joinExamples(clicks.train, { ...rows, label }), logits };
}

const mean = (logits: Float32Array, row: number, count: number): number => {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += logits[row * count + k]!;
  return sum / count;
};

/** Rows that a teacher is asked about. */
interface Questions {
  readonly key: string;
  readonly what: string;
  readonly rows: Examples;
}

const unlabelled = ({ key, rows }: MadeUp): Omit<Questions, "what"> => ({
  key,
  rows: { ...rows, label: new Float32Array(rows.n) },
});

const logitsOf = (
  { network: { name }, key, onnx }: Teacher,
  { key: asked, what, rows }: Questions,
  around: Surroundings,
) =>
  runStage<Float32Array>(
    {
      ...{ stage: "teacher-logits", version, label: `what ${name} says of ${what}`, options: {}, inputs: [key, asked] },
      encode: (logits) => ({ [path]: writeSafetensors(new Map([["logits", logits as Float32Array<ArrayBuffer>]])) }),
      decode: (files) => must(readSafetensors(must(files[path], path), path).get("logits"), "logits") as Float32Array,
      compute: async (step) => (await answers(onnx, rows, around.runtime, step)).logits,
    },
    around,
  );

/** Gives each batch the feed `teacher` [n, count] of its rows, in the same memory in every batch. */
export function lessonFeeds({ teachers: { count }, logits }: Lesson): (batch: Batch) => Record<string, Feed> {
  let room = new Float32Array(0);
  return ({ n, rows }) => {
    if (room.length < n * count) room = new Float32Array(n * count);
    const data = room.subarray(0, n * count);
    for (let r = 0; r < n; r++) {
      for (let k = 0; k < count; k++) data[r * count + k] = logits[rows[r]! * count + k]!;
    }
    return { teacher: { dtype: "float32", dims: [n, count], data } };
  };
}
