// Each dataset on small files of its own form. The Reader is the real one.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import type { Dataset, DatasetMethod } from "../kinds/dataset.ts";
import { createReader } from "../node/reader.ts";
import csv from "./csv.ts";
import inter from "./inter.ts";
import lines from "./lines.ts";
import movielens from "./movielens.ts";
import movietweetings from "./movietweetings.ts";
import world from "./world.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "datasets-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function load(
  method: DatasetMethod,
  files: Record<string, string | Uint8Array>,
  options: object = {},
  path = "",
) {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  const context = { read: createReader(), rng: createRng(1) };
  return method.load(method.options.parse({ path: join(folder, path), ...options }), context);
}
const rowsOf = ({ events, part }: Dataset) =>
  Array.from(events.user, (u, e) => {
    const row = [events.users[u], events.items[events.item[e]!], events.value[e]];
    if (events.time) row.push(events.time[e]);
    if (part) row.push(part[e]);
    return row;
  });

test("csv reads through its mapping", async () => {
  const found = await load(
    csv,
    { "a.csv": "who,what,when\nb,2,1970-01-02\na,10,0\n" },
    { user: "who", item: "what", time: "when" },
    "a.csv",
  );
  expect(rowsOf(found)).toEqual([
    ["b", "2", 1, 86400],
    ["a", "10", 1, 0],
  ]);
  expect(found.events.items).toEqual(["2", "10"]);
});

test("movietweetings, with titles and an item that has none", async () => {
  const files = {
    "ratings.dat": "1::0114508::8::10\n2::0499549::9::20\n",
    "movies.dat": "0499549::Avatar: “é” (2009)::Action|Drama\n",
  };
  const found = await load(movietweetings, files);
  expect(rowsOf(found)).toEqual([
    ["1", "0114508", 8, 10],
    ["2", "0499549", 9, 20],
  ]);
  expect(found.titles).toEqual(["0114508", "Avatar: “é” (2009)"]);
});

test.each<[string, Record<string, string | Uint8Array>]>([
  [
    "100K",
    {
      "u.data": "1\t7\t3\t10\n",
      "u.item": Buffer.from("7|Café, “x” (1990)|01-Jan||0|1\n".replace(/[“”]/g, ""), "latin1"),
    },
  ],
  ["1M", { "ratings.dat": "1::7::3::10\n", "movies.dat": Buffer.from("7::Café, x (1990)::Drama\n", "latin1") }],
  [
    "CSV",
    {
      "ratings.csv": "userId,movieId,rating,timestamp\n1,7,3,10\n",
      "movies.csv": 'movieId,title,genres\n7,"Café, x (1990)",Drama\n',
    },
  ],
  [
    "CSV, header altered",
    {
      "ratings.csv": "userId,Id,rating,timestamp\n1,7,3,10\n",
      "movies.csv": '\uFEFFId,title,genres\r\n7,"Café, x (1990)",Drama\r\n',
    },
  ],
])("movielens in the form of %s", async (_, files) => {
  const found = await load(movielens, files);
  expect(rowsOf(found)).toEqual([["1", "7", 3, 10]]);
  expect(found.titles).toEqual(["Café, x (1990)"]);
});

test("movielens without its files, and with a broken title list", async () => {
  await expect(load(movielens, {})).rejects.toThrow(
    /no MovieLens ratings here \(looked for u\.data, ratings\.dat, ratings\.csv\)/,
  );
  await expect(
    load(movielens, { "ratings.dat": "1::7::3::10\n", "movies.dat": "7::ok::x\n8 no title\n" }),
  ).rejects.toThrow(/movies\.dat: line 2: expected at least 2 fields separated by "::", got 1/);
});

test("lines: parts by file, users without items, and copies to the later part", async () => {
  const files = { "train.txt": "0 1 2  3\n1 1\n2\n", "valid.txt": "0 2\n\n", "test.txt": "1 9\r\n3\n" };
  const found = await load(lines, files);
  expect(rowsOf(found)).toEqual([
    ["0", "1", 1, 0],
    ["0", "3", 1, 0],
    ["1", "1", 1, 0],
    ["0", "2", 1, 1],
    ["1", "9", 1, 2],
  ]);
});

test("lines: one file has no parts; ordered makes positions times", async () => {
  const found = await load(lines, { "a.txt": "u x y\nv y\n" }, { ordered: true }, "a.txt");
  expect(found.part).toBeUndefined();
  expect(rowsOf(found)).toEqual([
    ["u", "x", 1, 0],
    ["u", "y", 1, 1],
    ["v", "y", 1, 0],
  ]);
});

test("lines: no train.txt, or lines of another form", async () => {
  await expect(load(lines, { "test.txt": "0 1\n" })).rejects.toThrow(/no train\.txt here/);
  await expect(load(lines, { "a.txt": "1::2::3\n2::3::4\n" }, {}, "a.txt")).rejects.toThrow(
    /no line holds an item; lines must read/,
  );
});

test("inter: fields by name whatever their order, rating and time where there are any", async () => {
  const full = "rating:float\titem_id:token\ttimestamp:float\tuser_id:token\n4\tx\t10\tu\n";
  expect(rowsOf(await load(inter, { "a.inter": full }, {}, "a.inter"))).toEqual([["u", "x", 4, 10]]);
  const bare = "user_id:token\titem_id:token\nu\tx\n";
  expect(rowsOf(await load(inter, { "b.inter": bare }, {}, "b.inter"))).toEqual([["u", "x", 1]]);
});

test("inter: a header without types, and a field that is missing", async () => {
  await expect(load(inter, { "a.inter": "user_id\titem_id\n1\t2\n" }, {}, "a.inter")).rejects.toThrow(
    /line 1: expected fields as "name:type" .* got "user_id"/,
  );
  await expect(load(inter, { "a.inter": "user_id:token\titem:token\n1\t2\n" }, {}, "a.inter")).rejects.toThrow(
    /no field named "item_id"/,
  );
});

test("world: readable titles, times, compact vocabularies, the same for a seed", async () => {
  const size = { users: 30, items: 60, clicks: 600 };
  const options = (seed: number) => world.options.parse({ ...size, seed });
  const context = { read: createReader(), rng: createRng(1) };
  const made = await world.load(options(1), context);
  expect(new Set(made.events.item)).toEqual(new Set(made.events.items.keys()));
  expect(made.titles).toHaveLength(made.events.items.length);
  expect(new Set(made.titles).size).toBe(made.titles!.length);
  expect(made.events.time).toBeDefined();
  expect(await world.load(options(1), { ...context, rng: createRng(2) })).toEqual(made);
  expect(await world.load(options(2), context)).not.toEqual(made);
});
