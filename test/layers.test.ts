// The layers of src/: a folder imports itself and lower ranks, and a few import less than their rank allows.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Import, importsOf, layerOf, sources } from "./sources.ts";

const methodFolders = [
  "datasets",
  "clicklogs",
  "splits",
  "models",
  "networks",
  "losses",
  "passes",
  "layer-passes",
  "metrics",
  "estimators",
];

const ranks: readonly (readonly string[])[] = [
  ["base", "kernels"],
  ["graph", "data", "tables", "stats"],
  ["onnx", "autodiff", "recommender"],
  ["kinds"],
  ["engine", "evidence"],
  [...methodFolders, "artifact"],
  ["report", "serve", "edge"],
  ["pipeline"],
  ["node"],
  ["cli"],
  ["index"],
];

/** What is deployed never contains what trains. */
const only: Record<string, readonly string[]> = {
  edge: ["base", "kernels", "tables", "recommender", "artifact"],
  serve: ["base", "kernels", "graph", "onnx", "data", "tables", "recommender", "artifact"],
};

const files = sources("src");
const rankOf = (layer: string) => ranks.findIndex((rank) => rank.includes(layer));
const imports = new Map<string, Import[]>(files.map((file) => [file, importsOf(file)]));
const local = (file: string) => imports.get(file)!.flatMap((i) => (i.file ? [i.file] : []));

test("every folder of src has a rank, and every import is of a file that is there", () => {
  expect(files.filter((file) => rankOf(layerOf(file)) < 0)).toEqual([]);
  const missing = files.flatMap((file) =>
    local(file)
      .filter((to) => !imports.has(to))
      .map((to) => `${file} → ${to}`),
  );
  expect(missing).toEqual([]);
});

test("imports point to lower ranks", () => {
  const bad: string[] = [];
  for (const file of files) {
    const from = layerOf(file);
    const allowed = only[from] ?? ranks.slice(0, rankOf(from)).flat();
    for (const to of local(file).map(layerOf)) {
      if (to !== from && !allowed.includes(to))
        bad.push(`${file}: ${from} may import only ${allowed.join(", ")}; got ${to}`);
    }
  }
  expect(bad).toEqual([]);
});

test("a method never imports a sibling; only the barrel does", () => {
  const bad = files.filter((file) => {
    const [, folder, name] = file.split("/");
    return methodFolders.includes(folder!) && name !== "index.ts" && local(file).some((to) => layerOf(to) === folder);
  });
  expect(bad).toEqual([]);
});

test("there is no import cycle, types aside", () => {
  const state = new Map<string, "open" | "done">();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    if (state.get(file) === "open") cycles.push([...path.slice(path.indexOf(file)), file].join(" → "));
    if (state.has(file)) return;
    state.set(file, "open");
    for (const { file: to, type } of imports.get(file)!) if (to && !type && imports.has(to)) visit(to, [...path, file]);
    state.set(file, "done");
  };
  for (const file of files) visit(file, []);
  expect(cycles).toEqual([]);
});

test("only node/ and cli/ know Node and its native packages", () => {
  const native = ["@duckdb/node-api", "onnxruntime-node", "@hono/node-server"];
  const bad = files.flatMap((file) =>
    ["node", "cli"].includes(layerOf(file))
      ? []
      : imports
          .get(file)!
          .filter(({ spec }) => spec.startsWith("node:") || native.includes(spec))
          .map(({ spec }) => `${file}: ${spec}`),
  );
  expect(bad).toEqual([]);
});

test("nothing draws from Math.random or reads the clock below node/", () => {
  const bad = files.filter(
    (file) =>
      rankOf(layerOf(file)) < rankOf("node") &&
      /\bMath\.random\b|\bDate\.now\b|new Date\(\)/.test(readFileSync(file, "utf8")),
  );
  expect(bad).toEqual([]);
});
