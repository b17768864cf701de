// distilrec doctor MODEL: why it is not smaller or faster, and what mends that.

import { stat } from "node:fs/promises";
import type { Command } from "commander";
import type { Graph } from "../graph/graph.ts";
import { holdsForeign, openArtifactFolder, openForeignFolder } from "../node/artifact-folder.ts";
import { readOnnxFile } from "../node/onnx-file.ts";
import { ranked } from "../pipeline/doctor/finding.ts";
import { examineGraph } from "../pipeline/doctor/graph.ts";
import { examineRecommender } from "../pipeline/doctor/tables.ts";
import { differentiable } from "../pipeline/import-model.ts";
import { inspectModel } from "../recommender/foreign/inspect.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { type Diagnosis, renderDiagnosis } from "../report/diagnosis.ts";
import { tableBytes } from "../tables/table.ts";
import { answer, finish } from "./answer.ts";

export function define(command: Command): void {
  command
    .argument("<model>", "folder of a sealed model, or an ONNX file")
    .action(async (model: string, options: { json?: boolean }) => {
      const found = await diagnose(model);
      answer(options, found, renderDiagnosis(model, found));
    });
  finish(command, "distilrec doctor runs/demo/artifacts/student-int4", "distilrec doctor model.onnx");
}

async function diagnose(model: string): Promise<Diagnosis> {
  const isFile = await stat(model).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isFile) return ofGraph((await readOnnxFile(model)).graph);
  if (await holdsForeign(model)) return ofGraph((await openForeignFolder(model)).graph);
  return ofRecommender((await openArtifactFolder(model, { needs: "all" })).recommender);
}

function ofRecommender(recommender: Recommender): Diagnosis {
  const tables = Object.entries(recommender.tables).map(
    ([name, table]) => [name, table.encoding, tableBytes(table)] as const,
  );
  return {
    bytes: tables.reduce((sum, [, , bytes]) => sum + bytes, 0),
    unpacked: tables.every(([, encoding]) => encoding === "f32"),
    tables: tables.sort((a, b) => b[2] - a[2]),
    ops: [],
    findings: ranked(examineRecommender(recommender)),
  };
}

function ofGraph(graph: Graph): Diagnosis {
  const findings = ranked(examineGraph(graph));
  const { bytes, tables, work } = inspectModel(graph, differentiable);
  const constants = [...graph.initializers.values()];
  return {
    bytes,
    unpacked: constants.every(({ dtype }) => !/^(u?int[48]|b?float16)$/.test(dtype)),
    tables: tables.map(({ name, bytes: own }) => [name, graph.initializers.get(name)?.dtype ?? "", own] as const),
    ops: (work?.ops ?? []).slice(0, 10).map(({ op, nodes, bytes: own }) => [op, nodes, own] as const),
    findings,
  };
}
