// Scores rows of a table with an imported graph.

import type { ForeignArtifact } from "../artifact/foreign.ts";
import { UserError } from "../base/errors.ts";
import type { RawTable } from "../data/raw-table.ts";
import type { Runtime } from "../graph/runtime.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { rowFeeds } from "./row-feeds.ts";
import { runOn } from "./run-on.ts";

/** Rows of one run. */
const batch = 1024;

export interface ScoredRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** What the graph says of every row: its first output, or the k best items where that is one score an item. */
export async function scoreRows(
  artifact: ForeignArtifact,
  table: RawTable,
  k: number,
  runtime: Runtime,
  progress?: (done: number, total: number) => void,
): Promise<ScoredRows> {
  const { manifest, itemIds } = artifact;
  const [output] = manifest.outputs;
  if (!output) throw new UserError(`${manifest.name}: the graph has no output; import it again.`);
  const feeds = rowFeeds(artifact, table);
  const session = await runtime.open(encodeOnnx(artifact.graph));
  const rows: (string | number)[][] = [];
  let width = 1;
  try {
    for (const { rows: own, feeds: given } of feeds.batches({ batch })) {
      const [start, n] = [own[0]!, own.length];
      const { data } = (await runOn(session, given, `rows ${start + 1} to ${start + n}`))[output.name]!;
      width = data.length / (feeds.fixed ?? n);
      for (let r = 0; r < n; r++) {
        // Seven digits are what a float32 holds.
        const row = Array.from(data.subarray(r * width, (r + 1) * width) as Float32Array, (x) =>
          Number(Number(x).toPrecision(7)),
        );
        if (output.role !== "scores") rows.push([start + r, ...row]);
        else
          for (const [rank, j] of best(row, k).entries()) rows.push([start + r, rank + 1, itemIds?.[j] ?? j, row[j]!]);
      }
      progress?.(start + n, table.n);
    }
  } finally {
    await session.close();
  }
  const names = width === 1 ? [output.name] : Array.from({ length: width }, (_, c) => `${output.name}_${c}`);
  return { columns: output.role === "scores" ? ["row", "rank", "item", output.name] : ["row", ...names], rows };
}

/** Positions of the k largest, largest first; equal ones in order. */
const best = (row: readonly number[], k: number): number[] =>
  [...row.keys()].sort((a, b) => row[b]! - row[a]! || a - b).slice(0, k);
