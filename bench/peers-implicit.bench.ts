// BPR and iALS against the same in `implicit`, thread for thread, on Gowalla at d = 64: one BPR epoch of as many triples
// as there are positives, item biases and checked negatives on both sides; one ALS iteration (users, then items).

import { createRng } from "../src/base/rng.ts";
import { type Interactions, transpose } from "../src/data/interactions.ts";
import { bprEpoch, bprEpochParallel } from "../src/kernels/bpr.ts";
import { gramDense } from "../src/kernels/gram.ts";
import { ialsHalfStep } from "../src/kernels/ials.ts";
import type { Kernels } from "../src/kernels/kernels.ts";
import { openKernels } from "../src/node/threads.ts";
import type { Figures, QualityContext } from "./case.ts";
import { duel, openPeer, readLines } from "./peer.ts";

const D = 64;

function bprOn(k: Kernels, train: Interactions): () => unknown {
  const s = k.scope();
  const rng = createRng("bpr");
  const random = (n: number) => s.copy(Float32Array.from({ length: n }, () => 0.1 * rng.normal()));
  const userOf = s.i32(train.indices.length);
  for (let u = 0; u < train.users; u++) userOf.fill(u, train.indptr[u], train.indptr[u + 1]);
  const indices = s.copy(train.indices);
  const options = {
    ...{ users: random(train.users * D), items: random(train.items * D), itemBias: s.f32(train.items) },
    ...{ userOf, itemOf: indices, indptr: s.copy(train.indptr), indices, d: D, learningRate: 0.05, decay: 0.01 },
    ...{ samples: indices.length, state: Uint32Array.of(1, 2, 3, 4) },
  };
  return k.threads === 1 ? () => bprEpoch(k, options) : () => bprEpochParallel(k, options);
}

function alsOn(k: Kernels, train: Interactions, cgSteps: number): () => unknown {
  const s = k.scope();
  const rng = createRng("ials");
  const random = (n: number) => s.copy(Float32Array.from({ length: n * D }, () => rng.normal() / 8));
  const side = ({ users, indptr, indices }: Interactions) => ({
    ...{ factors: random(users), rows: users, indptr: s.copy(indptr), indices: s.copy(indices) },
  });
  const [users, items] = [side(train), side(transpose(train))];
  const gram = s.f32(D * D);
  return async () => {
    for (const [to, from] of [[users, items] as const, [items, users] as const]) {
      await gramDense(k, from.factors, from.rows, D, gram, 0.1);
      await ialsHalfStep(k, {
        ...{ target: to.factors, source: from.factors, gram, indptr: to.indptr, indices: to.indices },
        ...{ rows: to.rows, d: D, totalOther: from.rows, cgSteps, reg: 0.01, frequencyPower: 0, unobserved: 0.1 },
      });
    }
  };
}

export async function measure({ data, note }: QualityContext): Promise<Figures> {
  const path = `${data("gowalla-lightgcn")}/train.txt`;
  const peer = await openPeer("implicit_peer.py", path);
  try {
    note(peer.hello);
    const train = readLines(path);
    const figures: Record<string, number | string> = {};
    for (const threads of [1, 2]) {
      const k = await openKernels(threads);
      const cases = [
        ["bpr", "BPR epoch", bprOn(k, train), 7],
        ["als-cg", "ALS iteration, 3 CG steps", alsOn(k, train, 3), 7],
        ["als-exact", "ALS iteration, Cholesky", alsOn(k, train, 0), 3],
      ] as const;
      for (const [ask, title, ours, rounds] of cases) {
        const name = `${title}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
        Object.assign(figures, await duel(note, name, ours, () => peer.ask(`${ask} ${threads}`), rounds));
        if (ask === "bpr")
          figures[`${name}: ours, M triples/s`] = train.indices.length / 1e6 / Number(figures[`${name}: ours, s`]);
      }
      await k.close();
    }
    return figures;
  } finally {
    peer.close();
  }
}
