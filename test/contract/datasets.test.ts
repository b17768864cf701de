// What every dataset promises: columns that fit together, the same each time, and a sentence where files are missing,
// empty or no data at all.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { createRng } from "../../src/base/rng.ts";
import { all } from "../../src/datasets/index.ts";
import type { Dataset, DatasetMethod } from "../../src/kinds/dataset.ts";
import { createReader } from "../../src/node/reader.ts";

/** The smallest source of each dataset: its options and, where it reads files, their text. */
const tiny: Record<string, { options: Record<string, unknown>; files?: Record<string, string>; events?: number }> = {
  csv: { options: { path: "log.csv" }, files: { "log.csv": "user,item\na,x\nb,x\na,y\n" }, events: 3 },
  inter: {
    options: { path: "log.inter" },
    files: {
      "log.inter":
        "user_id:token\titem_id:token\trating:float\ttimestamp:float\na\tx\t4\t1000000000\nb\tx\t3\t1000000001\n",
    },
    events: 2,
  },
  lines: { options: { path: "." }, files: { "train.txt": "0 0 1 2\n1 2 3\n", "test.txt": "0 3\n1 0\n" }, events: 7 },
  movielens: {
    options: { path: "." },
    files: {
      "u.data": "196\t242\t3\t881250949\n186\t302\t3\t891717742\n",
      "u.item": "242|Kolya (1996)|24-Jan-1997\n302|L.A. Confidential (1997)|01-Jan-1997\n",
    },
    events: 2,
  },
  movietweetings: {
    options: { path: "." },
    files: {
      "ratings.dat": "1::0111161::8::1381006850\n2::0111161::9::1381006851\n",
      "movies.dat": "0111161::The Shawshank Redemption (1994)::Drama\n",
    },
    events: 2,
  },
  world: { options: { users: 40, items: 60, clicks: 800 } },
};

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "distilrec-datasets-"));
});
afterAll(() => rmSync(root, { recursive: true }));

function write(folder: string, files: Record<string, string | Uint8Array>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

describe.each(all as unknown as readonly DatasetMethod[])("$name", (dataset) => {
  const load = (options: Record<string, unknown>, folder: string): Promise<Dataset> => {
    const placed = "path" in options ? { ...options, path: join(folder, String(options["path"])) } : options;
    return dataset.load(dataset.options.parse(placed), { read: createReader(), rng: createRng(1) });
  };
  const source = () => {
    const one = tiny[dataset.name];
    if (!one) throw new Error(`give test/contract/datasets.test.ts the smallest source of "${dataset.name}"`);
    return one;
  };

  test("loads its smallest source into columns that fit together, the same each time", async () => {
    const folder = join(root, dataset.name);
    write(folder, source().files ?? {});
    const loaded = await load(source().options, folder);
    const { users, items, user, item, value, time } = loaded.events;
    const n = user.length;
    if (source().events) expect(n).toBe(source().events);
    expect(n).toBeGreaterThan(0);
    expect([item.length, value.length, time?.length ?? n, loaded.part?.length ?? n]).toEqual([n, n, n, n]);
    expect(new Set(users).size).toBe(users.length);
    expect(new Set(items).size).toBe(items.length);
    expect(user.every((u) => u >= 0 && u < users.length) && item.every((i) => i >= 0 && i < items.length)).toBe(true);
    expect(value.every(Number.isFinite) && (time?.every(Number.isFinite) ?? true)).toBe(true);
    expect(loaded.part?.every((p) => p <= 2) ?? true).toBe(true);
    expect(loaded.titles?.length ?? items.length).toBe(items.length);
    expect(await load(source().options, folder)).toEqual(loaded);
  });

  test("says which file is missing, empty or not what it should be", async () => {
    const files = source().files;
    if (!files) return;
    const missing = join(root, `${dataset.name}-missing`);
    await expect(load(source().options, missing)).rejects.toThrow(UserError);
    await expect(load(source().options, missing)).rejects.toThrow(missing);
    for (const [kind, text] of [
      ["empty", ""],
      ["garbage", Uint8Array.of(0xff, 0xfe, 0x00, 0x0a, 0xc3, 0x28, 0x20, 0x80)],
    ] as const) {
      const folder = join(root, `${dataset.name}-${kind}`);
      write(folder, Object.fromEntries(Object.keys(files).map((name) => [name, text])));
      await expect(load(source().options, folder), kind).rejects.toThrow(UserError);
    }
  });

  test("names its licence", () => {
    expect(dataset.license.length).toBeGreaterThan(2);
  });
});
