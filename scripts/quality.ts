// npm run quality -- NAME: runs one quality case of bench/quality/, its figures as one JSON line last on stdout.
// Without a name it lists the cases.

import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import type { QualityCase } from "../bench/case.ts";
import { UserError } from "../src/base/errors.ts";
import { formatSeconds } from "../src/base/format.ts";
import { caseNames, context, loadCase, machine, type Output, runScript } from "./cases.ts";

/** Lists the cases of `folder`, or runs the one that is named. */
export async function quality([name, ...rest]: readonly string[], io: Output, folder = "bench/quality"): Promise<void> {
  if (rest.length) throw new UserError(`quality takes one case, got ${rest.length + 1}: run them one after the other.`);
  const load = async (one: string) => (await loadCase(folder, ".ts", one))["default"] as QualityCase;
  if (name === undefined) {
    for (const one of caseNames(folder, ".ts")) io.out(`${one.padEnd(24)} ${(await load(one)).summary}`);
    return;
  }
  const { summary, run } = await load(name);
  io.err(`${name}: ${summary}`);
  const start = performance.now();
  const figures = await run(context(io));
  const seconds = (performance.now() - start) / 1000;
  io.err(`${name}: done in ${formatSeconds(seconds)}`);
  io.out(JSON.stringify({ case: name, figures, seconds: Math.round(seconds * 10) / 10, machine: machine() }));
}

if (argv[1] === fileURLToPath(import.meta.url)) await runScript(quality);
