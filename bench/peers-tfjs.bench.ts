// A training step of an MLP (416-400-400-400-1, batch 4096, Adam) against TensorFlow.js on its CPU backend, which has one
// thread; ours has one and two.

import { existsSync } from "node:fs";
import { execPath } from "node:process";
import { UserError } from "../src/base/errors.ts";
import type { Figures, QualityContext } from "./case.ts";
import { openProcess, race } from "./peer.ts";

const FOLDER = process.env["PEERS_TFJS"] ?? "bench/peers/tfjs";

export async function measure({ note }: QualityContext): Promise<Figures> {
  if (!existsSync(`${FOLDER}/node_modules`)) {
    throw new UserError(`${FOLDER}: tfjs is not installed there; run "npm i --prefix ${FOLDER}".`);
  }
  const tfjs = await openProcess("tfjs", execPath, [`${FOLDER}/train.js`]);
  let figures: Figures = {};
  try {
    for (const threads of ["1", "2"]) {
      const ours = await openProcess("ours", execPath, ["--import", "tsx", "bench/train-steps.ts", "mlp", threads]);
      const name = `MLP, 1 step, ${threads} thread(s)`;
      figures = { ...figures, ...(await race(note, name, () => ours.ask("1"), { tfjs: () => tfjs.ask("1") }, 2)) };
      ours.close();
    }
    return figures;
  } finally {
    tfjs.close();
  }
}
