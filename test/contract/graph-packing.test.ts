// What every pass promises of a graph that it packs: the file is smaller by what is claimed, whatever encodes the numbers,
// or the graph stays as it was.

import { afterAll, describe, expect, test } from "vitest";
import { createRng } from "../../src/base/rng.ts";
import { buildGraph } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { float32 } from "../../src/graph/tensor.ts";
import { verify } from "../../src/graph/verify.ts";
import { all as layerPasses } from "../../src/layer-passes/index.ts";
import { openKernels } from "../../src/node/threads.ts";
import { encodeOnnx } from "../../src/onnx/encode.ts";
import { all as passes } from "../../src/passes/index.ts";
import { type PackedTable, packGraph, type Steps } from "../../src/pipeline/graphs/pack-graph.ts";
import { copyOf } from "../../src/pipeline/graphs/pack-tables.ts";
import { denseGraph, denseRows, layerContext } from "../dense-graphs.ts";

const kernels = await openKernels(1);
afterAll(() => kernels.close());

/** Rows of a table added up, by ids. */
function tableGraph(rows: number, cols: number): Graph {
  const b = buildGraph("table", 17);
  const rng = createRng("table");
  const table = float32(
    [rows, cols],
    Float32Array.from({ length: rows * cols }, () => rng.normal()),
  );
  const picked = b.node("Gather", [b.constant("table", table), b.input("ids", "int64", ["batch"])], { axis: 0 });
  b.node("Identity", [picked], {}, "y");
  b.output("y", "float32", ["batch", cols]);
  return b.graph;
}

async function packed(graph: Graph, steps: Steps) {
  const now = copyOf(graph);
  const { observe } = layerContext(graph.inputs[0]!.name === "x" ? denseRows(graph) : {}, kernels);
  const around = { kernels, observe, rowsGiven: true };
  const known = steps.tables.length > 0 ? [{ name: "table" }] : [];
  try {
    const { tables, layers } = await packGraph(now, known, steps, around);
    return { now, said: [...tables, ...layers] };
  } catch (error) {
    return { now, said: (error as Error).message };
  }
}

const claimed = (said: readonly PackedTable[]): number =>
  said.reduce((sum, { bytes, refused }) => (refused === undefined ? sum + bytes.before - bytes.after : sum), 0);

function expectTrue(graph: Graph, now: Graph, said: readonly PackedTable[] | string): void {
  verify(now);
  const shrunk = encodeOnnx(graph).length - encodeOnnx(now).length;
  if (typeof said === "string") {
    expect(said).toMatch(/became smaller|changes factors/);
    expect(encodeOnnx(now)).toEqual(encodeOnnx(graph));
  } else expect(Math.abs(shrunk - claimed(said))).toBeLessThanOrEqual(Math.max(16 * said.length, 0.02 * claimed(said)));
}

const [small, large] = [
  [24, 16],
  [3000, 32],
] as const;

describe.each(passes)("$name", (pass) => {
  const step = { pass, options: {} } as Steps["tables"][number];

  test.each([small, large])("a table of %i × %i makes the file smaller by what is claimed", async (rows, cols) => {
    const graph = tableGraph(rows, cols);
    const { now, said } = await packed(graph, { tables: [step], layers: [] });
    expectTrue(graph, now, said);
  });

  test.each([[[24, 16, 1]], [[256, 192, 64, 1]]])(
    "layers of %j make the file smaller by what is claimed",
    async (widths) => {
      const graph = denseGraph("gemm", widths);
      const { now, said } = await packed(graph, { tables: [], layers: [step] });
      expectTrue(graph, now, said);
    },
  );
});

describe.each(layerPasses)("$name", (pass) => {
  test.each([[[48, 40, 32, 1]], [[256, 192, 64, 1]]])(
    "layers of %j make the file smaller by what is claimed",
    async (widths) => {
      const graph = denseGraph("gemm", widths);
      const { now, said } = await packed(graph, { tables: [], layers: [{ pass, options: {} } as never] });
      expectTrue(graph, now, said);
    },
  );
});
