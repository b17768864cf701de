// What the recommenders of a run cost. Sizes and work follow from an artifact's content and are kept with it; time, energy
// and the memory of processes are measured anew each time, all recommenders by turns.

import { loadedPaths } from "../../artifact/measure.ts";
import { type Interactions, rowOf, sequenceOf } from "../../data/interactions.ts";
import { openPageKernels } from "../../kernels/open-page.ts";
import { lowerToOnnx } from "../../recommender/lower.ts";
import { openRanker } from "../../recommender/recommend-all.ts";
import { type Recommender, tableNames } from "../../recommender/recommender.ts";
import { openScorer, type Query, type Scorer, scorerBytes } from "../../recommender/scorer.ts";
import type { Cost, Latency, Size } from "../../report/cost-results.ts";
import { type Table, tablesWithin } from "../../tables/table.ts";
import { type Files, runStage } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import { estimatedEnergy, measuredEnergy, noEnergyMeter } from "./energy.ts";
import { graphGrowth } from "./growth.ts";
import { groupsWithin, interleave, latencyOf, type Plan, type Timed } from "./interleave.ts";
import { type Asking, type ProcessMemory, processMemory } from "./process-memory.ts";
import { outsideBytes, parametersOf, recommenderWork } from "./recommender-work.ts";
import { type ShippedTable, shipped, weighFiles, weighTables } from "./weigh.ts";

export interface Costed {
  readonly name: string;
  readonly recommender: Recommender;
  /** The sealed artifact, and the key of the stage that made it. */
  readonly files: Files;
  readonly key: string;
}

/** Who asks while a recommender is timed: users with a history, evenly over all, for the k best. */
export interface Questions {
  readonly seen: Interactions;
  readonly users: Int32Array;
  readonly itemIds: readonly string[];
  readonly userIds: readonly string[];
  readonly k: number;
}

type Content = Omit<Cost, "bytes" | "memory" | "latency" | "energy" | "missing">;

const version = 1;
const batches = [8, 64, 256];
const oneByOne: Plan = { rounds: 8, runs: 400, seconds: 0.5 };
const many: Plan = { rounds: 8, runs: 100, seconds: 0.4 };
/** Bytes of tables that lie in memory together while they are timed by turns. */
const together = 1.5 * 2 ** 30;
/** Users whom a process of its own answers. */
const askedOfProcess = 50;

/** The cost of each, in order. */
export async function recommenderCosts(
  costed: readonly Costed[],
  questions: Questions,
  around: Surroundings,
): Promise<Cost[]> {
  const contents: Content[] = [];
  for (const one of costed) contents.push(await contentOf(one, questions, around));
  const processes: ProcessMemory[] = [];
  for (const one of costed) {
    processes.push(await processMemory(one, namesOf(one.recommender, questions), around));
  }
  const task = around.progress.start("time by turns");
  const onNode = await timeOnNode(costed, questions, around);
  const inPage = await timeInPage(costed, questions, around);
  task.end();
  return costed.map(({ recommender }, i) => {
    const [content, process, page] = [contents[i]!, processes[i]!, inPage[i]!];
    const memory = { answering: answeringMemory(recommender, page.bytes), ...process.size };
    const joules = onNode[i]![0]!.joules;
    return {
      ...content,
      bytes: shipped(content.files),
      memory,
      latency: [...onNode[i]!.map(({ latency }) => latency), page.latency],
      energy: joules === undefined ? estimatedEnergy({ ...content, memory }) : measuredEnergy(joules),
      missing: [...(joules === undefined ? [noEnergyMeter] : []), ...process.missing],
    };
  });
}

async function contentOf(
  { name, recommender, files, key }: Costed,
  { seen }: Questions,
  around: Surroundings,
): Promise<Content> {
  const history = seen.indices.length / seen.users;
  const { value } = await runStage<Content>(
    {
      ...{ stage: "weigh", version, label: `weigh ${name}`, options: { history }, inputs: [key] },
      encode: (content) => ({ "content.json": new TextEncoder().encode(JSON.stringify(content)) }),
      decode: (kept) => JSON.parse(new TextDecoder().decode(kept["content.json"])) as Content,
      async compute() {
        const loads = loadedPaths(files);
        const free = { length: Math.max(1, Math.round(Math.min(history, recommender.encoder?.length ?? history))) };
        return {
          files: await weighFiles(files, (path) => loads.has(path), around.compressedBytes),
          tables: await weighTables(shippedTables(recommender), around.compressedBytes),
          ops: graphGrowth(lowerToOnnx(recommender), "batch", free).ops,
          parameters: parametersOf(recommender),
          ...(recommender.query === "history" && { history: Number(history.toPrecision(4)) }),
          ...recommenderWork(recommender, history),
        };
      },
    },
    around,
  );
  return value;
}

