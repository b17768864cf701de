// distilrec compress of an imported graph or a network: its tables packed, measured on rows of a file or on made-up ones.

import { basename, join } from "node:path";
import { formatBytes, formatCount, formatTable } from "../base/format.ts";
import { openForeignFolder } from "../node/artifact-folder.ts";
import { writeFolder } from "../node/disk.ts";
import { openSurroundings } from "../node/surroundings.ts";
import { type CompressedGraph, type CompressRequest, compressGraph } from "../pipeline/graphs/compress-graph.ts";
import { answer } from "./answer.ts";
import { refuseStrangers } from "./out-folder.ts";
import { packedTable } from "./packed-table.ts";
import { partsTable } from "./parts-table.ts";
import { createProgress } from "./progress.ts";
import { commandLine } from "./read-recipe.ts";
import { readRowFile } from "./row-file.ts";
import { sensitivityTable } from "./sensitivity-table.ts";

export interface GraphOptions {
  rows?: string;
  label?: string;
  threshold?: number;
  columns?: string;
  out?: string;
  json?: boolean;
}

/** Compresses the graph in `folder` and prints what that did. */
export async function compressGraphFolder(
  folder: string,
  plan: Pick<CompressRequest, "steps" | "layers" | "neurons" | "parts" | "mixed">,
  options: GraphOptions,
): Promise<void> {
  const { rows: file, label, threshold, columns } = options;
  const artifact = await openForeignFolder(folder);
  const out = options.out ?? join("runs", `${artifact.manifest.name}-compressed`);
  await refuseStrangers(out);
  const rows =
    file === undefined
      ? undefined
      : {
          file,
          table: await readRowFile(file, artifact, columns, label),
          ...(label !== undefined && { label, threshold }),
        };
  const around = await openSurroundings({ base: ".", command: commandLine(), progress: createProgress() });
  try {
    const found = await compressGraph({ artifact, name: basename(out), ...plan, ...(rows && { rows }) }, around);
    await writeFolder(out, found.files);
    const { files: _, ...said } = found;
    answer(options, { artifact: out, ...said }, textOf(found, file, out));
  } finally {
    await around.close();
  }
}

function textOf(found: CompressedGraph, file: string | undefined, out: string): string {
  const { parts, narrowed, tables, layers, sensitivity, bytes, apart, largest, rows, metrics } = found;
  const which = file === undefined ? `${formatCount(rows)} made-up rows` : `${formatCount(rows)} rows of ${file}`;
  const quality = metrics && [
    ["", "AUC", "log loss"],
    ...(["before", "after"] as const).map((when) => [
      ...[when, metrics[when]["auc"]!.toFixed(4), metrics[when]["log-loss"]!.toFixed(4)],
    ]),
  ];
  return [
    ...(parts.length > 0 ? [partsTable(parts)] : []),
    ...narrowed.map(({ name, before, after }) => `${name}: ${after} of ${before} neurons stay.`),
    ...(sensitivity
      ? [
          sensitivityTable(sensitivity),
          `Bytes, and how far logits move, in shares of their standard deviation${metrics ? ", and what AUC loses" : ""}.`,
        ]
      : []),
    ...(tables.length + layers.length > 0 || parts.length === 0 ? [packedTable({ tables, layers })] : []),
    `model.onnx: ${formatBytes(bytes.before)} before, ${formatBytes(bytes.after)} after.`,
    `Of ${which} the largest difference of an answer is ${apart.toPrecision(2)} (largest answer ${largest.toPrecision(3)}).`,
    ...(quality ? [formatTable(quality)] : []),
    ...(quality && (sensitivity || parts.length > 0)
      ? ["These rows had a say in what went, and flatter what is left: measure on others before you report."]
      : []),
    `Artifact: ${out}`,
  ].join("\n\n");
}
