// The package as npm would publish it, after a build.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  exports: Record<string, string | Record<string, string>>;
  bin: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  files: string[];
};
const packed = (
  JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json"], { encoding: "utf8" })) as {
    size: number;
    unpackedSize: number;
    files: { path: string }[];
  }[]
)[0]!;
const paths = packed.files.map((file) => file.path);

test("every export and every bin is in the package", () => {
  const targets = [...Object.values(manifest.exports), ...Object.values(manifest.bin)].flatMap((target) =>
    typeof target === "string" ? [target] : Object.values(target),
  );
  expect(targets.map((target) => target.replace(/^\.\//, "")).filter((target) => !paths.includes(target))).toEqual([]);
});

test("types come first in every export, so that TypeScript finds them", () => {
  for (const target of Object.values(manifest.exports)) {
    if (typeof target === "object") expect(Object.keys(target)[0]).toBe("types");
  }
});

test("versions are exact", () => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies };
  expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
});

test("the bin starts with a shebang and prints its help", () => {
  const bin = manifest.bin["distilrec"]!;
  expect(readFileSync(bin, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(execFileSync(process.execPath, [bin, "--help"], { encoding: "utf8" })).toMatch(/^Usage: distilrec /);
});

test("it holds the build of src, recipes, licence and README, and nothing else", () => {
  const strange = paths.filter((path) => {
    if (/^(package\.json|README\.md|LICENSE|recipes\/[\w.-]+)$/.test(path)) return false;
    const source = /^dist\/(.+?)(\.d\.ts|\.js)$/.exec(path)?.[1];
    // A left-over of a source that is gone: rm -rf dist && npm run build.
    return source === undefined || /\.test$/.test(source) || !existsSync(`src/${source}.ts`);
  });
  expect(strange).toEqual([]);
  for (const file of ["README.md", "LICENSE", "recipes/demo.yaml", "recipes/recipe.schema.json"]) {
    expect(paths).toContain(file);
  }
});

test("it stays below 1.1 MB to download and 4.4 MB on disk", () => {
  expect(packed.size).toBeLessThan(1_100_000);
  expect(packed.unpackedSize).toBeLessThan(4_400_000);
});
