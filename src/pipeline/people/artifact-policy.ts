// An artifact as a policy: what it would have shown to those who were asked in a log.

import { type Asked, openAskers } from "../../artifact/answers.ts";
import type { ImpressionLog } from "../../evidence/off-policy/log.ts";
import type { Policy, Shown } from "../../evidence/off-policy/policy.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { openScorer } from "../../recommender/scorer.ts";

export interface PolicyChoice {
  /**
   * Its list: at place p the p-th best item; `slots` items with equal chances in a log without places. Or a softmax of
   * scores / temperature over all items.
   */
  readonly shows: { readonly slots: number } | { readonly temperature: number };
  /** Whether only items are candidates that the log shows somewhere. */
  readonly amongLogged: boolean;
}

/** Opens the artifact for the contexts of `log`; what a user has is never shown again, as in serving. */
export function artifactPolicy(
  artifact: Asked,
  kernels: Kernels,
  log: ImpressionLog,
  { shows, amongLogged }: PolicyChoice,
): Policy & { free(): void } {
  const { itemIds } = artifact;
  const scorer = openScorer(kernels, artifact.recommender);
  const { resolve } = openAskers(artifact);
  const askers = log.contexts.map((context) => {
    const who = resolve(context, new Set());
    return "refused" in who ? undefined : who;
  });
  const codes = new Map(log.items.map((id, action) => [id, action]));
  const actionOf = Int32Array.from(itemIds, (id) => codes.get(id) ?? -1);
  const barred = amongLogged
    ? Int32Array.from(itemIds.keys()).filter((item) => actionOf[item]! < 0)
    : new Int32Array(0);
  const excluded = (seen: Int32Array) => {
    const all = new Int32Array(seen.length + barred.length);
    all.set(seen);
    all.set(barred, seen.length);
    return all;
  };
  const list = (context: number, k: number): Int32Array => {
    const { query, seen } = askers[context]!;
    return scorer.recommend(query, k, excluded(seen)).items.map((item) => actionOf[item]!);
  };
  const even = (actions: Int32Array): Shown => ({
    actions,
    probability: new Float64Array(actions.length).fill(1 / actions.length),
  });
  let asked = -1;
  let places: Int32Array = new Int32Array(0);
  return {
    answers: (context) => askers[context] !== undefined,
    show(context, position) {
      if ("temperature" in shows) {
        const { query, seen } = askers[context]!;
        return softmax(scorer.score(query), excluded(seen), shows.temperature, actionOf);
      }
      if (!log.placed) return even(list(context, shows.slots));
      if (asked !== context) {
        places = list(context, log.positions);
        asked = context;
      }
      return even(places.slice(position, position + 1));
    },
    free: () => scorer.free(),
  };
}

/** p(item) ∝ exp(score / temperature) over the items that are not excluded. */
function softmax(scores: Float32Array, excluded: Int32Array, temperature: number, actionOf: Int32Array): Shown {
  const allowed = new Uint8Array(scores.length).fill(1);
  for (const item of excluded) allowed[item] = 0;
  const items = Int32Array.from(scores.keys()).filter((item) => allowed[item] === 1);
  const best = items.reduce((most, item) => Math.max(most, scores[item]!), Number.NEGATIVE_INFINITY);
  const weight = Float64Array.from(items, (item) => Math.exp((scores[item]! - best) / temperature));
  const total = weight.reduce((sum, w) => sum + w, 0);
  return { actions: items.map((item) => actionOf[item]!), probability: weight.map((w) => w / total) };
}
