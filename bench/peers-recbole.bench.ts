// A BPR-MF epoch of the model bpr-mf against RecBole's, on Gowalla at d = 64: as many triples as there are positives, the
// negatives checked on both sides. Ours is stochastic gradient steps one triple at a time, RecBole's is Adam in batches.

import { createRng } from "../src/base/rng.ts";
import { bprEpoch, bprEpochParallel } from "../src/kernels/bpr.ts";
import { openKernels } from "../src/node/threads.ts";
import type { Figures, QualityContext } from "./case.ts";
import { duel, openPeer, readLines } from "./peer.ts";

const [D, ROUNDS] = [64, 3];

export async function measure({ data, note }: QualityContext): Promise<Figures> {
  const path = `${data("gowalla-lightgcn")}/train.txt`;
  const train = readLines(path);
  const peer = await openPeer("bpr_recbole.py", path);
  let figures: Figures = {};
  try {
    note(peer.hello);
    for (const threads of [1, 2]) {
      const k = await openKernels(threads);
      const s = k.scope();
      const rng = createRng("bpr");
      const random = (n: number) => s.copy(Float32Array.from({ length: n }, () => 0.1 * rng.normal()));
      const userOf = s.i32(train.indices.length);
      for (let u = 0; u < train.users; u++) userOf.fill(u, train.indptr[u], train.indptr[u + 1]);
      const indices = s.copy(train.indices);
      const options = {
        ...{ users: random(train.users * D), items: random(train.items * D), userOf, itemOf: indices, indices, d: D },
        ...{ indptr: s.copy(train.indptr), learningRate: 0.05, decay: 0.005, samples: indices.length },
        state: Uint32Array.of(1, 2, 3, 4),
      };
      const ours = threads === 1 ? () => bprEpoch(k, options) : () => bprEpochParallel(k, options);
      const name = `BPR-MF epoch, ${threads} thread(s)`;
      figures = { ...figures, ...(await duel(note, name, ours, () => peer.ask(String(threads)), ROUNDS)) };
      await k.close();
    }
    return figures;
  } finally {
    peer.close();
  }
}
