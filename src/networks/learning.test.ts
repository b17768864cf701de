// Every network learns: a few steps of the trainer on a task whose best loss is known.

import { afterAll, beforeAll, expect, test } from "vitest";
import { built, mixtures, randomFeeds, widths } from "../../test/network-runs.ts";
import { createRng } from "../base/rng.ts";
import { binaryCrossEntropy } from "../engine/objectives/pointwise.ts";
import { graphOptimizer } from "../engine/optimizers/optimizer.ts";
import { optimizerOptions } from "../engine/optimizers/options.ts";
import { createEmbeddingTable, type EmbeddingTable } from "../engine/tables/embedding-table.ts";
import { givenRows } from "../engine/tables/init.ts";
import { type TableMemories, tableMemories } from "../engine/tables/memories.ts";
import { createTrainer, type Feeds } from "../engine/training/trainer.ts";
import type { NetworkInputs, NetworkMethod } from "../kinds/network.ts";
import { onnxRuntime } from "../node/onnx-runtime.ts";
import { openKernels } from "../node/threads.ts";
import { all } from "./index.ts";

let memories: TableMemories;
beforeAll(() => {
  memories = tableMemories(() => openKernels(1));
});
afterAll(() => memories.close());

// logit = 2 s_item (1 + s_user) with s = ±1 by parity of ids 0 to 4 and 5 to 11: ±4 for three users, 0 for two. The loss
// is then at best .690 for a constant, .515 for one weight an id, .332 for the pair.
function draw(inputs: NetworkInputs, n: number, seed: string): Feeds {
  const rng = createRng(seed);
  const feeds = randomFeeds(inputs, n, rng);
  const ids = feeds["ids"]!.data as BigInt64Array;
  const sign = (id: bigint) => (id % 2n === 0n ? 1 : -1);
  const label = Float32Array.from({ length: n }, (_, row) => {
    const [user, item] = [sign(ids[row * inputs.fields]!), sign(ids[row * inputs.fields + 1]!)];
    return Number(rng.uniform() < 1 / (1 + Math.exp(-2 * item * (1 + user))));
  });
  return { ...feeds, label: { dtype: "float32", dims: [n], data: label } };
}

const crossEntropy = (logits: ArrayLike<number>, labels: ArrayLike<number>) =>
  Array.from(logits, (z, i) => Math.log1p(Math.exp(-Math.abs(z))) + Math.max(z, 0) - z * labels[i]!).reduce(
    (a, b) => a + b,
  ) / logits.length;

test.each(all.map(({ name }) => name))("%s", async (name) => {
  const network = all.find((n) => n.name === name) as unknown as NetworkMethod;
  const inputs = mixtures[name === "neumf" ? "user and item" : "everything"]!;
  const contexts = name === "finalmlp" ? { context1: ["user"], context2: ["item"] } : {};
  const model = built(network, { ...widths(network, 40), ...contexts }, inputs);
  const tables: Record<string, EmbeddingTable> = {};
  for (const table of model.tables) {
    const { dims, data } = model.graph.initializers.get(table)!;
    const [rows, width] = dims as [number, number];
    const init = givenRows(data as Float32Array);
    tables[table] = await createEmbeddingTable({ memories, rows, width, optimizer: { use: "adam" }, init });
  }
  const trainer = createTrainer({
    model,
    tables,
    optimizer: graphOptimizer(optimizerOptions.parse({ use: "adam" })),
    accumulate: 1,
    runtime: onnxRuntime({ threads: 1 }),
    objective: (g, { logits }) => binaryCrossEntropy(g, logits!, g.input("label", "float32", ["batch"])),
    learningRate: () => 0.02,
    rng: createRng("training"),
  });
  try {
    for (let step = 0; step < 80; step++) await trainer.step(draw(inputs, 256, `step ${step}`));
    const held = draw(inputs, 4096, "held out");
    const { logits } = await trainer.predict(held);
    const loss = crossEntropy(logits!.data as Float32Array, held["label"]!.data as Float32Array);
    expect(loss).toBeLessThan(name === "lr" ? 0.57 : 0.43);
  } finally {
    await trainer.close();
    for (const table of Object.values(tables)) table.free();
  }
});
