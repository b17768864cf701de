// Sizes that a person must raise on purpose, in the commit that needs it.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { methodFolders } from "../scripts/generated/barrels.ts";
import { layerOf, sources } from "./sources.ts";

/** Lines of src/ in all, tests and generated kernels aside. Raise it when the product needs it, and say why. */
const BUDGET = 60_000;

const generated = /^src\/kernels\/wasm/;
const lines = (file: string) => readFileSync(file, "utf8").split("\n").length - 1;
const files = sources("src")
  .filter((file) => !generated.test(file))
  .map((file) => ({ file, lines: lines(file) }));
const longer = (limit: number, where: (file: string) => boolean) =>
  files
    .filter(({ file, lines: n }) => n > limit && where(file))
    .map(({ file, lines: n }) => `${file}: ${n} lines, at most ${limit}`);

test("no file is longer than 500 lines, no method longer than 350, no contract longer than 60", () => {
  expect(longer(500, () => true)).toEqual([]);
  expect(longer(350, (file) => (methodFolders as readonly string[]).includes(layerOf(file)))).toEqual([]);
  expect(longer(60, (file) => layerOf(file) === "kinds" && !file.endsWith("/options.ts"))).toEqual([]);
});

test("half of the files have at most 130 lines", () => {
  const sorted = files.map((f) => f.lines).sort((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(130);
});

test(`src/ stays within ${BUDGET} lines`, () => {
  expect(files.reduce((sum, f) => sum + f.lines, 0)).toBeLessThanOrEqual(BUDGET);
});

test("every file opens with what it is", () => {
  expect(
    files.map((f) => f.file).filter((file) => !/^(#!.*\n)?(\/\/ |\/\*\*)/.test(readFileSync(file, "utf8"))),
  ).toEqual([]);
});
