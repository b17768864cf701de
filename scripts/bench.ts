// npm run bench -- NAME: runs bench/NAME.bench.ts with mitata. The file registers its benches at its top level; its
// default export, where it has one, turns each bench's median nanoseconds into the figures that people quote. A file that
// exports `measure` times things itself, such as ours and a peer in turn, and gives the figures.
// The machine and its load come first, one JSON line last. Without a name it lists the benches.

import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { run } from "mitata";
import type { Figures, QualityContext } from "../bench/case.ts";
import { UserError } from "../src/base/errors.ts";
import { caseNames, context, loadCase, machine, type Output, runScript } from "./cases.ts";

type Measure = (context: QualityContext) => Promise<Figures>;
type ToFigures = (medianNs: Readonly<Record<string, number>>) => Figures;

/** Lists the benches of `folder`, or runs the one that is named. */
export async function bench([name, ...rest]: readonly string[], io: Output, folder = "bench"): Promise<void> {
  if (rest.length) throw new UserError(`bench takes one name, got ${rest.length + 1}: run them one after the other.`);
  if (name === undefined) {
    for (const one of caseNames(folder, ".bench.ts")) io.out(one);
    return;
  }
  const before = machine();
  io.err(`${before.cpu}, ${before.cores} cores, load ${before.load}, Node ${before.node}`);
  const module = await loadCase(folder, ".bench.ts", name);
  const measure = module["measure"] as Measure | undefined;
  if (measure) {
    io.out(JSON.stringify({ bench: name, figures: await measure(context(io)), machine: before }));
    return;
  }
  const toFigures = module["default"] as ToFigures | undefined;
  const { benchmarks } = await run({ print: io.err, colors: false, throw: true });
  const medianNs: Record<string, number> = {};
  for (const { runs } of benchmarks) for (const { name: bench, stats } of runs) if (stats) medianNs[bench] = stats.p50;
  io.out(
    JSON.stringify({ bench: name, ...(toFigures && { figures: toFigures(medianNs) }), medianNs, machine: before }),
  );
}

if (argv[1] === fileURLToPath(import.meta.url)) await runScript(bench);
