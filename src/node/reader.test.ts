import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UserError } from "../base/errors.ts";
import type { ColumnMapping } from "../kinds/reader.ts";
import { createReader } from "./reader.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reader-"));
});
afterAll(() => rm(folder, { recursive: true }));

const read = createReader();
const byName: ColumnMapping = { format: "auto", header: true, user: "user", item: "item", value: "rating", time: "ts" };
const byPlace: ColumnMapping = { format: "auto", header: false, user: 0, item: 1, value: 2, time: 3 };
async function file(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}
async function columns(name: string, content: string | Uint8Array, mapping: ColumnMapping) {
  return read.columns(await file(name, content), mapping);
}
const two = {
  user: ["7", "b"],
  item: ["x", "é"],
  value: Float64Array.of(4.5, -1),
  time: Float64Array.of(1365029107, 86400),
};
const csv = "user,item,rating,ts\n7,x,4.5,1365029107\nb,é,-1,1970-01-02\n";

describe("formats", () => {
  test.each<[string, string | Uint8Array, ColumnMapping]>([
    ["a.csv", csv, byName],
    ["bom.csv", `\uFEFF${csv}`, byName],
    ["crlf.csv", csv.replaceAll("\n", "\r\n"), byName],
    ["no-end.csv", csv.trimEnd(), byName],
    ["blank.csv", csv.replaceAll("\n", "\n\n"), byName],
    ["semicolon.csv", csv.replaceAll(",", ";"), byName],
    ["quoted.csv", 'user,item,"rating","ts"\n"7",x,4.5,1365029107\nb,"é",-1,1970-01-02\n', byName],
    ["a.csv.gz", gzipSync(csv), byName],
    ["gzip-without-extension", gzipSync(csv), byName],
    ["a.tsv", csv.replaceAll(",", "\t"), byName],
    ["ratings.dat", csv.split("\n").slice(1).join("\n").replaceAll(",", "::"), byPlace],
    ["u.data", csv.split("\n").slice(1).join("\n").replaceAll(",", "\t"), byPlace],
    ["positions.csv", csv, { ...byPlace, header: true }],
    ["order.csv", "ts,rating,x,item,user\n1365029107000,4.5,0,x,7\n1970-01-02T00:00Z,-1,0,é,b\n", byName],
    [
      "a.jsonl",
      '{"user":7,"item":"x","rating":4.5,"ts":1365029107,"more":{"a":[1]}}\n{"ts":"1970-01-02","item":"é","user":"b","rating":-1}\n',
      byName,
    ],
  ])("%s", async (name, content, mapping) => expect(await columns(name, content, mapping)).toEqual(two));

  test("parquet, with typed times", async () => {
    const path = join(folder, "it's a.parquet");
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const rows = `select '7' as "user", 'x' as item, 4.5 as rating, timestamp '2013-04-03 22:45:07' as ts
      union all select 'b', 'é', -1, timestamp '1970-01-02'`;
    await connection.run(`copy (${rows}) to '${path.replaceAll("'", "''")}' (format parquet)`);
    expect(await read.columns(path, byName)).toEqual(two);
    await expect(read.columns(path, { ...byName, item: "itme" })).rejects.toThrow(
      /no column named "itme". Did you mean "item"\?/,
    );
  });

  test("value and time may be absent", async () => {
    const { value: _, time: __, ...mapping } = byName;
    expect(await columns("ids.csv", csv, mapping)).toEqual({ user: two.user, item: two.item });
  });

  test("ids stay the text they are, and rows stay in order", async () => {
    const ids = ["007", "7", "7.0", "1e3", "NULL", "null", "true", " 7", "NaN", "'; drop table x; --"];
    const rows = ids.map((id, n) => `${id},i${n},1,${n}`);
    const found = await columns("ids2.csv", ["user,item,rating,ts", ...rows].join("\n"), byName);
    expect(found.user).toEqual(ids);
    expect(found.item).toEqual(ids.map((_, n) => `i${n}`));
  });

  test("what is written as CSV is read back", async () => {
    const id = fc.string({ minLength: 1, unit: "grapheme" }).filter((s) => s.trim() !== "" && !/[\0\r\n]/.test(s));
    const row = fc.tuple(id, id, fc.float({ noNaN: true, noDefaultInfinity: true }), fc.nat(2e9));
    const quote = (s: string) => `"${s.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        const text = rows.map(([u, i, v, t]) => `${quote(u)},${quote(i)},${v},${t}`).join("\n");
        const found = await columns("round.csv", text, { ...byPlace, format: "csv" });
        expect(found.user).toEqual(rows.map((r) => r[0]));
        expect(found.item).toEqual(rows.map((r) => r[1]));
        expect(Array.from(found.value!, (v) => v + 0)).toEqual(rows.map((r) => r[2] + 0));
        expect([...found.time!]).toEqual(rows.map((r) => r[3]));
      }),
      { numRuns: 25 },
    );
  });
});

describe("names that could be taken for something else", () => {
  test.each([
    "a[1].csv",
    "a*.csv",
    "a?.csv",
    "it's.csv",
    "x'); drop table y; --.csv",
    "semi;colon.csv",
    'quo"te.csv',
    "%s{0}.csv",
  ])("file %s", async (name) => {
    await file("a1.csv", "user,item,rating,ts\nwrong,wrong,0,0\n");
    expect(await columns(name, csv, byName)).toEqual(two);
  });

  test.each(["a'b", 'a"b', "u'); select 1; --", "c0", "select", "*"])("column %s", async (name) => {
    const row = { [name]: 7, item: "x", rating: 1, ts: 0 };
    const mapping = { ...byName, user: name };
    expect((await columns("odd.jsonl", JSON.stringify(row), mapping)).user).toEqual(["7"]);
    const header = `"${name.replaceAll('"', '""')}",item,rating,ts`;
    expect((await columns("odd.csv", `${header}\n7,x,1,0\n`, mapping)).user).toEqual(["7"]);
  });

  test("an address is no file", () =>
    expect(read.columns("https://localhost:1/a.csv", byName)).rejects.toThrow(/no such file/));
});

