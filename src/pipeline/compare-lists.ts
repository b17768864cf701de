// What two measured recommenders are to each other, user by user: fidelity of lists and scores, and the drop of a metric.

import { bufferOf } from "../base/bytes.ts";
import { bug } from "../base/errors.ts";
import { driftOf, driftRows, standardScores } from "../evidence/fidelity/drift.ts";
import { type Fidelity, type FidelityValues, listFidelity, summarise } from "../evidence/fidelity/fidelity.ts";
import { type PerUserMetric, perUserValues } from "../evidence/per-user.ts";
import type { Recommender } from "../recommender/recommender.ts";
import type { Bench } from "./bench.ts";
import type { Parts } from "./divide.ts";
import type { EvaluateOptions } from "./evaluate-options.ts";
import type { Measured, Reference } from "./measure.ts";
import { runStage } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";

export interface Nearness {
  readonly fidelity: Fidelity;
  /** One value a user that was judged. */
  readonly values: FidelityValues;
}

const version = 1;

/** A comparer with `teacher`, whose scores are found once, and only if they are needed; without a model, nothing drifts. */
export function nearnessTo(
  teacher: Reference,
  { judgement, catalogue, metrics, slices, candidates }: Bench,
  parts: Parts,
  { part, ks }: Pick<EvaluateOptions, "part" | "ks">,
  around: Surroundings,
): (other: Measured) => Promise<Nearness> {
  const { lists } = teacher;
  const rows = driftRows(lists);
  const scores = (of: Recommender) => standardScores(around.kernels, of, judgement.seen, lists, rows);
  let teachers: Float64Array | undefined;
  const [main, k] = mainOf(metrics, ks);
  const mainValues = (of: Reference) =>
    main ? perUserValues(of.lists, judgement, catalogue, main, k) : new Float64Array(lists.users.length);
  return async (other) => {
    if (other.lists.users.length !== lists.users.length) bug("two models were judged on different users");
    const values = listFidelity(lists, other.lists, ks);
    for (const [name, moved] of await driftsOf(other)) values.set(name, moved);
    const lost = { teacher: mainValues(teacher), other: mainValues(other) };
    const summary = summarise(values, lists, slices, lost, `overlap@${k}`, parts.userIds);
    return { values, fidelity: { against: teacher.name, ...summary } };
  };

  async function driftsOf(other: Measured): Promise<[string, Float64Array][]> {
    const { recommender } = teacher;
    if (!recommender) return [];
    const { value: drift } = await runStage<Float64Array>(
      {
        ...{ stage: "drift", version, label: `fidelity ${other.name}`, options: { part, ks } },
        inputs: [teacher.key, other.key, parts.hash, ...(candidates ? [candidates.fingerprint] : [])],
        encode: (found) => ({ "drift.bin": new Uint8Array(found.buffer) }),
        decode: (files) => new Float64Array(bufferOf(files["drift.bin"]!)),
        async compute() {
          teachers ??= scores(recommender);
          const [theirs, own] = [teachers, scores(other.recommender)];
          return Float64Array.from(ks.flatMap((cut) => [...driftOf(theirs, own, lists.k, cut)]));
        },
      },
      around,
    );
    return ks.map((cut, c) => {
      const all = new Float64Array(lists.users.length).fill(Number.NaN);
      for (const [i, row] of rows.entries()) all[row] = drift[c * rows.length + i]!;
      return [`drift@${cut}`, all];
    });
  }
}

/** The metric that the report argues with, too: NDCG@20, another NDCG, or the first that users have values of. */
function mainOf(metrics: Bench["metrics"], ks: readonly number[]): readonly [PerUserMetric | undefined, number] {
  const perUser = metrics.filter((metric): metric is PerUserMetric => metric.perUser !== undefined);
  return [perUser.find(({ name }) => name === "ndcg") ?? perUser[0], ks.includes(20) ? 20 : ks[0]!];
}
