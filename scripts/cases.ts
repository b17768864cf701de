// What quality.ts and bench.ts share: finding a case by name, describing the machine, closing with one JSON line.

import { existsSync, readdirSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { pathToFileURL } from "node:url";
import type { QualityContext } from "../bench/case.ts";
import { suggest, UserError } from "../src/base/errors.ts";

export interface Output {
  out(text: string): void;
  err(text: string): void;
}

/** The cases of a folder: the names of its files that end in `ending`, without it. */
export function caseNames(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(ending) && !file.endsWith(".test.ts"))
    .map((file) => file.slice(0, -ending.length))
    .sort();
}

/** The module of one case; a name that is not there gets the nearest one that is. */
export async function loadCase(folder: string, ending: string, name: string): Promise<Record<string, unknown>> {
  const names = caseNames(folder, ending);
  if (!names.includes(name)) throw new UserError(`No case named "${name}". ${suggest(name, names)}`);
  return (await import(pathToFileURL(`${folder}/${name}${ending}`).href)) as Record<string, unknown>;
}

/** What a case is given: where the test data lies, and a way to say how far it is. */
export function context(io: Output): QualityContext {
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

/** What a figure depends on beside the code. */
export const machine = () => ({
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  node: process.version,
  load: Math.round(loadavg()[0]! * 100) / 100,
});

/** Runs a script's main: a user's mistake is one line and exit 2; anything else keeps its stack. */
export async function runScript(main: (args: readonly string[], io: Output) => Promise<void>): Promise<void> {
  try {
    await main(process.argv.slice(2), {
      out: (text) => process.stdout.write(`${text}\n`),
      err: (text) => process.stderr.write(`${text}\n`),
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}
