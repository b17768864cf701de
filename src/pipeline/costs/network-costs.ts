// What the networks of a click run cost. Sizes and work follow from the model and are kept with it; time, energy and the
// memory of processes are measured anew each time, all networks by turns.

import { onnxPath } from "../../artifact/paths.ts";
import { must, UserError } from "../../base/errors.ts";
import { batches, type Examples, type Feed } from "../../data/examples.ts";
import type { Runtime, Session } from "../../graph/runtime.ts";
import { tensorBytes } from "../../graph/tensor.ts";
import { peakBytes } from "../../graph/work.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { findEmbeddingTables } from "../../recommender/foreign/embedding-tables.ts";
import { viewGraph } from "../../recommender/foreign/view.ts";
import type { Cost, Latency } from "../../report/cost-results.ts";
import { feedsOf, firstRows } from "../clicks/predict.ts";
import { type Files, runStage } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import { estimatedEnergy, measuredEnergy, noEnergyMeter } from "./energy.ts";
import { graphGrowth } from "./growth.ts";
import { groupsWithin, interleave, latencyOf, type Plan } from "./interleave.ts";
import { type ProcessMemory, processMemory } from "./process-memory.ts";
import { shipped, weighFiles, weighTables } from "./weigh.ts";

export interface CostedNetwork {
  readonly name: string;
  readonly parameters: Cost["parameters"];
  /** The sealed artifact, and the key of the stage that made it. */
  readonly files: Files;
  readonly key: string;
  /** Rows to time it on, by the columns that it reads. */
  readonly examples: Examples;
}

type Content = Omit<Cost, "bytes" | "latency" | "energy" | "missing">;

const version = 1;
const sizes = [1, 8, 64, 256];
const plan: Plan = { rounds: 8, runs: 300, seconds: 0.4 };
/** Different batches that a timing goes through. */
const differentBatches = 16;
/** Bytes of models that are open together while they are timed by turns. */
const together = 2 ** 30;
const timesInProcess = 50;

/** The cost of each, in order; their examples are the same rows. */
export async function networkCosts(costed: readonly CostedNetwork[], around: Surroundings): Promise<Cost[]> {
  const contents: Content[] = [];
  for (const one of costed) contents.push(await contentOf(one, around));
  const processes: ProcessMemory[] = [];
  for (const one of costed) {
    const asking = { feeds: feedsFor(one.examples, 1)[0]!, times: timesInProcess };
    processes.push(await processMemory(one, asking, around));
  }
  const task = around.progress.start("time by turns");
  const onNode = await timeOn("node", around.runtime, costed, around);
  const onWeb = await timeOnWeb(costed, around);
  task.end();
  return costed.map((_, i) => {
    const [content, process, node] = [contents[i]!, processes[i]!, onNode[i]!];
    const { joules } = node[0]!;
    return {
      ...content,
      bytes: shipped(content.files),
      memory: { ...content.memory, ...process.size },
      latency: [...node, ...("why" in onWeb ? [] : onWeb[i]!)].map(({ latency }) => latency),
      energy: joules === undefined ? estimatedEnergy(content) : measuredEnergy(joules),
      missing: [
        ...(joules === undefined ? [noEnergyMeter] : []),
        ...("why" in onWeb ? [{ what: "latency on WebAssembly", why: onWeb.why }] : []),
        ...process.missing,
      ],
    };
  });
}

async function contentOf({ name, parameters, files, key }: CostedNetwork, around: Surroundings): Promise<Content> {
  const { value } = await runStage<Content>(
    {
      ...{ stage: "weigh", version, label: `weigh ${name}`, options: {}, inputs: [key] },
      encode: (content) => ({ "content.json": new TextEncoder().encode(JSON.stringify(content)) }),
      decode: (kept) => JSON.parse(new TextDecoder().decode(kept["content.json"])) as Content,
      async compute() {
        const graph = decodeOnnx(modelOf(files), onnxPath);
        const view = viewGraph(graph);
        const tables = findEmbeddingTables(view).map(({ name, rows, cols }) => {
          const { tensor } = must(view.constant(name), name);
          return { name, encoding: tensor.dtype, rows, cols, parts: [tensorBytes(tensor)] };
        });
        const constants = [...graph.initializers.values()].reduce((sum, one) => sum + tensorBytes(one).length, 0);
        const bytes = constants + peakBytes(graph, { batch: 1 });
        return {
          files: await weighFiles(files, () => true, around.compressedBytes),
          tables: await weighTables(tables, around.compressedBytes),
          ...{ parameters, ...graphGrowth(graph, "batch") },
          memory: {
            answering: { bytes, found: "computed", how: "constants, and at their peak the values between operators" },
          },
        };
      },
    },
    around,
  );
  return value;
}

const modelOf = (files: Files): Uint8Array => must(files[onnxPath], onnxPath);

interface OnRuntime {
  readonly latency: Latency;
  readonly joules?: number;
}

/** On what a page runs; a reason where there is none, or where it refuses a network. */
async function timeOnWeb(
  costed: readonly CostedNetwork[],
  around: Surroundings,
): Promise<OnRuntime[][] | { readonly why: string }> {
  const web = await around.webRuntime();
  if (!web) return { why: "onnxruntime-web is not installed" };
  try {
    return await timeOn("wasm", web, costed, around);
  } catch (error) {
    if (error instanceof UserError) return { why: error.message };
    throw error;
  }
}

/** Each network by batch size, over rows that are encoded already. */
async function timeOn(
  name: Latency["runtime"],
  runtime: Runtime,
  costed: readonly CostedNetwork[],
  { meter }: Surroundings,
): Promise<OnRuntime[][]> {
  const found: OnRuntime[][] = [];
  for (const group of groupsWithin(costed, ({ files }) => modelOf(files).length, together)) {
    const sessions: Session[] = [];
    const rows: OnRuntime[][] = group.map(() => []);
    try {
      for (const { files } of group) sessions.push(await runtime.open(modelOf(files)));
      for (const batch of sizes.filter((size) => size <= group[0]!.examples.n)) {
        const contenders = sessions.map((session, i) => {
          const mine = feedsFor(group[i]!.examples, batch).map((one) => feedsOf(session, one));
          let at = 0;
          return () => session.run(mine[at++ % mine.length]!);
        });
        (await interleave(contenders, meter, plan)).forEach((timed, i) => {
          const { joules } = timed;
          rows[i]!.push({ latency: latencyOf(name, batch, timed), ...(joules !== undefined && { joules }) });
        });
      }
    } finally {
      for (const session of sessions) await session.close();
    }
    found.push(...rows);
  }
  return found;
}

/** Feeds of several full batches of different rows. */
function feedsFor(examples: Examples, batch: number): Record<string, Feed>[] {
  const rows = firstRows(examples, batch * differentBatches);
  const kept: Record<string, Feed>[] = [];
  for (const { n, feeds } of batches(rows, { batch })) {
    if (n < batch) continue;
    const copies = Object.entries(feeds).map(([name, feed]) => [name, { ...feed, data: feed.data.slice() }] as const);
    kept.push(Object.fromEntries(copies));
  }
  return kept;
}
