// Writes what follows from the sources: the method folders' barrels, the options tables in docs/, the recipe's JSON
// Schema and docs/cli.md. With --check it writes nothing and fails when a file on disk is not what it would write.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { barrels } from "./gen-barrels.ts";

export interface Generated {
  readonly path: string;
  readonly text: string;
}

const check = process.argv.includes("--check");
const stale: string[] = [];

function settle(files: readonly Generated[]): void {
  for (const { path, text } of files) {
    if (read(path) === text) continue;
    stale.push(path);
    if (check) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

settle(barrels());
if (stale.length > 0) {
  process.stderr.write(`${check ? "Stale, run npm run gen" : "Wrote"}: ${stale.join(", ")}\n`);
  if (check) process.exit(1);
}
