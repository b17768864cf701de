// Distils back what compression took from a factor model. Training moves latent numbers; every score is made with what
// the passes leave of them, and its gradient is taken for the latents' own (straight-through, arXiv 1308.3432):
//
//     w ← w + Δ,   Δ from an epoch of Adam that began at P(w)
//
// P, the passes, is applied once an epoch: any pass over single tables will do, and what ships is P(w).

import type { Rng } from "../base/rng.ts";
import { type Interactions, rowOf } from "../data/interactions.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Guidance } from "../kinds/guidance.ts";
import { poolScale, type Recommender } from "../recommender/recommender.ts";
import { decodeTable } from "../tables/decode.ts";
import { f32Table } from "../tables/table.ts";
import { createFactorTable } from "./distil/factor-table.ts";
import { createGuide } from "./guide.ts";
import { guideRows } from "./guided-rows.ts";
import { poolRow, unpoolRow } from "./pooled-row.ts";

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
    const table = createFactorTable(kernels, scope, [{ rows: n + 1 }], d);
    await table.start((rows) => {
      for (const name of names) rows.set(decodeTable(projected.tables[name]!), firstOf(name) * d);
    });
    const before = table.rows.slice(0, n * d);
    const guide = createGuide(guidance, train, rng.fork("guide"));
    const visited = guideRows(kernels, scope, guide, { ...table, width: d });
    const query = { width: d, d, first: firstOf(names.includes("history") ? "history" : "item"), own: n };
    const order = Int32Array.from({ length: train.users }, (_, u) => u).filter((u) => rowOf(train, u).length > 0);
    rng.fork("order").shuffle(order);
    for (let from = 0; from < order.length; from += batch) {
      for (const user of order.subarray(from, from + batch)) visit(user);
      await table.step(learningRate, 0);
    }
    const tables = names.map((name) => {
      const own = latent.tables[name]!;
      const data = decodeTable(own).slice();
      const at = firstOf(name) * d;
      for (let i = 0; i < data.length; i++) data[i]! += table.rows[at + i]! - before[at + i]!;
      return [name, f32Table(own.rows, d, data)] as const;
    });
    return { ...latent, tables: Object.fromEntries(tables) };

    function visit(user: number): void {
      const first = firstOf("item");
      if (!pooled) {
        visited(user, { own: firstOf("user") + user, first });
        return;
      }
      const history = rowOf(train, user);
      const scale = poolScale(latent.pool, history.length);
      poolRow(table.rows, history, scale, query);
      visited(user, { own: n, first });
      unpoolRow(table.gradient, history, scale, query);
    }
  } finally {
    scope.free();
  }
}
