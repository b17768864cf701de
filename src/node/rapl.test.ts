import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openRapl } from "./rapl.ts";

const root = mkdtempSync(join(tmpdir(), "distilrec-rapl-"));
afterAll(() => rmSync(root, { recursive: true }));

function zone(folder: string, name: string, microjoules: number): void {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, "energy_uj"), `${microjoules}\n`);
}

function machine(name: string, zones: Record<string, string>): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [zoneName, label] of Object.entries(zones)) {
    zone(folder, zoneName, 1_000_000);
    writeFileSync(join(folder, zoneName, "name"), `${label}\n`);
    writeFileSync(join(folder, zoneName, "max_energy_range_uj"), "5000000\n");
  }
  return folder;
}

test("packages are added up, their parts and the whole system are not", () => {
  const two = { "intel-rapl:0": "package-0", "intel-rapl:1": "package-1", "intel-rapl:2": "psys" };
  const folder = machine("two", { ...two, "intel-rapl:0:0": "core" });
  const joules = openRapl(folder)!;
  const start = joules();
  for (const name of ["intel-rapl:0", "intel-rapl:0:0", "intel-rapl:2"]) zone(folder, name, 3_500_000);
  expect(joules() - start).toBeCloseTo(2.5, 9);
  zone(folder, "intel-rapl:1", 1_250_000);
  expect(joules() - start).toBeCloseTo(2.75, 9);
});

test("a counter that begins again goes on", () => {
  const folder = machine("turn", { "intel-rapl:0": "package-0" });
  const joules = openRapl(folder)!;
  const start = joules();
  zone(folder, "intel-rapl:0", 400_000);
  expect(joules() - start).toBeCloseTo(5 - 1 + 0.4, 9);
});

test("a machine that does not tell has no counter", () => {
  expect(openRapl(join(root, "nowhere"))).toBeUndefined();
  expect(openRapl(machine("none", {}))).toBeUndefined();
  const secret = machine("secret", { "intel-rapl:0": "package-0" });
  rmSync(join(secret, "intel-rapl:0", "energy_uj"));
  expect(openRapl(secret)).toBeUndefined();
});