function shippedTables({ tables }: Recommender): ShippedTable[] {
  const parts = (table: Table): Uint8Array[] => [
    ...Object.values(table.tensors).map((t) => new Uint8Array(t.buffer, t.byteOffset, t.byteLength)),
    ...tablesWithin(table).flatMap(parts),
  ];
  return tableNames.flatMap((name) => {
    const table = tables[name];
    if (!table) return [];
    const within = [...new Set(tablesWithin(table).map((one) => one.encoding))].join(", ");
    const encoding = within ? `${table.encoding} of ${within}` : table.encoding;
    return [{ name, encoding, rows: table.rows, cols: table.cols, parts: parts(table) }];
  });
}

function answeringMemory(recommender: Recommender, kernelBytes: number): Size {
  const outside = outsideBytes(recommender);
  return outside === 0
    ? { bytes: kernelBytes, found: "measured", how: "kernel memory, by its allocator" }
    : { bytes: kernelBytes + outside, found: "computed", how: "kernel memory by its allocator, and tables beside it" };
}

interface OnNode {
  readonly latency: Latency;
  readonly joules?: number;
}

/** One request at a time by the scorer, as a server answers; batches by the ranker, as lists for many are made. */
async function timeOnNode(costed: readonly Costed[], questions: Questions, around: Surroundings): Promise<OnNode[][]> {
  const { kernels, meter } = around;
  const { seen, users, k } = questions;
  const found: OnNode[][] = [];
  const sizeOf = ({ recommender: { tables } }: Costed) =>
    2 * tableNames.reduce((sum, name) => sum + 4 * (tables[name]?.rows ?? 0) * (tables[name]?.cols ?? 0), 0);
  for (const group of groupsWithin(costed, sizeOf, together)) {
    const rows: OnNode[][] = group.map(() => []);
    const note = (batch: number, timed: readonly Timed[]) =>
      timed.forEach((one, i) => {
        rows[i]!.push({
          latency: latencyOf("node", batch, one),
          ...(one.joules !== undefined && { joules: one.joules }),
        });
      });
    const scorers = group.map(({ recommender }) => openScorer(kernels, recommender));
    try {
      const contenders = group.map(({ recommender }, i) => asker(scorers[i]!, recommender, questions));
      note(1, await interleave(contenders, meter, oneByOne));
    } finally {
      for (const scorer of scorers) scorer.free();
    }
    const rankers = await Promise.all(group.map(({ recommender }) => openRanker(kernels, recommender, seen)));
    try {
      for (const batch of batches) {
        const contenders = rankers.map((ranker) => {
          let from = 0;
          return () => {
            const asking = Int32Array.from({ length: batch }, (_, i) => users[(from + i) % users.length]!);
            from += batch;
            return ranker.rank(asking, seen, k);
          };
        });
        note(batch, await interleave(contenders, meter, many));
      }
    } finally {
      for (const ranker of rankers) ranker.free();
    }
    found.push(...rows);
  }
  return found;
}

/** One request at a time by a page's kernels, each recommender in a memory of its own. */
async function timeInPage(
  costed: readonly Costed[],
  questions: Questions,
  { meter }: Surroundings,
): Promise<{ latency: Latency; bytes: number }[]> {
  const found: { latency: Latency; bytes: number }[] = [];
  for (const group of groupsWithin(costed, ({ recommender }) => scorerBytes(recommender), together)) {
    const pages = await Promise.all(group.map(({ recommender }) => openPageKernels(scorerBytes(recommender))));
    const contenders = group.map(({ recommender }, i) =>
      asker(openScorer(pages[i]!, recommender), recommender, questions),
    );
    const timed = await interleave(contenders, meter, oneByOne);
    found.push(...timed.map((one, i) => ({ latency: latencyOf("wasm", 1, one), bytes: pages[i]!.peakBytes() })));
  }
  return found;
}

/** Asks for one user after the other; building the query and leaving out what the user has is part of it. */
function asker(scorer: Scorer, recommender: Recommender, { seen, users, k }: Questions): () => void {
  const requests = [...users].map((user) => ({
    query: queryOf(recommender, seen, user),
    exclude: rowOf(seen, user),
  }));
  let at = 0;
  return () => {
    const { query, exclude } = requests[at++ % requests.length]!;
    scorer.recommend(query, k, exclude);
  };
}

/** What a user asks a recommender with. */
export function queryOf({ query, encoder }: Recommender, seen: Interactions, user: number): Query {
  if (query === "user") return { user };
  // What the export takes at most; ours would leave out the older items by itself.
  return query === "history" ? { history: sequenceOf(seen, user).slice(-(encoder?.length ?? seen.items)) } : {};
}

/** The same by names, for a process that has only the artifact. */
function namesOf(recommender: Recommender, { seen, users, itemIds, userIds, k }: Questions): Asking {
  const asked = [...users.subarray(0, askedOfProcess)].map((user) => {
    if (recommender.query === "user") return { user: userIds[user]! };
    return [...sequenceOf(seen, user)].map((item) => itemIds[item]!);
  });
  return { asked, k };
}
