// Heads and blocks of a recommender's encoder (SASRec's, say), by how far the scores of real histories move without them.

import type { ForeignManifest } from "../../../artifact/foreign.ts";
import { bug, UserError } from "../../../base/errors.ts";
import { createRng } from "../../../base/rng.ts";
import { type Interactions, sequenceOf } from "../../../data/interactions.ts";
import { toEncoder } from "../../../engine/sequences/to-encoder.ts";
import type { Graph } from "../../../graph/graph.ts";
import type { Runtime } from "../../../graph/runtime.ts";
import { encoderInput } from "../../../recommender/encoder/history.ts";
import { lowerEncoder } from "../../../recommender/lower.ts";
import type { Recommender } from "../../../recommender/recommender.ts";
import { decodeTable } from "../../../tables/decode.ts";
import { answersBy, cutWith, type PartReport } from "./choose.ts";
import type { PartWishes } from "./part.ts";

export type EncoderWishes = Pick<PartWishes, "heads" | "blocks">;

/** Histories to measure on and items to score, at most. */
const [most, scored] = [512, 1024];

/** The recommender with less of an encoder; where it has none, or nothing of it can go, it is a UserError. */
export async function cutEncoder(
  recommender: Recommender,
  wishes: EncoderWishes,
  histories: Interactions,
  runtime: Runtime,
): Promise<{ readonly recommender: Recommender; readonly parts: readonly PartReport[] }> {
  const { encoder, tables } = recommender;
  if (!encoder) throw new UserError("heads and blocks are those of an encoder, and this model has none.");
  const graph = lowerEncoder(encoder);
  for (const input of graph.inputs) input.shape = input.shape.map((d) => (d === "length" ? encoder.length : d));
  const rows = tables.history ?? tables.item ?? bug("an encoder without rows");
  const table = decodeTable(rows);
  const users = Int32Array.from({ length: histories.users }, (_, u) => u);
  createRng("compress").fork("histories").shuffle(users);
  const drawn = [...users.subarray(0, most).sort()].map((user) => sequenceOf(histories, user));
  // As long as the encoder reads, so that all of them go in one run.
  const read = encoderInput(encoder, [new Int32Array(encoder.length), ...drawn], (item, into) =>
    into.set(table.subarray(item * rows.cols, (item + 1) * rows.cols)),
  );
  const dims = [drawn.length + 1, encoder.length];
  const feeds = [
    {
      rows: { dtype: "float32", dims: [...dims, encoder.width], data: read.rows },
      mask: { dtype: "float32", dims, data: read.mask },
    } as const,
  ];
  const items = decodeTable(tables.item ?? bug("an encoder without items"));
  const trial = {
    ...{ feeds, runtime },
    answers: async ({ graph: cut }: { readonly graph: Graph }) => ({
      answers: scoresOf(await answersBy(cut, feeds, runtime), items, encoder.d),
    }),
  };
  const manifest = { name: "encoder", inputs: [], outputs: [], tables: [] } as unknown as ForeignManifest;
  const { cut, parts } = await cutWith({ graph, manifest }, wishes, trial);
  return { recommender: { ...recommender, encoder: toEncoder(plainNames(cut.graph), encoder) }, parts };
}

/** Products of the queries, but for the first, with the first items. */
function scoresOf(queries: Float32Array, items: Float32Array, d: number): Float32Array {
  const count = Math.min(scored, items.length / d);
  const out = new Float32Array((queries.length / d - 1) * count);
  for (let at = 0; at < out.length; at++) {
    const [q, j] = [Math.floor(at / count) + 1, at % count];
    for (let k = 0; k < d; k++) out[at]! += queries[q * d + k]! * items[j * d + k]!;
  }
  return out;
}

/** Values as an encoder calls them, whose graph has put its own name before them. */
function plainNames(graph: Graph): Graph {
  const plain = (name: string) => name.replace(/^encoder\//, "");
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(plain),
      outputs: node.outputs.map((name) => plain(name)),
    })),
    initializers: new Map([...graph.initializers].map(([name, tensor]) => [plain(name), tensor])),
  };
}
