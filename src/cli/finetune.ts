// distilrec finetune ARTIFACT ROWS: a graph learns from labelled rows, alone or with a teacher.

import { rm } from "node:fs/promises";
import { basename } from "node:path";
import type { Command } from "commander";
import { onnxPath } from "../artifact/paths.ts";
import { must, prefixed } from "../base/errors.ts";
import { formatBytes, formatCount, formatTable } from "../base/format.ts";
import { parseOptions } from "../kinds/options.ts";
import { openForeignFolder } from "../node/artifact-folder.ts";
import { writeFolder } from "../node/disk.ts";
import { openSurroundings } from "../node/surroundings.ts";
import { type Finetuned, finetune } from "../pipeline/graphs/finetune.ts";
import { finetuneOptions } from "../pipeline/graphs/options.ts";
import type { Surroundings } from "../pipeline/surroundings.ts";
import { answer, collect, finish } from "./answer.ts";
import { refuseStrangers } from "./out-folder.ts";
import { packedTable } from "./packed-table.ts";
import { layerStepOf, stepOf } from "./pass-steps.ts";
import { createProgress } from "./progress.ts";
import { commandLine } from "./read-recipe.ts";
import { readRowFile } from "./row-file.ts";

interface Options {
  label: string;
  out: string;
  teacher?: string;
  columns?: string;
  pass?: string[];
  layers?: string[];
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<artifact>", "folder of a network or an imported graph")
    .argument("<rows>", "CSV, TSV, Parquet or JSON-lines file; distilrec inspect names the columns")
    .requiredOption("--label <column>", "the column that holds 0 or 1")
    .option("--threshold <number>", "labels of at least this are 1, the others 0", Number)
    .requiredOption("--out <folder>", "where the new artifact goes")
    .option("--columns <names>", "what columns are called in the file, as in item_id=movie,country=land")
    .option("--teacher <artifact>", "folder of a network or graph whose scores of the same rows are learnt, too")
    .option("--alpha <share>", "the teacher's share of the loss, 0 to 1", Number, 0.5)
    .option("--temperature <tau>", "what both logits are divided by in the teacher's share", Number, 1)
    .option("--epochs <count>", "times over the rows, at most", Number, 10)
    .option("--batch <rows>", "rows of a step", Number, 256)
    .option("--learning-rate <rate>", "size of a step", Number, 1e-3)
    .option("--optimizer <name>", "adam, adamw, adagrad, sgd or momentum", "adam")
    .option("--validation <share>", "share of the rows that stop training and choose the epoch", Number, 0.1)
    .option("--test <share>", "share of the rows to measure on, which choose nothing", Number, 0.1)
    .option("--metric <name>", "what stops training and chooses the epoch: log-loss or auc", "log-loss")
    .option("--patience <epochs>", "epochs without a better metric after which to stop", Number, 3)
    .option("--freeze <pattern>", "weights and tables that stay, as in 'embedding*'; may be repeated", collect)
    .option(
      "--pass <name>",
      "a pass over its tables that it learns toward and that packs them in the end, as in compress; may be repeated",
      collect,
    )
    .option("--layers <pass>", "the same over its dense layers, such as quantize-static; may be repeated", collect)
    .option("--seed <number>", "which rows are held back, and in what order the others come", Number, 1)
    .action(
      async (
        folder: string,
        file: string,
        { label, out, teacher, columns, pass = [], layers = [], json, ...given }: Options,
      ) => {
        const options = parseOptions(finetuneOptions, given, "finetune");
        await refuseStrangers(out);
        const artifact = await openForeignFolder(folder);
        const table = await readRowFile(file, artifact, columns, label);
        const taught = teacher === undefined ? undefined : await openForeignFolder(teacher);
        const by = taught && { artifact: taught, table: await prefixed("teacher", readRowFile(file, taught, columns)) };
        const name = basename(out);
        const steps = { tables: pass.map(stepOf), layers: layers.map(layerStepOf) };
        const packs = pass.length + layers.length > 0;
        const request = {
          artifact,
          name,
          file,
          table,
          label,
          options,
          ...(by && { teacher: by }),
          ...(packs && { steps }),
        };
        const found = await resumable(out, (around) => finetune(request, around));
        await writeFolder(out, found.files);
        const was = must(artifact.manifest.files[onnxPath], onnxPath).bytes;
        const { files, ...said } = found;
        answer({ ...(json && { json }) }, { artifact: out, ...said }, textOf(found, was, out));
      },
    );
  finish(
    command,
    "distilrec finetune runs/dlrm clicks.csv --label click --out runs/dlrm-tuned",
    "distilrec finetune runs/dlrm clicks.csv --label click --pass int4-row --layers quantize-static --out runs/dlrm-int8",
    "distilrec finetune runs/small clicks.csv --label click --teacher runs/dlrm --alpha .7 --temperature 2 --out runs/taught",
  );
}

/** The work, whose unfinished state stands beside `out` until it ends; only a kill leaves it there, to go on from. */
async function resumable<T>(out: string, work: (around: Surroundings) => Promise<T>): Promise<T> {
  const folder = `${out.replace(/[/\\]+$/, "")}.unfinished`;
  const around = await openSurroundings({ base: ".", folder, command: commandLine(), progress: createProgress() });
  try {
    return await work(around);
  } finally {
    await around.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function textOf(found: Finetuned, bytesBefore: number, out: string): string {
  const { before, untrained, after, packed, teacher, rows, weights, tables, trained, notes } = found;
  const row = (name: string, { auc, "log-loss": loss }: Finetuned["before"], bytes: string) => [
    ...[name, auc.toFixed(4), loss.toFixed(4), bytes],
  ];
  const table = formatTable([
    ["", "AUC", "log loss", "model.onnx"],
    row("before", before, formatBytes(bytesBefore)),
    ...(untrained ? [row("packed untrained", untrained, "")] : []),
    row(untrained ? "learnt and packed" : "after", after, formatBytes(must(found.files[onnxPath], onnxPath).length)),
    ...(teacher ? [row("teacher", teacher, "")] : []),
  ]);
  const counts = `${weights} weights and ${tables} tables learnt from ${formatCount(rows.learnt)} rows`;
  return [
    `${notes.join(" ")} ${counts}; epoch ${trained.kept} of ${trained.epochs} is kept, by ${formatCount(rows.choosing)} others.`,
    `On ${formatCount(rows.measured)} rows more, which were held back and chose nothing:`,
    table,
    ...(untrained ? [packedTable(packed)] : []),
    `Artifact: ${out}`,
  ].join("\n\n");
}
