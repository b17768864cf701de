// What every click log promises: a table whose columns, labels and parts fit together, the same each time for a seed, columns
// that can be fitted on it, and a sentence where files are missing or of another form.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { createRng } from "../../src/base/rng.ts";
import { all } from "../../src/clicklogs/index.ts";
import { clickMetrics } from "../../src/data/click-metrics/index.ts";
import { columnKinds } from "../../src/data/columns/columns.ts";
import { prepareExamples } from "../../src/data/labelled.ts";
import type { ClickLog, ClickLogMethod } from "../../src/kinds/clicklog.ts";
import { createReader } from "../../src/node/reader.ts";
import { readPage, tableRows } from "../markdown.ts";

const many = (n: number, line: (r: number) => string) => Array.from({ length: n }, (_, r) => `${line(r)}\n`).join("");
const frappeHead = "user\titem\tcnt\tdaytime\tweekday\tisweekend\thomework\tcost\tweather\tcountry\tcity\n";
const names = [
  "Id",
  "Label",
  ...Array.from({ length: 13 }, (_, c) => `I${c + 1}`),
  ...Array.from({ length: 26 }, (_, c) => `C${c + 1}`),
];

/** The smallest source of each click log. */
const tiny: Record<string, { options: Record<string, unknown>; files: Record<string, string>; rows: number }> = {
  table: {
    options: { path: "log.csv", label: "y", group: "u", columns: [{ kind: "category", column: "u" }] },
    files: { "log.csv": `y,u\n${many(20, (r) => `${r % 2},u${r % 3}`)}` },
    rows: 20,
  },
  criteo: {
    options: { path: "log.csv", minCount: 1 },
    files: {
      "log.csv": `${names.join(",")}\n${many(20, (r) => names.map((_, c) => (c === 1 ? r % 2 : c * r)).join(","))}`,
    },
    rows: 20,
  },
  frappe: {
    options: { path: "." },
    // Users 0 and 1 of 4 items; features: user 0-1, item 2-5, then one value a column, numbers 6-13.
    files: {
      "raw/frappe.csv": `${frappeHead}${["0\ta", "0\tb", "1\tc", "1\td"].map((ui) => `${ui}\t1\tm\ts\tw\tu\tf\ts\tx\t0\n`).join("")}`,
      "nfm/frappe.validation.libfm": "1 0:1 2:1 6:1 7:1 8:1 9:1 10:1 11:1 12:1 13:1\n",
      "nfm/frappe.test.libfm": "-1 0:1 4:1 6:1 7:1 8:1 9:1 10:1 11:1 12:1 13:1\n",
    },
    // 3 logs and the 1 + 2 negatives that user and items leave room for; 1 + 1 given
    rows: 8,
  },
  movielens: {
    options: { path: "." },
    files: {
      "u.data": many(20, (r) => `${1 + (r % 2)}\t${1 + (r % 3)}\t${1 + (r % 5)}\t${881250949 + r}`),
      "u.user": "1|24|M|technician|85711\n2|53|F|other|94043\n",
      "u.item": many(
        2,
        (r) => `${r + 1}|Film|01-Jan-199${r}||url|${Array.from({ length: 19 }, (_, g) => (g === r ? 1 : 0)).join("|")}`,
      ),
    },
    rows: 20,
  },
};

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "distilrec-clicklogs-"));
});
afterAll(() => rmSync(root, { recursive: true }));

describe.each(all as unknown as readonly ClickLogMethod[])("$name", (method) => {
  const source = () => {
    const one = tiny[method.name];
    if (!one) throw new Error(`give test/contract/clicklogs.test.ts the smallest source of "${method.name}"`);
    return one;
  };
  const load = (folder: string, change: (text: string) => string = (text) => text, seed = 1): Promise<ClickLog> => {
    const { options, files } = source();
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), change(text));
    }
    const placed = { ...options, path: join(folder, String(options["path"])) };
    return method.load(method.options.parse(placed), { read: createReader(), rng: createRng(seed) });
  };

  test("gives rows, parts and labels that fit together, the same for a seed", async () => {
    const log = await load(join(root, method.name));
    expect([log.table.n, log.part.length]).toEqual([source().rows, source().rows]);
    expect(log.part.every((part) => part <= 2)).toBe(true);
    expect(await load(join(root, method.name))).toEqual(log);
    const { train, validation, test } = prepareExamples(log, log.columns);
    expect(train.n + validation.n + test.n).toBe(log.table.n);
    for (const examples of [train, validation, test]) {
      expect(examples.label.every((label) => label === 0 || label === 1)).toBe(true);
      expect(examples.ids.length).toBe(examples.n * examples.fields);
      if (log.target.group !== undefined) expect(examples.group!.length).toBe(examples.n);
    }
  });

  test("says what is wrong with files that are missing, empty or of another form", async () => {
    const placed = { ...source().options, path: join(root, "nowhere") };
    const missing = method.load(method.options.parse(placed), { read: createReader(), rng: createRng(1) });
    await expect(missing).rejects.toThrow(UserError);
    await expect(load(join(root, `${method.name}-empty`), () => "")).rejects.toThrow(UserError);
    await expect(load(join(root, `${method.name}-binary`), () => "\0\u0001\uFFFD\n")).rejects.toThrow(UserError);
    await expect(load(join(root, `${method.name}-other`), () => "1 2 3\n4 5 6\n")).rejects.toThrow(UserError);
  });
});

test("docs/columns.md has a row for each kind of column, docs/clicklogs.md for each metric of clicks", () => {
  const rows = (page: string, first: string) =>
    tableRows(readPage(`docs/${page}.md`).prose, first).map((row) => row[0]);
  expect(rows("columns", "column kind")).toEqual(Object.keys(columnKinds));
  expect(rows("clicklogs", "click metric")).toEqual(Object.keys(clickMetrics));
});
