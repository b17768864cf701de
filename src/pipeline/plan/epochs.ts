// What an epoch costs, measured: a few epochs over some users, of which the quickest after the first counts.

import { createRng } from "../../base/rng.ts";
import type { Interactions } from "../../data/interactions.ts";
import type { Guidance, TeacherLists } from "../../kinds/guidance.ts";
import type { ModelMethod } from "../../kinds/model.ts";
import { canPickRows, pickRows } from "../../recommender/pick-rows.ts";
import type { Recommender } from "../../recommender/recommender.ts";
import type { Fit } from "../../report/plan.ts";
import type { Parts } from "../divide.ts";
import { registry } from "../registry.ts";
import { noStore } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import { teacherLists } from "../teacher-lists.ts";
import { teacherUsers } from "../teacher-users.ts";
import { firstOf, isModel, type Teacher } from "../teachers/teacher.ts";

/** Enough for a stable ratio; an epoch over them takes a fraction of a second. */
const mostInteractions = 30_000;
const topN = 100;
const epochs = 4;

export interface Sample {
  readonly train: Interactions;
  readonly teacher: Recommender | undefined;
  readonly lists: TeacherLists;
  readonly usersOf: TeacherLists;
}

/** The first users with interactions up to `mostInteractions`, at least one; all where the teacher's rows cannot be picked. */
export async function sampleOf(teacher: Teacher, parts: Parts, around: Surroundings): Promise<Sample> {
  const { train } = parts;
  let users = train.users;
  const dense = !isModel(teacher) || canPickRows(teacher.recommender);
  while (dense && users > 1 && train.indptr[users]! > mostInteractions) users--;
  const part: Interactions = {
    ...{ users, items: train.items },
    ...{
      indptr: train.indptr.slice(0, users + 1),
      indices: train.indices.slice(0, train.indptr[users]),
      values: train.values.slice(0, train.indptr[users]),
    },
  };
  const sampled = part.users < train.users ? ofFirst(teacher, part.users) : teacher;
  const [own, kept] = [
    { ...parts, train: part },
    { ...around, store: noStore },
  ];
  const lists = isModel(sampled)
    ? await teacherLists(sampled, own, topN, kept)
    : { key: sampled.key, value: firstOf(sampled.lists, topN) };
  const usersOf = await teacherUsers(sampled, lists, own, topN, kept);
  return {
    ...{ train: part, lists: lists.value, usersOf: usersOf.value },
    teacher: isModel(sampled) ? sampled.recommender : undefined,
  };
}

/** The teacher of the first users alone. */
function ofFirst(teacher: Teacher, users: number): Teacher {
  const first = (n: number) => Int32Array.from({ length: n }, (_, i) => i);
  if (isModel(teacher)) {
    const { recommender } = teacher;
    return { ...teacher, recommender: pickRows(recommender, first(recommender.items), first(users)) };
  }
  const { n, items, scores } = teacher.lists;
  return { ...teacher, lists: { n, items: items.slice(0, users * n), scores: scores.slice(0, users * n) } };
}

/** Seconds of an epoch without a teacher (undefined for a model that has no epochs), and with each loss that fits. */
export async function measureEpochs(
  model: ModelMethod,
  options: object,
  { train, teacher, lists, usersOf }: Sample,
  fits: readonly Fit[],
  around: Surroundings,
): Promise<{ base: number | undefined; of: ReadonlyMap<string, number> }> {
  const wanted = model.options.parse({ ...options, epochs });
  const seconds = async (label: string, guidance?: Guidance): Promise<number | undefined> => {
    const task = around.progress.start(`epoch ${label}`);
    let [before, quickest] = [0, Number.POSITIVE_INFINITY];
    await model.fit(train, wanted, {
      ...{ kernels: around.kernels, runtime: around.runtime, rng: createRng(0).fork(label) },
      ...(guidance && { guidance }),
      progress(done) {
        const now = around.clock();
        if (done > 1) quickest = Math.min(quickest, now - before);
        before = now;
      },
    });
    task.end();
    return Number.isFinite(quickest) ? quickest : undefined;
  };
  // The first run of all pays for what is compiled on the way.
  await seconds("to warm up");
  const base = await seconds("alone");
  const of = new Map<string, number>();
  for (const { loss: name, fits: can } of fits) {
    if (!can || base === undefined) continue;
    const loss = registry.find("loss", name, "plan");
    const terms = [{ loss, options: loss.options.parse({}), weight: 1 }];
    const taken = await seconds(name, { lists, usersOf, alpha: 0.5, terms, teacher });
    if (taken !== undefined) of.set(name, taken);
  }
  return { base, of };
}
