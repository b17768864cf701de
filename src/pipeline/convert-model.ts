// A foreign graph at the opset that everything here is written for, proved on made-up rows to answer as before.

import { UserError } from "../base/errors.ts";
import { createRng } from "../base/rng.ts";
import type { Graph } from "../graph/graph.ts";
import type { RunTensor, Runtime } from "../graph/runtime.ts";
import { decodeOnnx } from "../onnx/decode.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { convertOpset } from "../onnx/opset/convert.ts";
import type { Inspection } from "../recommender/foreign/inspect.ts";
import { runOn } from "./run-on.ts";
import { sampleFeeds } from "./sample-feeds.ts";

const latest = 21;
const rows = 3;
/** Of the largest number of an output. */
const tolerance = 1e-4;

/** The graph with its functions inlined and at opset 21; as it is, with the reason, where it cannot be converted. */
export async function convertModel(
  graph: Graph,
  inspect: (graph: Graph) => Inspection,
  runtime: Runtime,
  file: string,
): Promise<{ readonly graph: Graph; readonly note: string }> {
  if (graph.opset === latest && !graph.functions) return { graph, note: "" };
  const model = encodeOnnx(graph);
  const converted = decodeOnnx(model, file);
  try {
    convertOpset(converted, latest);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { graph, note: `It stays at opset ${graph.opset}: ${error.message}` };
  }
  const feeds = sampleFeeds(inspect(converted), rows, createRng("convert"));
  const before = await attempt(answer(model, feeds, runtime, file));
  const after = await attempt(answer(encodeOnnx(converted), feeds, runtime, file));
  if (typeof after === "string") return { graph, note: `It stays at opset ${graph.opset}: converted, ${after}` };
  const done = `Converted from opset ${graph.opset} to ${latest}`;
  // A runtime may know an opset and lack some of its operators.
  if (typeof before === "string") return { graph: converted, note: `${done} without a comparison: ${before}` };
  const apart = Math.max(...Object.keys(before).map((name) => difference(before[name]!, after[name])));
  if (!(apart <= tolerance))
    return {
      graph,
      note: `It stays at opset ${graph.opset}: converted, its answers differ by ${apart.toPrecision(2)}.`,
    };
  return { graph: converted, note: `${done}; made-up rows give the same answers.` };
}

/** What the work resolves to, or the sentence of its UserError. */
async function attempt<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

async function answer(model: Uint8Array, feeds: Record<string, RunTensor>, runtime: Runtime, file: string) {
  const session = await runtime.open(model);
  try {
    return await runOn(session, feeds, `${file}: made-up rows`);
  } finally {
    await session.close();
  }
}

/** The largest difference, of the largest number (at least 1); infinite where shapes or numbers that are none differ. */
function difference(a: RunTensor, b: RunTensor | undefined): number {
  if (b?.dims.join() !== a.dims.join()) return Number.POSITIVE_INFINITY;
  let [apart, size] = [0, 1];
  for (const [i, value] of a.data.entries()) {
    const [x, y] = [Number(value), Number(b.data[i])];
    if (Object.is(x, y)) continue;
    const off = Math.abs(x - y);
    apart = Math.max(apart, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off);
    size = Math.max(size, Math.abs(x));
  }
  return apart / size;
}
