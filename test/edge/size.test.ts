// The page runtime, kernels included, stays small, and none of what only the server needs gets in.

import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";

/** Raise it only with a reason in the commit, never over 40,000: every page that recommends pays for it. */
const CEILING = 25_000;
const MUST_NOT_APPEAR = [/\bzod\b/i, /\bhono\b/i, /onnxruntime/i, /protobuf/i, /["']node:/, /\brequire\(/, /duckdb/i];

test(`the page runtime is at most ${CEILING} bytes of gzip and holds no server part`, async () => {
  const { outputFiles, metafile } = await build({
    ...{ entryPoints: ["src/edge/index.ts"], bundle: true, minify: true, write: false, metafile: true },
    ...{ format: "esm", platform: "browser", target: "es2022" },
  });
  const bundle = outputFiles[0]!;
  for (const name of MUST_NOT_APPEAR) expect(bundle.text).not.toMatch(name);
  expect(Object.keys(metafile.inputs).filter((file) => file.includes("node_modules"))).toEqual([]);
  expect(gzipSync(bundle.contents, { level: 9 }).length).toBeLessThanOrEqual(CEILING);
});
