// What the teachers of a network say of the training rows: computed once a teacher, kept, and fed beside the labels.

import { readSafetensors, writeSafetensors } from "../../artifact/safetensors.ts";
import { must } from "../../base/errors.ts";
import type { Batch, Feed } from "../../data/examples.ts";
import type { Teachers } from "../../engine/training/taught-model.ts";
import type { Term } from "../../kinds/guidance.ts";
import type { LogitLoss } from "../../kinds/logit-loss.ts";
import { registry } from "../registry.ts";
import { runStage } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import type { NetworkDistil } from "./distil-options.ts";
import { answers } from "./predict.ts";
import type { Clicks } from "./read-clicks.ts";
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
  /** Of the training rows, row-major [rows, teachers.count]. */
  readonly logits: Float32Array;
}

const version = 1;
const path = "logits.safetensors";

/** What the teachers say of the training rows, and how a student is to learn it. */
export async function prepareLesson(
  { weights, alpha, head, terms }: Pick<NetworkDistil, "alpha" | "head" | "terms"> & Pick<Teachers, "weights">,
  teachers: readonly Teacher[],
  clicks: Clicks,
  around: Surroundings,
): Promise<Lesson> {
  const said: { readonly key: string; readonly value: Float32Array }[] = [];
  for (const teacher of teachers) said.push(await logitsOf(teacher, clicks.seenBy(teacher.network), around));
  const count = said.length;
  const logits = new Float32Array(clicks.train.n * count);
  said.forEach(({ value }, k) => {
    for (let r = 0; r < value.length; r++) logits[r * count + k] = value[r]!;
  });
  const found = terms.map(({ use, weight, ...options }): Term<LogitLoss> => {
    const loss = registry.find("loss", use, "distill") as LogitLoss;
    return { loss, options, weight };
  });
  return { teachers: { count, weights, alpha, head, terms: found }, keys: said.map(({ key }) => key), logits };
}

const logitsOf = ({ network: { name }, key, onnx }: Teacher, { key: rows, train }: Clicks, around: Surroundings) =>
  runStage<Float32Array>(
    {
      ...{ stage: "teacher-logits", version, label: `what ${name} says of train`, options: {}, inputs: [key, rows] },
      encode: (logits) => ({ [path]: writeSafetensors(new Map([["logits", logits as Float32Array<ArrayBuffer>]])) }),
      decode: (files) => must(readSafetensors(must(files[path], path), path).get("logits"), "logits") as Float32Array,
      compute: async (step) => (await answers(onnx, train, around.runtime, step)).logits,
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
