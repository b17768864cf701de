// A training step of each model in bench/train-models.ts against PyTorch, on one thread and two: all sides are processes
// of their own that take turns, so that processor time and peak memory are each one's alone.

import { execPath } from "node:process";
import type { Figures, QualityContext } from "./case.ts";
import { openPeer, openProcess, race } from "./peer.ts";
import { trainModels } from "./train-models.ts";

const [STEPS, ROUNDS] = [4, 15];

export async function measure({ note }: QualityContext): Promise<Figures> {
  let figures: Figures = {};
  for (const model of trainModels) {
    for (const threads of ["1", "2"]) {
      figures = { ...figures, ...(await measureModel(note, model, threads)) };
    }
  }
  return figures;
}

async function measureModel(note: (line: string) => void, model: string, threads: string): Promise<Figures> {
  const ours = await openProcess("ours", execPath, ["--import", "tsx", "bench/train-steps.ts", model, threads]);
  const sparse = await openPeer("train_torch.py", model, threads, "sparse");
  const dense = await openPeer("train_torch.py", model, threads, "dense");
  const steps = String(STEPS);
  try {
    return await race(
      note,
      `${model}, ${STEPS} steps, ${threads} thread(s)`,
      () => ours.ask(steps),
      { "sparse gradients": () => sparse.ask(steps), "dense gradients": () => dense.ask(steps) },
      ROUNDS,
    );
  } finally {
    for (const each of [ours, sparse, dense]) each.close();
  }
}
