// npm run quality -- NAME: runs one quality case of bench/quality/, its figures as one JSON line last on stdout.
// Without a name it lists the cases. The cases of a group are a folder below: `-- GROUP` runs them all and writes
// docs/results/GROUP.md, `-- GROUP --case NAME` runs one, whose section of that page `--write` renews.

import { existsSync, readdirSync } from "node:fs";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Figures, QualityCase } from "../bench/case.ts";
import { UserError } from "../src/base/errors.ts";
import { formatSeconds } from "../src/base/format.ts";
import { caseNames, context, loadCase, machine, type Output, runScript } from "./cases.ts";
import { type Measured, writeSection } from "./results-page.ts";

/** Where the cases are, and where the pages of groups go. */
export const places = { cases: "bench/quality", pages: "docs/results" };

export async function quality(args: readonly string[], io: Output, { cases, pages } = places): Promise<void> {
  const { names, one, write } = parse(args);
  const [name] = names;
  if (name === undefined) return list(cases, io);
  if (!groupNames(cases).includes(name)) {
    if (one !== undefined || write)
      throw new UserError(`"${name}" is no group of cases; --case and --write go with one.`);
    await measure(cases, name, io);
    return;
  }
  const folder = `${cases}/${name}`;
  for (const wanted of one === undefined ? caseNames(folder, ".ts") : [one]) {
    const measured = await measure(folder, wanted, io, name);
    if (write || one === undefined) writeSection(pages, name, measured);
  }
}

/** The folders of `cases` that hold cases. */
export const groupNames = (cases: string): string[] =>
  existsSync(cases)
    ? readdirSync(cases, { withFileTypes: true })
        .filter((one) => one.isDirectory() && caseNames(`${cases}/${one.name}`, ".ts").length > 0)
        .map((one) => one.name)
        .sort()
    : [];

function parse(args: readonly string[]) {
  try {
    const options = { case: { type: "string" }, write: { type: "boolean" } } as const;
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    if (positionals.length > 1) {
      throw new UserError(`quality takes one case, got ${positionals.length}: run them one after the other.`);
    }
    return { names: positionals, one: values.case, write: values.write ?? false };
  } catch (error) {
    throw error instanceof UserError ? error : new UserError(`quality: ${(error as Error).message}`);
  }
}

async function list(cases: string, io: Output): Promise<void> {
  const line = async (folder: string, name: string, before = "") =>
    io.out(`${`${before}${name}`.padEnd(36)} ${(await load(folder, name)).summary}`);
  for (const name of caseNames(cases, ".ts")) await line(cases, name);
  for (const group of groupNames(cases)) {
    for (const name of caseNames(`${cases}/${group}`, ".ts")) await line(`${cases}/${group}`, name, `${group} --case `);
  }
}

const load = async (folder: string, name: string) => (await loadCase(folder, ".ts", name))["default"] as QualityCase;

async function measure(folder: string, name: string, io: Output, group?: string): Promise<Measured> {
  const { summary, run } = await load(folder, name);
  io.err(`${name}: ${summary}`);
  const start = performance.now();
  const figures: Figures = await run(context(io));
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  io.err(`${name}: done in ${formatSeconds(seconds)}`);
  const shown = group === undefined ? { figures } : { ...figures, figures };
  io.out(JSON.stringify({ case: name, ...shown, seconds, machine: machine() }));
  return { name, summary, figures, seconds, machine: machine() };
}

if (argv[1] === fileURLToPath(import.meta.url)) await runScript(quality);
