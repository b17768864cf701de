// Frappe's real files, and that no row of validation or test is in train.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import type { Words } from "../data/raw-table.ts";
import type { ClickLog } from "../kinds/clicklog.ts";
import { createReader } from "../node/reader.ts";
import frappe from "./frappe.ts";

const path = `${process.env["DISTILREC_DATA"] ?? "../shared/data"}/frappe`;

/** Each row's user, context, item and label. */
function rowsOf({ table, part }: ClickLog) {
  const columns = [...table.columns].filter(([name]) => name !== "label").map(([, column]) => column as Words);
  const label = (table.columns.get("label") as { values: Float64Array }).values;
  return Array.from(part, (p, r) => {
    const [user, item, ...context] = columns.map(({ words, code }) => words[code[r]!]!);
    return { part: p, user: user!, item: item!, label: label[r]!, context: [user, ...context].join(" ") };
  });
}

describe.skipIf(!existsSync(path))(`the log in ${path}`, { timeout: 60_000 }, () => {
  test("gives NFM's rows, and negatives as NFM drew them", async () => {
    const read = createReader();
    const log = await frappe.load({ path }, { read, rng: createRng(1) });
    const rows = rowsOf(log);
    const count = (part: number, label: number) => rows.filter((r) => r.part === part && r.label === label).length;
    // Published: 202,027 rows of train, 57,722 of validation, 28,860 of test; two logs of train equal held-out ones.
    expect([0, 1, 2].map((part) => [count(part, 1), count(part, 0)])).toEqual([
      [67_604 - 2, 134_423],
      [19_063, 38_659],
      [9_536, 19_324],
    ]);
    const keyOf = (r: (typeof rows)[number]) => `${r.context} ${r.item}`;
    const held = new Set(rows.filter((r) => r.part > 0).map(keyOf));
    expect(rows.filter((r) => r.part === 0 && held.has(keyOf(r)))).toEqual([]);
    const used = new Set(rows.filter((r) => r.label === 1).map((r) => `${r.user} ${r.item}`));
    const negatives = rows.filter((r) => r.label === 0);
    expect(negatives.filter((r) => used.has(`${r.user} ${r.item}`))).toEqual([]);
    expect(new Set(negatives.map(keyOf)).size).toBe(negatives.length);
    const perContext = (label: number) => {
      const n = new Map<string, number>();
      for (const r of rows) if (r.label === label) n.set(r.context, (n.get(r.context) ?? 0) + 1);
      return n;
    };
    const positives = perContext(1);
    // Eight logs are there twice; of two of them train lost one. Two negatives a log in all, wherever it lies.
    const over = [...perContext(0)].filter(([context, n]) => n > 2 * (positives.get(context)! + 1));
    expect(over).toEqual([]);
    // Uniform over 4,082 items: the tenth that is used most has its tenth of the draws, give or take 5 deviations.
    const popular = new Map<string, number>();
    for (const r of rows) if (r.label === 1) popular.set(r.item, (popular.get(r.item) ?? 0) + 1);
    const head = [...popular].sort((a, b) => b[1] - a[1]).slice(0, 408);
    const top = new Set(head.map(([item]) => item));
    const share = (part: number) => {
      const own = negatives.filter((r) => (part === 0 ? r.part === 0 : r.part > 0));
      return own.filter((r) => top.has(r.item)).length / own.length;
    };
    expect(Math.abs(share(0) - share(1))).toBeLessThan(5 * Math.sqrt(0.1 * 0.9 * (1 / 134_423 + 1 / 57_983)));
  });
});

describe("a small log", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "frappe-"));
    await mkdir(join(folder, "raw"));
    const head = "user\titem\tcnt\tdaytime\tweekday\tisweekend\thomework\tcost\tweather\tcountry\tcity\n";
    const logs = Array.from({ length: 40 }, (_, r) => `${r % 2}\t${r}\t1\ta\tb\tc\td\te\tf\tg\th\n`);
    await writeFile(join(folder, "raw/frappe.csv"), head + logs.join(""));
  });
  afterAll(() => rm(folder, { recursive: true }));
  /** Users 0 and 1, items 2 to 41, one value of each other column. */
  const line = (label: number, user: number, item: number) =>
    [label, user, item, 42, 43, 44, 45, 46, 47, 48, 49].map((k, c) => (c === 0 ? k : `${k}:1`)).join(" ");
  const load = (test: string, seed: number) => {
    const text = async (name: string) => (name.endsWith("test.libfm") ? test : line(1, 0, 2));
    return frappe.load({ path: folder }, { read: { ...createReader(), text }, rng: createRng(seed) });
  };

  test("negatives follow from the seed, and room runs out without a hang", async () => {
    const [one, again, other] = await Promise.all([1, 1, 2].map((seed) => load(line(-1, 1, 2), seed)));
    expect(again).toEqual(one);
    expect(rowsOf(other!)).not.toEqual(rowsOf(one!));
    // Each user has 20 logs in one context and 20 items never used: 20 negatives, of which one is given.
    const drawn = rowsOf(one!).filter((r) => r.label === 0 && r.part === 0);
    expect(drawn.length).toBe(39);
  });

  test.each(["1 0:1 9:1", line(1, 2, 2), line(1, 0, 99), "1 x"])("%j does not belong to it", async (text) => {
    await expect(load(text, 1)).rejects.toThrow(
      /test\.libfm: line 1: expected a label and 10 features.* belong together/,
    );
  });
});
