// Writes what follows from the sources: the method folders' barrels, the options tables in docs/, the recipe's JSON
// Schema and docs/cli.md. With --check it writes nothing and fails when a file on disk is not what it would write.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { generators } from "./generated/index.ts";

const check = process.argv.includes("--check");
const stale: string[] = [];

for (const generate of generators) {
  for (const { path, text } of await generate()) {
    if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
    stale.push(path);
    if (check) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

if (stale.length > 0) process.stderr.write(`${check ? "Stale, run npm run gen" : "Wrote"}: ${stale.join(", ")}\n`);
process.exit(check && stale.length > 0 ? 1 : 0);
