// The repository's TypeScript sources and what they import, for the tests that hold its shape.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";

export interface Import {
  /** As written, e.g. "../base/rng.ts", "node:fs" or "zod". */
  readonly spec: string;
  /** Whether nothing of it is left at run time. */
  readonly type: boolean;
  /** For a relative import, the file meant, from the repository's root. */
  readonly file?: string;
}

/** Every .ts below `folder`, from the repository's root, tests left out. */
export function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => join(folder, file))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.endsWith(".d.ts"))
    .sort();
}

/** What a file imports or re-exports, types included; import() with a literal too. */
export function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  const specs = text.matchAll(
    /^\s*(?:import|export)\b[^;'"]*?from\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm,
  );
  return [...specs].map((match) => {
    const spec = (match[1] ?? match[2] ?? match[3])!;
    const type = /^\s*(import|export) type\b/.test(match[0]);
    return { spec, type, ...(spec.startsWith(".") && { file: join(dirname(file), spec) }) };
  });
}

/** "src/base/rng.ts" → "base"; "src/index.ts" → "index". */
export const layerOf = (file: string): string => file.split("/")[1]!.replace(/\.ts$/, "");
