// A kill at any moment, followed by the same command, ends with the same bytes as a run that nobody disturbed.

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../../src/base/rng.ts";
import { contents, distilrec, scratch, start, tinyRecipe } from "./distilrec.ts";

const { folder, remove } = scratch();
afterAll(remove);
const recipe = tinyRecipe(folder);
let undisturbed: Record<string, string>;
let milliseconds: number;

beforeAll(async () => {
  const began = performance.now();
  const { code, err } = await distilrec("run", recipe, "--out", join(folder, "calm"));
  milliseconds = performance.now() - began;
  expect(code, err).toBe(0);
  undisturbed = contents(join(folder, "calm", "artifacts"));
});

test("artifacts have the same bytes after kills at random moments", async () => {
  const out = join(folder, "stormy");
  const rng = createRng("kills");
  let killed = 0;
  for (let kill = 0; kill < 5; kill++) {
    const { child, ended } = start(["run", recipe, "--out", out]);
    const timer = setTimeout(() => child.kill("SIGKILL"), milliseconds * (0.3 + 0.6 * rng.uniform()));
    if ((await ended).code === null) killed++;
    else rmSync(out, { recursive: true, force: true });
    clearTimeout(timer);
  }
  expect(killed).toBeGreaterThan(0);
  const { code, err } = await distilrec("run", recipe, "--out", out);
  expect(code, err).toBe(0);
  expect(contents(join(out, "artifacts"))).toEqual(undisturbed);
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

test("an interrupt says how to go on", async () => {
  const { child, ended } = start(["run", recipe, "--out", join(folder, "interrupted")]);
  child.stderr?.once("data", () => child.kill("SIGINT"));
  const { code, err } = await ended;
  expect(code).toBe(130);
  expect(err).toContain("run the same command again to go on from there");
});
