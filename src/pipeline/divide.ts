// split: divides the events into three disjoint parts and refuses parts in which nothing could be learnt or measured.

import { UserError } from "../base/errors.ts";
import { createRng } from "../base/rng.ts";
import { sha256 } from "../base/sha256.ts";
import { partHash } from "../data/fingerprint.ts";
import { type Events, type Interactions, type Split, toInteractions } from "../data/interactions.ts";
import type { Dataset } from "../kinds/dataset.ts";
import type { Data } from "./read-data.ts";
import type { Recipe } from "./recipe.ts";
import { registry } from "./registry.ts";
import type { Surroundings } from "./surroundings.ts";

export interface Parts extends Split, Pick<Dataset, "userFeatures" | "itemFeatures"> {
  /** Names data and division: equal hashes mean equal parts. */
  readonly hash: string;
}

/** The recipe's parts of `data`; a pair that was already in an earlier part is left out of the later one. */
export function divide(
  data: Data,
  recipe: Pick<Recipe, "split" | "seed" | "evaluate">,
  { progress }: Surroundings,
): Parts {
  const { use, ...options } = recipe.split;
  const method = registry.find("split", use, "split");
  if (method.needsTime && !data.events.time) {
    throw new UserError(
      `split (${use}) needs the time of every event; dataset ${data.name} has none. Use split random.`,
    );
  }
  const task = progress.start(`split ${use}`);
  const part = method.split(data, options, createRng(recipe.seed).fork("split"));
  const parts = partsOf(data.events, part, sha256(`${data.fingerprint}/${partHash(part)}`));
  for (const name of ["train", recipe.evaluate.part] as const) {
    if (parts[name].indices.length === 0) {
      throw new UserError(`split (${use}): the ${name} part is empty; change the split's options or clean less.`);
    }
  }
  task.end();
  const { userFeatures, itemFeatures } = data;
  return { ...parts, ...(userFeatures && { userFeatures }), ...(itemFeatures && { itemFeatures }) };
}

function partsOf(events: Events, part: Uint8Array, hash: string): Parts {
  const [train, validation, test] = [0, 1, 2].map((p) => toInteractions(events, (e) => part[e] === p)) as [
    Interactions,
    Interactions,
    Interactions,
  ];
  const later = without(validation, train);
  return {
    userIds: events.users,
    itemIds: events.items,
    train,
    validation: later,
    test: without(without(test, train), later),
    hash,
  };
}

/** The pairs of `a` that `b` does not hold. */
function without(a: Interactions, b: Interactions): Interactions {
  const indptr = new Int32Array(a.users + 1);
  const kept: number[] = [];
  for (let u = 0; u < a.users; u++) {
    let at = b.indptr[u]!;
    for (let e = a.indptr[u]!; e < a.indptr[u + 1]!; e++) {
      while (at < b.indptr[u + 1]! && b.indices[at]! < a.indices[e]!) at++;
      if (at === b.indptr[u + 1]! || b.indices[at] !== a.indices[e]) kept.push(e);
    }
    indptr[u + 1] = kept.length;
  }
  if (kept.length === a.indices.length) return a;
  return {
    ...a,
    indptr,
    indices: Int32Array.from(kept, (e) => a.indices[e]!),
    values: Float32Array.from(kept, (e) => a.values[e]!),
    ...(a.times && { times: Float64Array.from(kept, (e) => a.times![e]!) }),
  };
}
