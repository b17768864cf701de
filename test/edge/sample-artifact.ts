// A small sealed artifact of a seeded model, for tests of what opens and serves one.

import { type Artifact, openArtifact } from "../../src/artifact/open.ts";
import { type Parts, sealArtifact } from "../../src/artifact/seal.ts";
import { createRng } from "../../src/base/rng.ts";
import { float32, int64 } from "../../src/graph/tensor.ts";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { packedRowBytes, quantizeInt8Rows, quantizeIntNRows } from "../../src/kernels/quantize.ts";
import type { Encoder } from "../../src/recommender/encoder/encoder.ts";
import type { Recommender } from "../../src/recommender/recommender.ts";
import { f32Table, type Table } from "../../src/tables/table.ts";

export const encodings = ["f32", "int8-row", "int4-row"] as const;
export type Encoding = (typeof encodings)[number];

const [USERS, ITEMS, DIMS] = [30, 400, 24];
export const itemId = (index: number): string => `film ${index} ☂`;
export const userId = (index: number): string => `user-${index}`;

function encode(kernels: Kernels, encoding: Encoding, rows: number, cols: number, data: Float32Array): Table {
  if (encoding === "f32") return f32Table(rows, cols, data);
  const scope = kernels.scope();
  try {
    const bits = encoding === "int8-row" ? 8 : 4;
    const out = scope.u8(rows * packedRowBytes(cols, bits));
    if (bits === 8) quantizeInt8Rows(kernels, scope.copy(data), rows, cols, out);
    else quantizeIntNRows(kernels, scope.copy(data), rows, cols, bits, out);
    return { encoding, rows, cols, tensors: { data: new Uint8Array(out) } };
  } finally {
    scope.free();
  }
}

/** The last of a history's rows and the tanh of their sum through one layer: enough for the order to count. */
export function sampleEncoder(d: number, length: number): Encoder {
  const rng = createRng("sample encoder");
  const node = (op: string, inputs: string[], outputs: string[], attributes = {}) => ({
    ...{ op, inputs, outputs, attributes },
  });
  return {
    ...{ length, width: d, d },
    nodes: [
      node("ReduceSum", ["rows", "places"], ["sum"], { keepdims: 0 }),
      node("Tanh", ["sum"], ["short"]),
      node("Gather", ["rows", "last"], ["latest"], { axis: 1 }),
      node("Add", ["short", "latest"], ["both"]),
      node("MatMul", ["both", "w"], ["query"]),
    ],
    weights: {
      places: int64(1),
      last: { dtype: "int64", dims: [], data: BigInt64Array.of(-1n) },
      w: float32(
        [d, d],
        Float32Array.from({ length: d * d }, () => rng.normal()),
      ),
    },
  };
}

/** The files of an artifact that answers by `query` (with an encoder on demand), its tables in `encoding`. */
export function sampleFiles(
  kernels: Kernels,
  query: Recommender["query"],
  encoding: Encoding,
  leaveOut: readonly ("histories" | "bias")[] = [],
  encoder?: Encoder,
): Map<string, Uint8Array> {
  const rng = createRng(`sample artifact ${query}`);
  const normal = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
  const table = (rows: number, cols: number) => encode(kernels, encoding, rows, cols, normal(rows * cols));
  const bias = f32Table(1, ITEMS, normal(ITEMS));
  const tables = {
    ...(query === "user" && { user: table(USERS, DIMS) }),
    ...(query === "history" && { history: table(ITEMS, DIMS) }),
    ...(query !== "none" && { item: table(ITEMS, DIMS) }),
    ...((query === "none" || !leaveOut.includes("bias")) && { bias }),
  };
  const rows = Array.from({ length: USERS }, (_, u) =>
    [...new Set(Array.from({ length: 3 + (u % 9) }, () => rng.below(ITEMS)))].sort((a, b) => a - b),
  );
  rows[0] = [];
  const indptr = new Int32Array(USERS + 1);
  for (const [u, row] of rows.entries()) indptr[u + 1] = indptr[u]! + row.length;
  const parts: Parts = {
    recommender: { query, pool: "sqrt", items: ITEMS, tables, ...(encoder && { encoder }) },
    itemIds: Array.from({ length: ITEMS }, (_, i) => itemId(i)),
    userIds: Array.from({ length: USERS }, (_, u) => userId(u)),
    ...(!leaveOut.includes("histories") && { histories: { indptr, indices: Int32Array.from(rows.flat()) } }),
    ...{ name: `sample-${query}-${encoding}`, role: "student", method: "sample", recipe: {}, seed: 1 },
    ...{ dataset: { name: "sample", fingerprint: "0" }, split: "0", metrics: {} },
  };
  return sealArtifact(parts);
}

/** Opens the files as a server does. */
export function openSample(files: ReadonlyMap<string, Uint8Array>): Promise<Artifact> {
  return openArtifact(
    async (path) => {
      const bytes = files.get(path);
      if (!bytes) throw new Error("no such file");
      return bytes;
    },
    { needs: "all" },
  );
}
