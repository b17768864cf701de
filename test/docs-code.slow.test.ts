// Every TypeScript block of the docs is compiled against the built package and run, in the order of its page. A title
// says more: `page` is code for a browser, only compiled; `src/…` is a file of this repository, compiled where it would
// stand, its test run; `from src/…` is one that stands there already, which scripts/gen.ts copies.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { transform } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pages } from "./markdown.ts";

// Inside the repository, so that "distilrec" is this package; git ignores runs/.
const root = resolve(`runs/docs-${process.pid}`);
const blocks = pages().flatMap(({ path, fences }) =>
  fences
    .filter((fence) => fence.language === "ts" && !fence.title.startsWith("from "))
    .map(({ title, line, text }) => {
      const file = title.startsWith("src/") ? title : `${path.replaceAll("/", "-").replace(/\.md$/, "")}-${line}.ts`;
      return { place: `${path}:${line}`, title, text, file: join(root, file) };
    }),
);

beforeAll(() => {
  mkdirSync(join(root, "src"), { recursive: true });
  symlinkSync(resolve("test"), join(root, "test"));
  for (const { file, text } of blocks) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  for (const folder of readdirSync("src")) {
    if (!existsSync(join(root, "src", folder))) symlinkSync(resolve("src", folder), join(root, "src", folder));
  }
  writeFileSync(join(root, "vitest.config.mjs"), "export default {};\n");
  writeFileSync(
    join(root, "tsconfig.json"),
    JSON.stringify({
      extends: "../../tsconfig.base.json",
      compilerOptions: {
        ...{ composite: false, declaration: false, sourceMap: false, noEmit: true, allowImportingTsExtensions: true },
        ...{ rootDir: "../..", rewriteRelativeImportExtensions: false, lib: ["es2023", "dom"], types: ["node"] },
      },
      files: blocks.map((block) => block.file),
    }),
  );
});
afterAll(() => rmSync(root, { recursive: true }));

test("every block compiles", () => {
  const { stdout, status } = spawnSync("npx", ["tsc", "-p", root], { encoding: "utf8" });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});

test.each(blocks.filter((b) => b.title === ""))("$place runs", async ({ file, text }) => {
  const { code } = await transform(text, { loader: "ts", format: "esm", target: "node20" });
  writeFileSync(`${file}.mjs`, code);
  const { status, stderr } = spawnSync(process.execPath, [`${file}.mjs`], { cwd: root, encoding: "utf8" });
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
});

test("the walk-throughs' tests pass", () => {
  const tests = blocks.filter((b) => b.title.endsWith(".test.ts")).map((b) => b.title);
  const config = ["--root", root, "--config", join(root, "vitest.config.mjs")];
  const { status, stderr } = spawnSync("npx", ["vitest", "run", ...config, ...tests], { encoding: "utf8" });
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
});
