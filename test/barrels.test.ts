// The registries: fresh, complete, named after their files, with options that explain themselves.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { methodFolders, methodNames } from "../scripts/generated/barrels.ts";
import { generators } from "../scripts/generated/index.ts";
import { UserError } from "../src/base/errors.ts";
import { all as clicklogs } from "../src/clicklogs/index.ts";
import { all as datasets } from "../src/datasets/index.ts";
import { all as estimators } from "../src/estimators/index.ts";
import { parseOptions } from "../src/kinds/options.ts";
import { all as layerPasses } from "../src/layer-passes/index.ts";
import { all as losses } from "../src/losses/index.ts";
import { all as metrics } from "../src/metrics/index.ts";
import { all as models } from "../src/models/index.ts";
import { all as networks } from "../src/networks/index.ts";
import { all as passes } from "../src/passes/index.ts";
import { all as splits } from "../src/splits/index.ts";

interface Method {
  readonly kind: string;
  readonly name: string;
  readonly summary: string;
  readonly options?: z.ZodType;
}
const registries: Record<(typeof methodFolders)[number], readonly Method[]> = {
  datasets,
  clicklogs,
  splits,
  models,
  networks,
  losses,
  passes,
  "layer-passes": layerPasses,
  metrics,
  estimators,
};

test("generated files are fresh (npm run gen)", async () => {
  const stale: string[] = [];
  for (const generate of generators) {
    for (const { path, text } of await generate()) {
      if (!existsSync(path) || readFileSync(path, "utf8") !== text) stale.push(path);
    }
  }
  expect(stale).toEqual([]);
});

describe.each(methodFolders)("%s", (folder) => {
  const all = registries[folder];

  test("each method is named after its file and has that folder's kind", () => {
    expect(all.map((m) => m.name)).toEqual(methodNames(folder));
    for (const method of all) {
      expect(method.name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      expect(
        { losses: "loss", passes: "pass", "layer-passes": "layer-pass" }[folder as string] ?? folder.slice(0, -1),
      ).toBe(method.kind);
    }
  });

  test("each method is tested by name and has a summary that is a sentence", () => {
    const suites = readdirSync("test/contract").filter((file) => file.startsWith(folder.slice(0, -1)));
    const shared = [`src/${folder}/${folder}.test.ts`, ...suites.map((file) => `test/contract/${file}`)].filter(
      existsSync,
    );
    for (const { name, summary } of all) {
      const own = existsSync(`src/${folder}/${name}.test.ts`);
      expect(own || shared.some((file) => readFileSync(file, "utf8").includes(name)), `a test of ${name}`).toBe(true);
      expect(summary).toMatch(/^[A-Z0-9“].*\.$/);
      expect(summary.length).toBeLessThanOrEqual(160);
    }
  });

  test("an option that does not exist is a sentence for the user", () => {
    for (const { name, options } of all) {
      if (!options) continue;
      expect(() => parseOptions(options, { "no-such-option": 1 }, `use ${name}`)).toThrow(UserError);
      expect(() => parseOptions(options, { "no-such-option": 1 }, `use ${name}`)).toThrow(/^use .*\.$/s);
      expect(() => parseOptions(options, 7, `use ${name}`)).toThrow(UserError);
    }
  });
});
