// distilrec doctor MODEL: why it is not smaller or faster, and what mends that.

import type { Command } from "commander";
import type { Graph } from "../graph/graph.ts";
import { openPageKernels } from "../kernels/open-page.ts";
import { holdsForeign, openArtifactFolder, openForeignFolder } from "../node/artifact-folder.ts";
import { isFile } from "../node/disk.ts";
import { readOnnxFile } from "../node/onnx-file.ts";
import { onnxRuntime } from "../node/onnx-runtime.ts";
import { openWebRuntime } from "../node/onnx-web.ts";
import { openKernels } from "../node/threads.ts";
import { examineGraph } from "../pipeline/doctor/graph.ts";
import { type Answering, graphParity, type Parity, recommenderParity } from "../pipeline/doctor/parity.ts";
import { examineRecommender } from "../pipeline/doctor/tables.ts";
import { differentiable } from "../pipeline/import-model.ts";
import { inspectModel } from "../recommender/foreign/inspect.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { scorerBytes } from "../recommender/scorer.ts";
import { type Diagnosis, ranked, renderDiagnosis } from "../report/diagnosis.ts";
import { tableBytes } from "../tables/table.ts";
import { answer, finish } from "./answer.ts";

export function define(command: Command): void {
  command
    .argument("<model>", "folder of a sealed model, or an ONNX file")
    .option("--parity", "also run it: our kernels, ONNX Runtime and its WebAssembly build must answer alike")
    .action(async (model: string, options: { parity?: boolean; json?: boolean }) => {
      const found = await diagnose(model, options.parity ?? false);
      answer(options, found, renderDiagnosis(model, found));
    });
  finish(command, "distilrec doctor runs/demo/artifacts/student-int4", "distilrec doctor model.onnx");
}

async function diagnose(model: string, parity: boolean): Promise<Diagnosis> {
  const file = await isFile(model);
  if (file || (await holdsForeign(model))) {
    const { graph } = file ? await readOnnxFile(model) : await openForeignFolder(model);
    const found = ofGraph(graph);
    return parity ? withParity(found, (answering) => graphParity(graph, answering)) : found;
  }
  const artifact = await openArtifactFolder(model, { needs: "all" });
  const found = ofRecommender(artifact.recommender);
  const bytes = scorerBytes(artifact.recommender) + 2 ** 20;
  return parity ? withParity(found, (answering) => recommenderParity(artifact, bytes, answering)) : found;
}

async function withParity(found: Diagnosis, ask: (answering: Answering) => Promise<Parity>): Promise<Diagnosis> {
  const kernels = await openKernels(1);
  try {
    const node = onnxRuntime({ threads: 1 });
    const { agreements, findings } = await ask({ kernels, openPageKernels, node, web: await openWebRuntime() });
    return { ...found, agreements, findings: ranked([...found.findings, ...findings]) };
  } finally {
    await kernels.close();
  }
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
