// Rows that a factor student can start from: its teacher in fewer dimensions, at the scale on which the guide compares
// scores.

import { UserError } from "../../base/errors.ts";
import type { Interactions } from "../../data/interactions.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import type { Guidance } from "../../kinds/guidance.ts";
import { decodeTable } from "../../tables/decode.ts";
import { f32Table, type Table } from "../../tables/table.ts";
import { multiplied, numbersOf } from "../factor-space.ts";
import { teacherScale } from "../guide.ts";
import { scoreSpectrum } from "../shared-svd.ts";
import { teacherVectors } from "./teacher-vectors.ts";

export const starts = ["random", "teacher", "slices"] as const;

/** Users × d and items × d. */
export interface FactorStart {
  readonly user: Float32Array;
  readonly item: Float32Array;
}

/**
 * "teacher" is the best stand-in of rank d for the teacher's scores (engine/shared-svd.ts), "slices" the teacher's leading d dimensions; fewer
 * where it has fewer, and zeros in the rest.
 */
export async function teacherStart(
  kernels: Kernels,
  guidance: Guidance | undefined,
  train: Interactions,
  d: number,
  how: "teacher" | "slices",
): Promise<FactorStart> {
  if (!guidance) throw new UserError(`start: ${how} needs a teacher; give the student distill, or start: random.`);
  const { width, user, item } = withGainAndBias(guidance, train, how);
  const most = Math.min(d, width);
  const scale = Math.sqrt(teacherScale(guidance.lists, train.users));
  if (how === "slices") {
    const cut = (rows: Float32Array) =>
      Float32Array.from({ length: (rows.length / width) * d }, (_, i) =>
        i % d < most ? scale * rows[Math.floor(i / d) * width + (i % d)]! : 0,
      );
    return { user: cut(user), item: cut(item) };
  }
  const [users, items] = [f32Table(train.users, width, user), f32Table(train.items, width, item)];
  const { left, right } = (await scoreSpectrum(kernels, users, items)).leading(most);
  const turned = async (table: Table, turn: Float32Array) => {
    const by = new Float32Array(width * d);
    for (let i = 0; i < width; i++) for (let c = 0; c < most; c++) by[i * d + c] = scale * turn[i * most + c]!;
    return numbersOf(await multiplied(kernels, table, by, d));
  };
  return { user: await turned(users, left), item: await turned(items, right) };
}

/** An item's gain multiplies its row; its bias is one more dimension, in which every user is 1. */
function withGainAndBias(guidance: Guidance, train: Interactions, how: string) {
  const { teacher } = guidance;
  const { width, user, item } = teacherVectors(
    teacher,
    train,
    (why) => `start: ${how} takes the teacher's factors, and the teacher ${why}; use start: random.`,
  );
  const [gain, bias] = [teacher?.tables.gain, teacher?.tables.bias].map((table) => table && decodeTable(table));
  if (!gain && !bias) return { width, user, item };
  const wide = width + (bias ? 1 : 0);
  const grown = (rows: Float32Array, factor: (row: number) => number, last: (row: number) => number) =>
    Float32Array.from({ length: (rows.length / width) * wide }, (_, i) => {
      const [row, x] = [Math.floor(i / wide), i % wide];
      return x < width ? factor(row) * rows[row * width + x]! : last(row);
    });
  return {
    width: wide,
    user: grown(
      user,
      () => 1,
      () => 1,
    ),
    item: grown(
      item,
      (row) => gain?.[row] ?? 1,
      (row) => bias?.[row] ?? 0,
    ),
  };
}
