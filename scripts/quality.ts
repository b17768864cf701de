// npm run quality -- NAME: runs one quality case of bench/quality/, its figures as one JSON line last on stdout.
// Without a name it lists the cases.

import { existsSync } from "node:fs";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import type { QualityCase, QualityContext } from "../bench/case.ts";
import { UserError } from "../src/base/errors.ts";
import { formatSeconds } from "../src/base/format.ts";
import { caseNames, loadCase, machine, type Output, runScript } from "./cases.ts";

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

function context(io: Output): QualityContext {
  const root = process.env["DISTILREC_DATA"] ?? "../shared/data";
  return {
    note: (line) => io.err(`  ${line}`),
    data(set) {
      const folder = `${root}/${set}`;
      if (existsSync(folder)) return folder;
      throw new UserError(`${folder}: no such folder; set DISTILREC_DATA to the folder that holds "${set}".`);
    },
  };
}

if (argv[1] === fileURLToPath(import.meta.url)) await runScript(quality);
