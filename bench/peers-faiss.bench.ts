// Product quantisation of 1 M rows of 64 in 16 bytes, a codebook for each piece, on one thread: the pass `pq` against
// FAISS, k-means of 25 steps over 256 pieces a vector on both sides, and the codes of all rows.

import { createRng } from "../src/base/rng.ts";
import { openKernels } from "../src/node/threads.ts";
import pq from "../src/passes/pq.ts";
import { f32Table } from "../src/tables/table.ts";
import type { Figures, QualityContext } from "./case.ts";
import { duel, openPeer } from "./peer.ts";

const [ROWS, D, PIECES, ITERATIONS, ROUNDS] = [1_000_000, 64, 16, 25, 3];

export async function measure({ note }: QualityContext): Promise<Figures> {
  const peer = await openPeer("faiss_peer.py", ...[ROWS, D, PIECES, 1].map(String));
  const kernels = await openKernels(1);
  try {
    note(peer.hello);
    const rng = createRng("faiss");
    const numbers = Float32Array.from({ length: ROWS * D }, () => rng.uniform() + rng.uniform() - 1);
    const table = f32Table(ROWS, D, numbers);
    const options = pq.options.parse({ shared: false, pieces: PIECES, iterations: ITERATIONS });
    const ours = () => pq.encode(table, options, { kernels, rng: createRng("pq") }, "item");
    return await duel(note, `PQ of ${ROWS} × ${D}, trained and coded`, ours, () => peer.ask("all"), ROUNDS);
  } finally {
    peer.close();
    await kernels.close();
  }
}
