// Distils back what compression took from a factor model. Training moves latent numbers; every score is made with what
// the passes leave of them, and its gradient is taken for the latents' own (straight-through, arXiv 1308.3432):
//
//     w ← w + Δ,   Δ from an epoch of Adam that began at P(w)
//
// P, the passes, is applied once an epoch: any pass over single tables will do, and what ships is P(w).

import type { Rng } from "../base/rng.ts";
import { type Interactions, rowOf } from "../data/interactions.ts";
import { pullCandidates, scoreCandidates } from "../kernels/candidates.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { adamRows } from "../kernels/optimizers.ts";
import type { Guidance } from "../kinds/guidance.ts";
import { poolScale, type Recommender } from "../recommender/recommender.ts";
import { decodeTable } from "../tables/decode.ts";
import { f32Table } from "../tables/table.ts";
import { createGuide } from "./guide.ts";

/** Why the tables of a recommender cannot learn here; undefined where they can. */
export function cannotRecover({ query, tables, encoder }: Recommender): string | undefined {
  if (encoder) return "its users' vectors come from an encoder";
  if (query === "none" || !tables.item) return "it scores items without vectors";
  return tables.gain || tables.bias ? "its scores have a gain or a bias an item" : undefined;
}

export interface RecoverOptions {
  readonly learningRate: number;
  /** Users a step. */
  readonly batch: number;
}

/**
 * One epoch over the users by the guidance's terms over candidates, from `projected` (the passes' tables, decoded where
 * they are packed): what it adds to `latent`, whose tables have the same shapes and are dense.
 */
export async function recoverEpoch(
  kernels: Kernels,
  latent: Recommender,
  projected: Recommender,
  train: Interactions,
  guidance: Guidance,
  { learningRate, batch }: RecoverOptions,
  rng: Rng,
): Promise<Recommender> {
  const names = (["user", "history", "item"] as const).filter((name) => latent.tables[name]);
  const d = latent.tables.item!.cols;
  const count = names.map((name) => latent.tables[name]!.rows);
  const firstOf = (name: "user" | "history" | "item") =>
    count.slice(0, names.indexOf(name)).reduce((sum, rows) => sum + rows, 0);
  const n = count.reduce((sum, rows) => sum + rows, 0);
  const pooled = latent.query === "history";
  const scope = kernels.scope();
  try {
    // After the tables one row for the query of whoever is visited.
    const [rows, gradient, m, v] = [0, 1, 2, 3].map(() => scope.f32((n + 1) * d)) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    for (const name of names) rows.set(decodeTable(projected.tables[name]!), firstOf(name) * d);
    const before = rows.slice(0, n * d);
    const guide = createGuide(guidance, train, rng.fork("guide"));
    const most = guide.mostCandidates;
    const [ids, scores] = [scope.i32(most), scope.f32(most)];
    const [query, pull] = [rows, gradient].map((all) => all.subarray(n * d)) as [Float32Array, Float32Array];
    const inputs = firstOf(names.includes("history") ? "history" : "item");
    const order = Int32Array.from({ length: train.users }, (_, u) => u).filter((u) => rowOf(train, u).length > 0);
    rng.fork("order").shuffle(order);
    for (let from = 0, step = 1; from < order.length; from += batch, step++) {
      for (const user of order.subarray(from, from + batch)) visit(user);
      await adamRows(kernels, rows, m, v, null, gradient, d, { ...adam, learningRate, step });
      gradient.fill(0);
    }
    const tables = names.map((name) => {
      const table = latent.tables[name]!;
      const data = decodeTable(table).slice();
      const at = firstOf(name) * d;
      for (let i = 0; i < data.length; i++) data[i]! += rows[at + i]! - before[at + i]!;
      return [name, f32Table(table.rows, d, data)] as const;
    });
    return { ...latent, tables: Object.fromEntries(tables) };

    function visit(user: number): void {
      const history = pooled ? rowOf(train, user) : undefined;
      const scale = history ? poolScale(latent.pool, history.length) : 1;
      if (history) {
        query.fill(0);
        for (const h of history) for (let x = 0; x < d; x++) query[x]! += scale * rows[(inputs + h) * d + x]!;
      }
      const own = history ? n : firstOf("user") + user;
      const against = (items: Int32Array, size: number) => {
        const some = ids.subarray(0, size);
        some.set(items.subarray(0, size));
        return { table: rows, width: d, own, first: firstOf("item"), ids: some };
      };
      guide.visit(
        user,
        (items, size, out) => {
          scoreCandidates(kernels, against(items, size), scores);
          out.set(scores.subarray(0, size));
        },
        (items, size, slopes) => {
          scores.set(slopes.subarray(0, size));
          pullCandidates(kernels, against(items, size), scores, gradient);
        },
        1,
      );
      if (!history) return;
      for (const h of history) for (let x = 0; x < d; x++) gradient[(inputs + h) * d + x]! += scale * pull[x]!;
      pull.fill(0);
    }
  } finally {
    scope.free();
  }
}

const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0 };
