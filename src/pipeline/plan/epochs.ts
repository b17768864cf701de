// What an epoch costs, measured: a few epochs over some users, of which the quickest after the first counts.

import { createRng } from "../../base/rng.ts";
import type { Interactions } from "../../data/interactions.ts";
import type { Guidance, TeacherLists } from "../../kinds/guidance.ts";
import type { ModelMethod } from "../../kinds/model.ts";
import { canPickRows, pickRows } from "../../recommender/pick-rows.ts";
import type { Recommender } from "../../recommender/recommender.ts";
import type { Parts } from "../divide.ts";
import { registry } from "../registry.ts";
import { noStore } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import { teacherLists } from "../teacher-lists.ts";
import { firstOf, isModel, type Teacher } from "../teachers/teacher.ts";
import type { Fit } from "./fits.ts";

/** Enough for a stable ratio; an epoch over them takes a fraction of a second. */
const mostInteractions = 30_000;
const topN = 100;
const epochs = 4;

export interface Sample {
  readonly train: Interactions;
  readonly teacher: Recommender | undefined;
  readonly lists: TeacherLists;
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
  if (!isModel(teacher)) {
    const { n, items, scores } = firstOf(teacher.lists, topN);
    return {
      train: part,
      teacher: undefined,
      lists: { n, items: items.slice(0, users * n), scores: scores.slice(0, users * n) },
    };
  }
  const all = {
    items: Int32Array.from({ length: train.items }, (_, i) => i),
    users: Int32Array.from({ length: users }, (_, u) => u),
  };
  const recommender = users < train.users ? pickRows(teacher.recommender, all.items, all.users) : teacher.recommender;
  const source = { key: teacher.key, recommender };
  const lists = await teacherLists(source, { train: part, hash: parts.hash }, topN, { ...around, store: noStore });
  return { train: part, teacher: recommender, lists: lists.value };
}

/** Seconds of an epoch without a teacher (undefined for a model that has no epochs), and with each loss that fits. */
export async function measureEpochs(
  model: ModelMethod,
  options: object,
  { train, teacher, lists }: Sample,
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
    const taken = await seconds(name, { lists, alpha: 0.5, terms, teacher });
    if (taken !== undefined) of.set(name, taken);
  }
  return { base, of };
}
