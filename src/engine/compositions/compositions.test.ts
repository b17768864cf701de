// Each composition against its formula in plain numbers, its size against the ratio, and whether it learns.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answers } from "../../../test/network-runs.ts";
import { createRng } from "../../base/rng.ts";
import { buildGraph } from "../../graph/builder.ts";
import type { Graph } from "../../graph/graph.ts";
import { opsOn } from "../../graph/ops.ts";
import type { RunTensor } from "../../graph/runtime.ts";
import { elements } from "../../graph/tensor.ts";
import { typedBuilder } from "../../graph/typed-builder.ts";
import type { NetworkInputs } from "../../kinds/network.ts";
import lr from "../../networks/lr.ts";
import { onnxRuntime } from "../../node/onnx-runtime.ts";
import { openKernels } from "../../node/threads.ts";
import { normal } from "../layers/init.ts";
import { networkGraph, opset } from "../network-graph.ts";
import { binaryCrossEntropy } from "../objectives/pointwise.ts";
import { graphOptimizer } from "../optimizers/optimizer.ts";
import { optimizerOptions } from "../optimizers/options.ts";
import { type TableMemories, tableMemories } from "../tables/memories.ts";
import { openTables } from "../training/open-tables.ts";
import { createTrainer } from "../training/trainer.ts";
import { multipliers } from "./composition.ts";
import { compositions, type EmbeddingsOption, embeddingRows, embeddingsOption } from "./index.ts";
import { widthsOf } from "./tensor-train.ts";

const [rows, d, fields, ratio] = [3000, 16, 3, 10];
const option = (use: string): EmbeddingsOption => embeddingsOption.parse({ use, ratio });

/** ids → rows, and what it learns by name. */
function composed(use: string): {
  graph: Graph;
  learns: Map<string, Float32Array>;
  dims(name: string): readonly number[];
} {
  const graph = buildGraph(use, opset).graph;
  const g = opsOn(typedBuilder(graph, { batch: 5 }));
  const rng = createRng(use);
  const learns = new Map<string, Float32Array>();
  const keep = (name: string, dims: readonly number[], init: ReturnType<typeof normal>) => {
    const data = init(rng.fork(name), dims);
    learns.set(name, data);
    return g.float(name, dims, data);
  };
  const parts = {
    ...{ g, weight: keep },
    table: (name: string, n: number, width: number, init: ReturnType<typeof normal>) => keep(name, [n, width], init),
  };
  const ids = g.input("ids", "int64", ["batch", fields]);
  g.output(embeddingRows(parts, { name: "t", rows, d, init: normal(0.01) }, ids, option(use)), "rows", [
    "batch",
    fields,
    d,
  ]);
  return { graph, learns, dims: (name) => graph.initializers.get(name)!.dims };
}

const hash = (id: number, size: number, which: number) => {
  const [a, b] = multipliers(which);
  return Number(((BigInt(a) * BigInt(id) + BigInt(b)) % BigInt(2 ** 31 - 1)) % BigInt(size));
};
type Read = (name: string, row: number) => number[];
const formulas: Record<string, (id: number, read: Read, size: (name: string) => number) => number[]> = {
  hash: (id, read, size) => read("t", hash(id, size("t"), 0)),
  "double-hash": (id, read, size) => {
    const [one, other] = [0, 1].map((which) => read("t", hash(id, size("t"), which))) as [number[], number[]];
    return one.map((x, i) => x + other[i]!);
  },
  "quotient-remainder": (id, read, size) => {
    const m = size("t.remainder");
    const quotient = read("t.quotient", Math.floor(id / m));
    return read("t.remainder", id % m).map((x, i) => x * quotient[i]!);
  },
  robe: (id, read, size) => [0, 1].flatMap((piece) => read("t", hash(2 * id + piece, size("t"), 0))),
  "tensor-train": (id, read, size) => {
    const [n2, n3] = [size("t.core2"), size("t.core3")];
    const [a, b, c] = widthsOf(d);
    const cores = [Math.floor(id / (n2 * n3)), Math.floor(id / n3) % n2, id % n3].map((digit, k) =>
      read(`t.core${k + 1}`, digit),
    );
    const rank = cores[0]!.length / a;
    const row: number[] = [];
    for (let i = 0; i < a; i++)
      for (let j = 0; j < b; j++)
        for (let k = 0; k < c; k++) {
          let sum = 0;
          for (let r = 0; r < rank; r++)
            for (let s = 0; s < rank; s++)
              sum += cores[0]![i * rank + r]! * cores[1]![(r * b + j) * rank + s]! * cores[2]![s * c + k]!;
          row.push(sum);
        }
    return row;
  },
  "deep-hash": (id, read, size) => {
    const x = Array.from({ length: size("t.hidden") }, (_, k) => (2 * hash(id, 2 ** 20, k)) / (2 ** 20 - 1) - 1);
    const bias = read("t.hidden.bias", 0);
    const hidden = bias.map((b, h) =>
      Math.max(
        0,
        x.reduce((sum, value, k) => sum + value * read("t.hidden", k)[h]!, b),
      ),
    );
    return read("t.out.bias", 0).map((b, i) => hidden.reduce((sum, value, h) => sum + value * read("t.out", h)[i]!, b));
  },
};