describe("a mistake is one sentence with file and place", () => {
  const rows = (...lines: string[]) => ["user,item,rating,ts", ...lines].join("\n");
  test.each<[string, string | Uint8Array, Partial<ColumnMapping>, RegExp]>([
    ["empty.csv", "", {}, /empty\.csv: is empty \(0 bytes\)/],
    ["newlines.csv", "\n\n\n", {}, /newlines\.csv: holds no rows/],
    ["header.csv", "user,item,rating,ts\n", {}, /header\.csv: holds no rows below its header/],
    [
      "column.csv",
      csv,
      { user: "usr" },
      /column\.csv: user: no column named "usr"\. Did you mean "user"\? The columns are user, item, rating, ts\./,
    ],
    [
      "column2.csv",
      csv,
      { time: "when_it_was" },
      /no column named "when_it_was"\. Known: user, item, rating, ts\. Say which, as in --set dataset\.time=NAME\.$/,
    ],
    ["place.csv", csv, { item: 4 }, /place\.csv: item: there is no column 4; the file has columns 0 to 3/],
    ["named.csv", csv, { header: false }, /names "user" but the file is read without a header; give a position/],
    ["twice.csv", "user,user,item,rating,ts\n1,1,1,1,1\n", {}, /two columns are named "user"/],
    ["short.csv", rows("1,2,3,4", "1,2"), {}, /short\.csv: line 3: expected 4 fields as in the first line, got 2/],
    [
      "long.csv",
      rows("1,2,3,4", "1,2,3,4", "1,2,3,4,5"),
      {},
      /long\.csv: line 4: expected 4 fields as in the first line, got 5/,
    ],
    ["quote.csv", rows('1,2,"3,4', "1,2,3,4"), {}, /quote\.csv: line 2: a quoted field does not end/],
    [
      "rating.csv",
      rows("1,2,3,4", "1,2,good,4"),
      {},
      /rating\.csv: row 2 \(header not counted\): value must be a finite number, got "good"/,
    ],
    ["nan.csv", rows("1,2,NaN,4"), {}, /nan\.csv: row 1 .*value must be a finite number, got "NaN"/],
    ["inf.csv", rows("1,2,-inf,4"), {}, /value must be a finite number, got "-Infinity"/],
    ["huge.csv", rows("1,2,1e39,4"), {}, /value must be a finite number, got "1e\+39"/],
    ["blank-rating.csv", rows("1,2,,4"), {}, /value must be a finite number, got nothing/],
    [
      "time.csv",
      rows("1,2,3,4", "1,2,3,soon"),
      {},
      /time\.csv: row 2 .*time must be Unix seconds, Unix milliseconds or an ISO 8601 date, got "soon"/,
    ],
    ["time-blank.csv", rows("1,2,3,"), {}, /time must be .* got nothing/],
    ["time-huge.csv", rows("1,2,3,1e20"), {}, /time must be .* got "1e20|time must be .*got "100000000000000000000"/],
    ["id.csv", rows("1,2,3,4", ",2,3,4"), {}, /id\.csv: row 2 \(header not counted\): user is empty/],
    ["id2.csv", rows('1,"  ",3,4'), {}, /item is empty/],
    ["binary.csv", Uint8Array.of(7, 200, 3, 44, 10, 1, 2), {}, /binary\.csv: its first line is not UTF-8 text/],
    ["latin.csv", Buffer.from(rows("é,2,3,4"), "latin1"), {}, /latin\.csv: line 2: is not UTF-8 text/],
    ["cut.csv.gz", gzipSync(csv.repeat(50)).subarray(0, 60), {}, /cut\.csv\.gz: the gzip data is broken or cut short/],
    ["no.parquet", csv, {}, /no\.parquet: is not a whole Parquet file/],
    ["no.jsonl", csv, {}, /no\.jsonl: line 1: not a JSON object/],
    ["array.jsonl", "[1,2]\n", {}, /array\.jsonl: line 1: not a JSON object/],
    [
      "cut.jsonl",
      '{"user":1,"item":2,"rating":3,"ts":4}\n{"user":1,',
      {},
      /cut\.jsonl: near line \d: not a JSON object/,
    ],
    [
      "key.jsonl",
      '{"user":1,"item":2,"rating":3,"ts":4}\n{"user":1,"rating":3,"ts":4}\n',
      {},
      /key\.jsonl: row 2.*: item is empty/,
    ],
    [
      "place.jsonl",
      '{"user":1,"item":2,"rating":3,"ts":4}\n',
      { user: 0 },
      /JSON lines have names, not positions; they are user, item/,
    ],
  ])("%s", async (name, content, change, message) => {
    const failure = await columns(name, content, { ...byName, ...change }).catch((error) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect(failure.message).toMatch(message);
    expect(failure.message).toContain(join(folder, name));
    expect(failure.message).not.toMatch(/\n|read_csv|DuckDB|strict_mode/i);
  });

  test("missing files and folders", async () => {
    await expect(read.columns(join(folder, "none.csv"), byName)).rejects.toThrow(
      /none\.csv: no such file; check the path/,
    );
    await expect(read.columns(folder, byName)).rejects.toThrow(/is a folder; name a file in it/);
    await expect(read.text(join(folder, "none.txt"))).rejects.toThrow(UserError);
    expect(await read.exists(folder)).toBe(false);
    expect(await read.exists(join(folder, "none.csv"))).toBe(false);
  });
});

describe("text", () => {
  test("UTF-8, gzip, and Latin-1 only where it is asked for", async () => {
    expect(await read.text(await file("t.txt", "é"))).toBe("é");
    expect(await read.text(await file("t.gz", gzipSync("é")))).toBe("é");
    const latin = await file("l.txt", Buffer.from("é", "latin1"));
    await expect(read.text(latin)).rejects.toThrow(/is not UTF-8 text/);
    expect(await read.text(latin, "latin1")).toBe("é");
    await expect(read.text(await file("c.gz", gzipSync("x".repeat(999)).subarray(0, 20)))).rejects.toThrow(
      /gzip data is broken/,
    );
  });
  test("the first line", async () => {
    expect(await read.firstLine(await file("f.txt", "\n\na\tb\r\nc\n"))).toBe("a\tb");
    expect(await read.firstLine(await file("f.gz", gzipSync(`one\n${"x".repeat(9e5)}`)))).toBe("one");
    await expect(read.firstLine(await file("f.bin", new Uint8Array(3e6).fill(65)))).rejects.toThrow(/longer than 1 MB/);
  });
});
