import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UserError } from "../base/errors.ts";
import type { RawColumn } from "../data/raw-table.ts";
import type { RowMapping } from "../kinds/reader.ts";
import { createReader } from "./reader.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rows-"));
});
afterAll(() => rm(folder, { recursive: true }));

const as: RowMapping["columns"] = [
  { name: "id", from: "id", as: "words" },
  { name: "x", from: "x", as: "numbers" },
  { name: "when", from: "t", as: "times" },
  { name: "list", from: "l", as: "lists" },
];
async function rows(name: string, content: string, columns = as, header = true) {
  await writeFile(join(folder, name), content);
  return createReader().rows(join(folder, name), { format: "auto", header, columns });
}
/** A column as plain values. */
function plain(column: RawColumn): unknown[] {
  if (column.kind === "words") return Array.from(column.code, (c) => column.words[c] ?? null);
  if (column.kind === "numbers") return [...column.values];
  const elements = plain(column.of);
  return Array.from(column.start.subarray(1), (end, r) => elements.slice(column.start[r], end));
}
const { NaN: none } = Number;

describe("nulls are kept, lists are lists", () => {
  const csv = 'id,x,t,l\n007,1.5,1970-01-02,"[""a"",null,2]"\n,,,\n7,true,86400,[]\n';
  const expected = {
    id: ["007", null, "7"],
    x: [1.5, none, 1],
    when: [86400, none, 86400],
    list: [["a", null, "2"], [], []],
  };

  test.each([
    ["a.csv", csv],
    [
      "a.jsonl",
      '{"id":"007","x":1.5,"t":"1970-01-02","l":["a",null,2]}\n{}\n{"id":7,"l":[],"x":true,"t":86400}\n'.replace(
        "{}",
        '{"id":null}',
      ),
    ],
  ])("%s", async (name, content) => {
    const found = await rows(name, content);
    expect(found.n).toBe(3);
    expect(Object.fromEntries([...found.columns].map(([k, column]) => [k, plain(column)]))).toEqual(expected);
  });

  test("parquet", async () => {
    const path = join(folder, "a.parquet");
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run(`copy (
      select '007' as id, 1.5::float as x, timestamp '1970-01-02' as t, ['a', null, '2'] as l union all
      select null, null, null, null union all select '7', true::float, timestamp '1970-01-02', []) to '${path}' (format parquet)`);
    const read = createReader().rows(path, { format: "auto", header: true, columns: as });
    expect(Object.fromEntries([...(await read).columns].map(([k, column]) => [k, plain(column)]))).toEqual(expected);
    const wrong = [{ name: "l", from: "l", as: "words" }] as const;
    await expect(createReader().rows(path, { format: "auto", header: true, columns: wrong })).rejects.toThrow(
      /l: holds lists/,
    );
  });
});

test("positions, one column twice, and text lists that stay words", async () => {
  const twice = [
    { name: "a", from: 1, as: "lists" },
    { name: "b", from: 1, as: "words" },
  ] as const;
  const found = await rows("p.tsv", "1\tx|y\n2\t\n", twice, false);
  expect(plain(found.columns.get("a")!)).toEqual(["x|y", null]);
  expect(found.columns.get("b")).toEqual(found.columns.get("a"));
  const numbers = await rows("v.csv", 'l\n"[1, 2.5]"\n', [{ name: "l", from: "l", as: "lists" }]);
  expect(numbers.columns.get("l")).toMatchObject({ of: { kind: "numbers", values: Float64Array.of(1, 2.5) } });
});

test.each([
  ["id,x,t,l\na,b,,\n", /row 1 \(header not counted\): x must be a finite number or empty, got "b"/],
  ["id,x,t,l\na,inf,,\n", /x must be a finite number or empty, got "Infinity"/],
  ["id,x,t,l\na,,soon,\n", /when must be Unix seconds.* got "soon"/],
  ["id,x,t,l\na,,,[[1]]\n", /list: holds lists in lists/],
  ["id,x,t,l\na,,,[12345678901234567890]\n", /more than a number keeps exactly/],
  ["id,x,t,l\n", /holds no rows/],
  ["id,x,t\na,1,2\n", /list: no column named "l"/],
  ["", /is empty/],
])("%j is one sentence", async (content, message) => {
  const failure = rows("bad.csv", content);
  await expect(failure).rejects.toThrow(UserError);
  await expect(failure).rejects.toThrow(message);
});
