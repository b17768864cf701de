// Scores rows of a table with a network that was trained here: the artifact's fitted columns turn raw rows into its
// inputs, so that a value which training never saw has the row of the unknown, and a missing one its own.

import type { Columns } from "../../data/columns/columns.ts";
import { readAs } from "../../data/columns/read-as.ts";
import type { RawTable } from "../../data/raw-table.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Runtime } from "../../graph/runtime.ts";
import type { RowMapping } from "../../kinds/reader.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import type { ScoredRows } from "../score-rows.ts";
import { answers } from "./predict.ts";

/** What of a file the columns read; `from` says what one is called there. */
export const columnsToRead = ({ fitted }: Columns, from: Readonly<Record<string, string>>): RowMapping["columns"] =>
  [...readAs(fitted)].map(([name, as]) => ({ name, from: from[name] ?? name, as }));

/** The probability of a click for every row. */
export async function scoreWithNetwork(
  graph: Graph,
  columns: Columns,
  table: RawTable,
  runtime: Runtime,
): Promise<ScoredRows> {
  const examples = { ...columns.encode(table), label: new Float32Array(table.n) };
  const { probability } = await answers(encodeOnnx(graph), examples, runtime);
  // Seven digits are what a float32 holds.
  const rows = Array.from(probability, (p, row) => [row, Number(p.toPrecision(7))]);
  return { columns: ["row", "probability"], rows };
}
