// A model's best unobserved items of every user with their scores: computed once, in shards, all that students see of it.

import type { Interactions } from "../data/interactions.ts";
import type { TeacherLists } from "../kinds/guidance.ts";
import { recommendAll } from "../recommender/recommend-all.ts";
import type { Candidate } from "./fit.ts";
import type { Keyed } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";
import { inShards } from "./teachers/shards.ts";

const version = 2;
const usersPerShard = 2 ** 16;

/** The `n` best items of each user that `train` does not hold; `parts` name its users and items. */
export async function teacherLists(
  { key, recommender }: Pick<Candidate, "key" | "recommender">,
  { train, hash }: { readonly train: Interactions; readonly hash: string },
  n: number,
  around: Pick<Surroundings, "store" | "progress" | "kernels">,
  label = "teacher's",
): Promise<Keyed<TeacherLists>> {
  const k = Math.min(n, train.items);
  const made = await inShards(
    {
      ...{ stage: "lists", version, label: `${label} top ${k}`, options: {}, inputs: [key, hash] },
      ...{ users: train.users, n: k, size: usersPerShard },
      async shard(from, to, progress) {
        const users = Int32Array.from({ length: to - from }, (_, u) => from + u);
        const request = { users, histories: train, exclude: train, k, progress };
        const { items, scores } = await recommendAll(around.kernels, recommender, request);
        return { items, scores, note: null };
      },
    },
    around,
  );
  return { key: made.key, value: made.value.lists };
}
