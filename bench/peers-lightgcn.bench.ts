// LightGCN's training step against PyTorch on Gowalla: 3 layers, d = 64, batches of 2,048 triples, BPR, Adam, the same
// threads. Drawing the triples is in neither figure; an epoch is 396 batches.

import { availableParallelism } from "node:os";
import { createRng } from "../src/base/rng.ts";
import { createGraphSteps } from "../src/engine/graph-steps.ts";
import { bprBatch } from "../src/engine/ranking-batch.ts";
import { openKernels } from "../src/node/threads.ts";
import type { Figures, QualityContext } from "./case.ts";
import { duel, openPeer, readLines } from "./peer.ts";

const [D, LAYERS, BATCH, BATCHES] = [64, 3, 2048, 4];

export async function measure({ data, note }: QualityContext): Promise<Figures> {
  const path = `${data("gowalla-lightgcn")}/train.txt`;
  const train = readLines(path);
  const userOf = new Int32Array(train.indices.length);
  for (let u = 0; u < train.users; u++) userOf.fill(u, train.indptr[u], train.indptr[u + 1]);
  const rng = createRng("lightgcn");
  const triples = Array.from({ length: BATCHES }, () => {
    const positives = Int32Array.from({ length: BATCH }, () => rng.below(userOf.length));
    return {
      user: positives.map((p) => userOf[p]!),
      item: positives.map((p) => train.users + train.indices[p]!),
      other: positives.map(() => train.users + rng.below(train.items)),
    };
  });
  const figures: Record<string, number | string> = {};
  for (const threads of [1, Math.min(2, availableParallelism())]) {
    const peer = await openPeer("lightgcn_torch.py", path, `${threads}`);
    const k = await openKernels(threads);
    try {
      note(peer.hello);
      const steps = createGraphSteps(k, k.scope(), train, {
        ...{ d: D, layers: LAYERS, decay: 1e-4, mostRows: 3 * BATCH },
      });
      for (let i = 0; i < steps.embeddings.length; i++) steps.embeddings[i] = 0.1 * rng.normal();
      const ours = async () => {
        for (const batch of triples)
          await steps.step(batch, 1e-3, (table, gradient, rows) => bprBatch(table, gradient, D, rows));
      };
      const name = `${BATCHES} batches, ${threads} ${threads === 1 ? "thread" : "threads"}`;
      Object.assign(figures, await duel(note, name, ours, () => peer.ask(`${BATCHES}`), 5));
      for (const side of ["ours", "peer"]) {
        const seconds = (Number(figures[`${name}: ${side}, s`]) / BATCHES) * Math.ceil(userOf.length / BATCH);
        figures[`epoch, ${threads} ${threads === 1 ? "thread" : "threads"}: ${side}, s`] =
          Math.round(seconds * 10) / 10;
      }
    } finally {
      peer.close();
      await k.close();
    }
  }
  return figures;
}
