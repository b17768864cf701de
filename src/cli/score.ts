// distilrec score ARTIFACT ROWS: a network or an imported graph over the rows of a table.

import { type Command, InvalidArgumentError } from "commander";
import { UserError } from "../base/errors.ts";
import { openForeignFolder } from "../node/artifact-folder.ts";
import { writeWhole } from "../node/disk.ts";
import { onnxRuntime } from "../node/onnx-runtime.ts";
import { scoreWithNetwork } from "../pipeline/clicks/score-network.ts";
import { scoreRows } from "../pipeline/score-rows.ts";
import { answer, finish } from "./answer.ts";
import { readRowFile } from "./row-file.ts";

interface Options {
  columns?: string;
  k: number;
  out?: string;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<artifact>", "folder of a network or an imported graph")
    .argument("<rows>", "CSV, TSV, Parquet or JSON-lines file; distilrec inspect names the columns")
    .option("--columns <names>", "what columns are called in the file, as in item_id=movie,country=land")
    .option("--k <count>", "how many items for each row, where the graph scores all items; 1 to 1000", count, 10)
    .option("--out <file>", "CSV file to write (default: print)")
    .action(async (folder: string, file: string, options: Options) => {
      const artifact = await openForeignFolder(folder);
      const { graph, columns: fitted } = artifact;
      const table = await readRowFile(file, artifact, options.columns);
      const runtime = onnxRuntime({ threads: 1 });
      const scored = fitted
        ? scoreWithNetwork(graph, fitted, table, runtime)
        : scoreRows(artifact, table, options.k, runtime);
      const found = await scored.catch((error) => {
        throw error instanceof UserError ? new UserError(`${file}: ${error.message}`) : error;
      });
      const csv = [found.columns, ...found.rows].map((row) => row.map(cell).join(",")).join("\n");
      if (options.out === undefined) return answer(options, found, csv);
      await writeWhole(options.out, new TextEncoder().encode(`${csv}\n`));
      answer(options, { out: options.out, rows: table.n }, `${table.n} rows scored into ${options.out}`);
    });
  finish(
    command,
    "distilrec score runs/frappe-deepfm/artifacts/deepfm rows.csv --out scores.csv",
    "distilrec score runs/dlrm rows.csv --columns item_id=movie",
  );
}

const cell = (value: string | number): string =>
  typeof value === "string" && /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : String(value);

function count(text: string): number {
  const k = Number(text);
  if (Number.isInteger(k) && k >= 1 && k <= 1000) return k;
  throw new InvalidArgumentError("it must be a whole number from 1 to 1000.");
}