test("every composition has a formula here", () => {
  expect(Object.keys(formulas)).toEqual(compositions.map(({ name }) => name));
  expect(compositions.map(({ name }) => name)).toEqual(embeddingsOption.shape.use.options);
});

describe.each(compositions)("$name", ({ name }) => {
  const made = composed(name);
  const ids = Array.from({ length: 100 * fields }, (_, i) => (i * rows) / (100 * fields));
  const feed: RunTensor = { dtype: "int64", dims: [100, fields], data: BigInt64Array.from(ids, BigInt) };

  test("is its formula", async () => {
    const [{ rows: found } = {}] = await answers(made.graph, { ids: feed });
    expect(found!.dims).toEqual([100, fields, d]);
    const widthOf = (of: string) => made.dims(of).at(-1)!;
    const read: Read = (of, row) => Array.from(made.learns.get(of)!.slice(row * widthOf(of), (row + 1) * widthOf(of)));
    ids.forEach((id, at) => {
      const expected = formulas[name]!(id, read, (of) => made.dims(of)[0]!);
      const row = Array.from((found!.data as Float32Array).slice(at * d, (at + 1) * d));
      for (let x = 0; x < d; x++) expect(Math.abs(row[x]! - expected[x]!)).toBeLessThan(1e-6);
    });
  });

  test("holds a ratio-th of the numbers, and starts like rows of their own", async () => {
    const numbers = [...made.learns.keys()].reduce((sum, of) => sum + elements(made.dims(of)), 0);
    expect(numbers).toBeLessThanOrEqual((rows * d) / ratio);
    expect(numbers).toBeGreaterThan((0.7 * rows * d) / ratio);
    const [{ rows: found } = {}] = await answers(made.graph, { ids: feed });
    const data = found!.data as Float32Array;
    const deviation = Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length);
    expect(deviation).toBeGreaterThan(0.004);
    expect(deviation).toBeLessThan(name === "deep-hash" ? 0.1 : 0.025);
  });
});

let memories: TableMemories;
beforeAll(() => {
  memories = tableMemories(() => openKernels(1));
});
afterAll(() => memories.close());

// Ids below half of the rows click. A constant's loss is ln 2 = .693.
test.each(compositions)("$name learns", async ({ name }) => {
  const inputs: NetworkInputs = { fields: 1, rows: 2000, numeric: 0, bags: [], dense: [] };
  const model = networkGraph(lr, lr.options.parse({}), inputs, createRng(1), { ...option(name), ratio: 4 });
  const tables = await openTables(model, memories, { use: "adam" });
  const trainer = createTrainer({
    ...{ model, tables, accumulate: 1, runtime: onnxRuntime({ threads: 1 }), rng: createRng("training") },
    optimizer: graphOptimizer(optimizerOptions.parse({ use: "adam" })),
    objective: (g, { logits }) => binaryCrossEntropy(g, logits!, g.input("label", "float32", ["batch"])),
    learningRate: () => 0.05,
  });
  try {
    const rng = createRng("clicks");
    let last = 1;
    for (let step = 0; step < 60; step++) {
      const id = Array.from({ length: 512 }, () => rng.below(2000));
      last = await trainer.step({
        ids: { dtype: "int64", dims: [512, 1], data: BigInt64Array.from(id, BigInt) },
        label: { dtype: "float32", dims: [512], data: Float32Array.from(id, (i) => Number(i < 1000)) },
      });
    }
    expect(last).toBeLessThan(0.62);
  } finally {
    await trainer.close();
    for (const table of Object.values(tables)) table.free();
  }
});

test("a small table stays as it is", () => {
  const inputs: NetworkInputs = { fields: 1, rows: 20, numeric: 0, bags: [], dense: [] };
  const built = (embeddings?: EmbeddingsOption) =>
    networkGraph(lr, lr.options.parse({}), inputs, createRng(1), embeddings);
  expect(built(option("hash")).graph.nodes).toEqual(built().graph.nodes);
});
