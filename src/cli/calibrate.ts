// distilrec calibrate ARTIFACT --data ROWS: probabilities become rates, by a map folded into the model.

import { basename } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { formatCount, formatTable } from "../base/format.ts";
import { calibrationMethods } from "../data/click-calibration/index.ts";
import { parseOptions, seedOption } from "../kinds/options.ts";
import { openForeignFolder } from "../node/artifact-folder.ts";
import { writeFolder } from "../node/disk.ts";
import { onnxRuntime } from "../node/onnx-runtime.ts";
import { type Calibrated, calibrateArtifact } from "../pipeline/clicks/calibrate-artifact.ts";
import { answer, finish } from "./answer.ts";
import { refuseStrangers } from "./out-folder.ts";
import { readRowFile } from "./row-file.ts";

interface Options {
  data: string;
  label: string;
  out: string;
  columns?: string;
  json?: boolean;
}

const calibrateOptions = z.strictObject({
  method: z.enum(calibrationMethods),
  threshold: z.number().optional(),
  validation: z.number().gt(0).max(0.9),
  seed: seedOption,
});

export function define(command: Command): void {
  command
    .argument("<artifact>", "folder of a network or an imported graph")
    .requiredOption("--data <rows>", "CSV, TSV, Parquet or JSON-lines file that the model was not trained on")
    .requiredOption("--label <column>", "the column that holds 0 or 1")
    .requiredOption("--out <folder>", "where the new artifact goes")
    .option("--method <name>", `${calibrationMethods.join(" or ")}`, "platt")
    .option("--threshold <number>", "labels of at least this are 1, the others 0", Number)
    .option("--columns <names>", "what columns are called in the file, as in item_id=movie,country=land")
    .option("--validation <share>", "share of the rows to hold back, to measure on", Number, 0.3)
    .option("--seed <number>", "which rows are held back", Number, 1)
    .action(async (folder: string, { data, label, out, columns, json, ...given }: Options) => {
      const options = parseOptions(calibrateOptions, given, "calibrate");
      await refuseStrangers(out);
      const artifact = await openForeignFolder(folder);
      const table = await readRowFile(data, artifact, columns, label);
      const found = await calibrateArtifact(
        { artifact, name: basename(out), file: data, table, label, options },
        { runtime: onnxRuntime({ threads: 1 }) },
      );
      await writeFolder(out, found.files);
      const { files: _, ...said } = found;
      answer({ ...(json && { json }) }, { artifact: out, ...said }, textOf(found, out));
    });
  finish(
    command,
    "distilrec calibrate runs/shop/artifacts/deepfm --data july.csv --label clicked --out runs/deepfm-july",
    "distilrec calibrate runs/dlrm --data july.csv --label clicked --method piecewise-linear --out runs/dlrm-july",
  );
}

function textOf({ note, rows, heldBack, before, after, newTies, moved }: Calibrated, out: string): string {
  const row = (name: string, of: Calibrated["before"]) => [
    name,
    ...["ece", "calibration", "log-loss", "brier", "auc"].map((metric) => of[metric]?.toFixed(4) ?? "–"),
  ];
  const order = moved === 0 ? "No two rows changed places" : `${formatCount(moved)} neighbours changed places`;
  return [
    `${note}. Fitted on ${formatCount(rows)} rows; on ${formatCount(heldBack)} that were held back:`,
    formatTable([
      ["", "ECE", "predicted over observed", "log loss", "Brier", "AUC"],
      row("before", before),
      row("after", after),
    ]),
    `${order}; ${formatCount(newTies)} that float32 told apart are equal now.`,
    `Artifact: ${out}`,
  ].join("\n\n");
}
