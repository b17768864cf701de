// A kill at any moment, followed by the same command, ends with the same bytes as a run that nobody disturbed.

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../../src/base/rng.ts";
import { contents, distilrec, main, scratch, start, tinyRecipe } from "./distilrec.ts";

const { folder, remove } = scratch();
afterAll(remove);
const recipe = tinyRecipe(folder);
let undisturbed: Record<string, string>;

beforeAll(async () => {
  const { code, err } = await distilrec("run", recipe, "--out", join(folder, "calm"));
  expect(code, err).toBe(0);
  undisturbed = contents(join(folder, "calm", "artifacts"));
});

test("artifacts have the same bytes after kills while outputs are written", async () => {
  const out = join(folder, "stormy");
  const stages = join(out, "stages");
  mkdirSync(stages, { recursive: true });
  const rng = createRng("kills");
  let killed = 0;
  for (let kill = 0; kill < 6; kill++) {
    const { child, ended } = start(["run", recipe, "--out", out]);
    let changes = 1 + rng.below(12);
    const watcher = watch(stages, { recursive: true }, () => --changes === 0 && child.kill("SIGKILL"));
    if ((await ended).code === null) killed++;
    watcher.close();
  }
  expect(killed).toBeGreaterThan(0);
  const { code, err } = await distilrec("run", recipe, "--out", out);
  expect(code, err).toBe(0);
  expect(err).toContain("kept from before");
  expect(contents(join(out, "artifacts"))).toEqual(undisturbed);
  expect(readdirSync(out, { recursive: true }).filter((path) => String(path).endsWith(".tmp"))).toEqual([]);
});

test("a damaged stage is made again, a damaged artifact replaced, and the rest kept", async () => {
  const out = join(folder, "calm");
  writeFileSync(join(out, "artifacts", "small", "tables.safetensors"), "damaged");
  const { code, err } = await distilrec("run", recipe, "--out", out);
  expect(code, err).toBe(0);
  expect(contents(join(out, "artifacts"))).toEqual(undisturbed);
  expect(err).toMatch(/teacher ease +kept from before/);
  expect(err).not.toMatch(/artifact small +kept from before/);
});

test("when the disk takes no more, nothing is half-written, and the same command goes on later", async () => {
  const out = join(folder, "full");
  const limited = spawnSync("sh", [
    "-c",
    `ulimit -f 40; exec "$0" "$@"`,
    process.execPath,
    main,
    "run",
    recipe,
    "--out",
    out,
  ]);
  expect(limited.status, String(limited.stderr)).toBe(2);
  expect(String(limited.stderr)).toMatch(/stages\/\S+: the file would be larger than this system allows\.\n$/);
  expect(Object.keys(contents(out)).filter((path) => path.includes(".tmp"))).toEqual([]);
  expect((await distilrec("run", recipe, "--out", out)).code).toBe(0);
  expect(contents(join(out, "artifacts"))).toEqual(undisturbed);
});

test("an interrupt says how to go on", async () => {
  const { child, ended } = start(["run", recipe, "--out", join(folder, "interrupted")]);
  child.stderr?.once("data", () => child.kill("SIGINT"));
  const { code, err } = await ended;
  expect(code).toBe(130);
  expect(err).toContain("run the same command again to go on from there");
});
