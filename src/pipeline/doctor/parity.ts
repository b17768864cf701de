// Whether all that can answer from a model answer alike: our kernels, those of a page, ONNX Runtime and its WebAssembly
// build. Compared are the first items of lists, where neighbours whose scores are as good as equal may change places.

import type { Artifact } from "../../artifact/open.ts";
import { UserError } from "../../base/errors.ts";
import { createRng } from "../../base/rng.ts";
import type { Graph } from "../../graph/graph.ts";
import { inlineFunctions } from "../../graph/inline-functions.ts";
import type { RunTensor, Runtime, Session } from "../../graph/runtime.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { checkLimits } from "../../onnx/limits.ts";
import { askExport } from "../../recommender/ask-export.ts";
import { inspectModel } from "../../recommender/foreign/inspect.ts";
import { openScorer, type Query } from "../../recommender/scorer.ts";
import type { Agreement, Finding } from "../../report/diagnosis.ts";
import { differentiable } from "../import-model.ts";
import { ownQueries } from "../own-queries.ts";
import { sampleFeeds } from "../sample-feeds.ts";
import { saturatingSums } from "./sums.ts";

const asked = 32;
const first = 10;
/** Scores this near each other, as a share of the largest, are sums in another order. */
const rounding = 1e-4;

export interface Parity {
  readonly agreements: readonly Agreement[];
  readonly findings: readonly Finding[];
}

/** Who answers; the web runtime is absent where it is not installed. */
export interface Answering {
  readonly kernels: Kernels;
  openPageKernels(bytes: number): Promise<Kernels>;
  readonly node: Runtime;
  readonly web: Runtime | undefined;
}

/** Of a recommender: the artifact's own histories or users ask. */
export async function recommenderParity(
  { recommender, histories, onnx }: Pick<Artifact, "recommender" | "histories" | "onnx">,
  bytes: number,
  answering: Answering,
): Promise<Parity> {
  const queries = ownQueries({ recommender, ...(histories && { histories }) }, asked);
  const ours = scored(answering.kernels, recommender, queries);
  const page = await answering.openPageKernels(bytes);
  const answers: [string, Float32Array[] | UserError][] = [["page kernels", scored(page, recommender, queries)]];
  await page.close();
  for (const [name, runtime] of runtimes(answering)) {
    if (onnx) answers.push([name, await refusal(() => askExport(runtime, onnx, queries))]);
  }
  return compared("our kernels", ours, answers, onnx && decodeOnnx(onnx, "model.onnx"));
}

/** Of a graph: made-up rows ask. */
export async function graphParity(graph: Graph, answering: Answering): Promise<Parity> {
  const onnx = encodeOnnx(graph);
  inlineFunctions(graph);
  const feeds = sampleFeeds(inspectModel(graph, differentiable), asked, createRng("parity"));
  const run = async (runtime: Runtime) => {
    const session = await runtime.open(onnx);
    try {
      return rowsOf(await session.run(feeds), session);
    } finally {
      await session.close();
    }
  };
  const [[, node], ...others] = runtimes(answering) as [[string, Runtime], ...[string, Runtime][]];
  const answers: [string, Float32Array[] | UserError][] = [];
  for (const [name, runtime] of others) answers.push([name, await refusal(() => run(runtime))]);
  const { agreements, findings } = compared("ONNX Runtime", await run(node), answers, graph);
  return { agreements, findings: [...findings, ...(await saturatingSums(graph, feeds, node))] };
}

const runtimes = ({ node, web }: Answering): [string, Runtime][] => [
  ["ONNX Runtime", node],
  ...(web ? ([["ONNX Runtime, WebAssembly", web]] as [string, Runtime][]) : []),
];

function scored(kernels: Kernels, recommender: Artifact["recommender"], queries: readonly Query[]): Float32Array[] {
  const scorer = openScorer(kernels, recommender);
  try {
    return queries.map((query) => scorer.score(query).slice());
  } finally {
    scorer.free();
  }
}

/** The first floating output, a row a question. */
function rowsOf(outputs: Readonly<Record<string, RunTensor>>, session: Session): Float32Array[] {
  const found = Object.values(outputs).find(({ data }) => data instanceof Float32Array);
  if (!found)
    throw new UserError(`none of its outputs is float32 (it reads ${session.inputs.join(", ")}): nothing to compare.`);
  const data = found.data as Float32Array;
  const width = data.length / Math.max(1, Number(found.dims[0] ?? 1));
  return Array.from({ length: data.length / width }, (_, row) => data.slice(row * width, (row + 1) * width));
}

async function refusal<T>(work: () => Promise<T>): Promise<T | UserError> {
  return work().catch((error) => (error instanceof UserError ? error : new UserError((error as Error).message)));
}

function compared(
  reference: string,
  ours: readonly Float32Array[],
  answers: readonly (readonly [string, Float32Array[] | UserError])[],
  graph: Graph | undefined,
): Parity {
  const agreements: Agreement[] = [{ runtime: reference, same: ours.length, asked: ours.length, apart: 0 }];
  const findings: Finding[] = graph ? tooNew(graph) : [];
  for (const [runtime, theirs] of answers) {
    if (theirs instanceof UserError) {
      findings.push({
        ...{ kind: "runtime-refuses", where: runtime, what: theirs.message, bytes: 0 },
        mend: "use operators and types that it knows, or ship for another runtime.",
      });
      continue;
    }
    const size = Math.max(1e-30, ...ours.map((scores) => scores.reduce((most, s) => Math.max(most, Math.abs(s)), 0)));
    const pairs = ours.map((scores, q) => [scores, theirs[q] ?? new Float32Array(0)] as const);
    const same = pairs.filter(([a, b]) => alike(a, b, rounding * size)).length;
    const apart = Math.max(...pairs.map(([a, b]) => largest(a, b))) / size;
    agreements.push({ runtime, same, asked: ours.length, apart });
    if (same === ours.length) continue;
    findings.push({
      ...{ kind: "runtimes-disagree", where: runtime, bytes: 0 },
      what: `of ${ours.length} questions ${ours.length - same} get other first items than from ${reference}; scores differ by up to ${(100 * apart).toPrecision(2)} %.`,
      mend: "integer products that saturate or half floats are the usual reasons: quantise to 7 bits, or keep the last product in float32.",
    });
  }
  return { agreements, findings };
}

/** Whether the first items are the same, or stand beside each other by less than `near`. */
function alike(ours: Float32Array, theirs: Float32Array, near: number): boolean {
  if (theirs.length !== ours.length) return false;
  if (ours.length === 1) return Math.abs(ours[0]! - theirs[0]!) <= near;
  const order = (scores: Float32Array) =>
    Int32Array.from(scores.keys())
      .sort((a, b) => scores[b]! - scores[a]! || a - b)
      .subarray(0, first);
  const [mine, other] = [order(ours), order(theirs)];
  return mine.every((item, place) => Math.abs(ours[item]! - ours[other[place]!]!) <= near);
}

const largest = (a: Float32Array, b: Float32Array): number =>
  a.length === b.length ? a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0) : Number.POSITIVE_INFINITY;

function tooNew(graph: Graph): Finding[] {
  for (const runtime of ["onnxruntime-node 1.30", "onnxruntime-web 1.30"] as const) {
    try {
      checkLimits(graph, runtime);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const mend = "export it for an older opset; distilrec import rewrites what it can.";
      return [{ kind: "runtime-refuses", where: runtime, what: error.message, mend, bytes: 0 }];
    }
  }
  return [];
}
