// The page runtime as it lies in this package: the compiled modules that edge/ may import, and no others.

import { readFile } from "node:fs/promises";

const reachable = /^(base|kernels|tables|recommender|artifact|edge)\/[a-z0-9-]+\.js$/;

/** A module by its path below dist/; "index.js" gives the runtime's own entry. Undefined where there is none. */
export async function edgeModule(path: string): Promise<Uint8Array | undefined> {
  if (path === "index.js") return new TextEncoder().encode('export * from "./edge/index.js";\n');
  if (!reachable.test(path)) return undefined;
  try {
    return await readFile(new URL(`../${path}`, import.meta.url));
  } catch {
    return undefined;
  }
}
