// What every loss over embeddings promises: its gradient leads a student to the teacher, entities count once however
// often a batch holds them, and the same seed gives the same numbers.

import { describe, expect, test } from "vitest";
import { createRng } from "../../src/base/rng.ts";
import { openEmbeddingTerms } from "../../src/engine/distil/embedding-terms.ts";
import { createFactorTable } from "../../src/engine/distil/factor-table.ts";
import { openSharedKernels } from "../../src/kernels/open-shared.ts";
import type { EmbeddingLoss } from "../../src/kinds/embedding-loss.ts";
import type { LossMethod } from "../../src/kinds/loss.ts";
import { all } from "../../src/losses/index.ts";
import { onnxRuntime } from "../../src/node/onnx-runtime.ts";
import { fromRows } from "../boards.ts";

const losses = (all as unknown as readonly LossMethod[]).filter(
  (loss): loss is EmbeddingLoss => loss.sees === "embeddings",
);
const [users, items, d, width] = [30, 40, 4, 9];
const random = (n: number, seed: string) => {
  const rng = createRng(seed);
  return Float32Array.from({ length: n }, () => rng.normal());
};
const teacher = { width, user: random(users * width, "users"), item: random(items * width, "items") };

const train = (() => {
  const draws = createRng("interactions");
  const taken = () => Array.from({ length: items }, (_, i) => i).filter(() => draws.uniform() < 0.2);
  return fromRows(Array.from({ length: users }, taken), items);
})();

async function open(loss: EmbeddingLoss, sizes = { user: 30, item: 40 }) {
  const kernels = await openSharedKernels();
  const scope = kernels.scope();
  const table = createFactorTable(kernels, scope, [{ rows: users + items }], d);
  table.rows.set(random(table.rows.length, "student"));
  const terms = openEmbeddingTerms(
    [{ loss, options: loss.options.parse(sparing.has(loss.name) ? { every: 1 } : {}), weight: 1 }],
    ...([teacher, table, sizes] as const),
    { train, kernels, scope, runtime: onnxRuntime({ threads: 1 }), rng: createRng(1), learningRate: 0.01, decay: 0 },
  );
  const batch = (user: readonly number[], item: readonly number[]) => ({
    user: Int32Array.from(user),
    item: Int32Array.from(item, (i) => users + i),
  });
  return { table, terms, batch };
}

/** Losses that leave batches out unless told. */
const sparing = new Set(["de", "htd"]);

/** The share of the first value that 150 steps take off at least; what a view of 4 numbers cannot say of 9 remains. */
const gained: Readonly<Record<string, number>> = {
  de: 0.25,
  fitnet: 0.2,
  freqd: 0.2,
  ftd: 0.3,
  htd: 0.3,
  phr: 0.3,
  rkd: 0.3,
};

/** Losses that hold a part of the student still, which differences would move. */
const held = new Set(["htd"]);
const table0 = random((users + items) * d, "student");

const everyone = [Array.from({ length: users }, (_, u) => u), Array.from({ length: items }, (_, i) => i)] as const;

describe.each(losses)("$name", (loss) => {
  test("steps along its gradient bring the student nearer, to the same bits each time", async () => {
    const learn = async () => {
      const { table, terms, batch } = await open(loss);
      const values: number[] = [];
      for (let step = 0; step < 150; step++) {
        values.push(await terms.step(batch(...everyone), 1, 0.5));
        await table.step(0.02, 0);
      }
      await terms.close();
      return { values, rows: table.rows.slice() };
    };
    const { values, rows } = await learn();
    expect(Math.max(...values.slice(-10))).toBeLessThan(values[0]! - gained[loss.name]! * Math.abs(values[0]!));
    expect((await learn()).rows).toEqual(rows);
  });

  test("its gradient is the one that finite differences find", async () => {
    if (held.has(loss.name)) return;
    const way = random(table0.length, "way");
    const at = async (step: number) => {
      const { table, terms, batch } = await open(loss);
      for (let x = 0; x < table0.length; x++) table.rows[x] = table0[x]! + step * way[x]!;
      const value = await terms.step(batch(...everyone), 1, 0.5);
      await terms.close();
      return { value, slope: table.gradient.reduce((sum, slope, x) => sum + slope * way[x]!, 0) };
    };
    const [up, down, { slope }] = [await at(1e-3), await at(-1e-3), await at(0)];
    const found = (up.value - down.value) / 2e-3;
    expect(Math.abs(found - slope)).toBeLessThan(0.02 * (1 + Math.abs(slope)));
  });

  test("repeats and room that a batch does not fill change nothing", async () => {
    const first = async (user: number[], item: number[], sizes: { user: number; item: number }) => {
      const { table, terms, batch } = await open(loss, sizes);
      await terms.step(batch(user, item), 1, 0.5);
      await terms.close();
      return table.gradient.slice();
    };
    const plain = await first([3, 4], [5, 6, 7], { user: 4, item: 6 });
    const repeated = await first([3, 4, 3], [5, 6, 7, 7, 5], { user: 4, item: 6 });
    plain.forEach((slope, i) => {
      expect(repeated[i]).toBeCloseTo(slope, 4);
    });
    expect(plain.some((slope) => slope !== 0)).toBe(true);
  });
});
