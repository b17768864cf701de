// A teacher's best unobserved items of every user with their scores: computed once, all that students see of it.

import type { Interactions } from "../data/interactions.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { TeacherLists } from "../kinds/guidance.ts";
import { recommendAll } from "../recommender/recommend-all.ts";
import type { Recommender } from "../recommender/recommender.ts";

/** The `n` best items of each user that `train` does not hold. */
export async function teacherLists(
  kernels: Kernels,
  teacher: Recommender,
  train: Interactions,
  n: number,
  progress?: (done: number, total: number) => void,
): Promise<TeacherLists> {
  const users = Int32Array.from({ length: train.users }, (_, u) => u);
  const k = Math.min(n, train.items);
  const request = { users, histories: train, exclude: train, k, ...(progress && { progress }) };
  const { items, scores } = await recommendAll(kernels, teacher, request);
  return { n: k, items, scores };
}
