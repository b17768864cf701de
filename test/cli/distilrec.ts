// Runs the built command line as a person would.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "vitest";

/** The built program. */
export const main = resolve("dist/cli/main.js");

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Starts `distilrec ...args`; `ended` resolves with what it printed. */
export function start(args: readonly string[], cwd?: string): { child: ChildProcess; ended: Promise<Outcome> } {
  const child = spawn(process.execPath, [main, ...args], { cwd, env: { ...process.env, NO_COLOR: "1" } });
  let [out, err] = ["", ""];
  child.stdout.on("data", (part) => (out += part));
  child.stderr.on("data", (part) => (err += part));
  const ended = new Promise<Outcome>((done) => child.on("close", (code) => done({ code, out, err })));
  return { child, ended };
}

/** Runs `distilrec ...args` to its end. */
export const distilrec = (...args: string[]): Promise<Outcome> => start(args).ended;

/** The one JSON document that a command, which must succeed, prints with --json. */
export async function json<T>(...args: string[]): Promise<T> {
  const { code, out, err } = await distilrec(...args, "--json");
  expect(code, err).toBe(0);
  return JSON.parse(out) as T;
}

/** A folder of its own for a test file, and the function that removes it. */
export function scratch(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "distilrec-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Writes a recipe over a tiny world, with `changes` on top, and returns its path. */
export function tinyRecipe(folder: string, changes: object = {}, file = "tiny.yaml"): string {
  const path = join(folder, file);
  writeFileSync(path, JSON.stringify({ ...tiny, ...changes }));
  return path;
}

const tiny = {
  name: "tiny",
  dataset: { use: "world", users: 150, items: 120, clicks: 5000 },
  split: { use: "random" },
  teacher: { use: "ease" },
  students: [
    {
      ...{ name: "small", use: "inductive", d: 8, epochs: 1 },
      distill: { topN: 20, terms: [{ use: "soft-label", listed: 20, unlisted: 20 }] },
    },
  ],
  variants: [{ name: "small-int8", of: "small", passes: [{ use: "int8-row" }] }],
};

/** Every file below `folder` and its bytes in hex. */
export function contents(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length), readFileSync(path, "hex")]));
}
