// distilrec import, inspect and score as a person runs them, and everything that can be wrong with a model file.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { createRng } from "../../src/base/rng.ts";
import { createProgram } from "../../src/cli/program.ts";
import { buildGraph } from "../../src/graph/builder.ts";
import { float32 } from "../../src/graph/tensor.ts";
import { encodeOnnx } from "../../src/onnx/encode.ts";
import { distilrec, scratch } from "./distilrec.ts";

const { folder, remove } = scratch();
afterAll(remove);
const fixture = (name: string) => resolve("test/fixtures/foreign", `${name}.onnx`);
const path = (name: string) => join(folder, name);
function file(name: string, content: string | Uint8Array): string {
  writeFileSync(path(name), content);
  return path(name);
}
const lines = (n: number, of: (i: number) => string) => `${Array.from({ length: n }, (_, i) => of(i)).join("\n")}\n`;

test("a factor model: import with ids, inspect, recommend, compress against a data set", async () => {
  const out = path("mf");
  const ids = [
    ...[
      "--items",
      file(
        "items.txt",
        lines(60, (i) => `movie-${i}`),
      ),
    ],
    ...[
      "--users",
      file(
        "users.txt",
        lines(40, (u) => `u${u}`),
      ),
    ],
  ];
  const made = await distilrec("import", fixture("mf-pair.dynamo"), ...ids, "--out", out, "--json");
  expect(made.code, made.err).toBe(0);
  expect(JSON.parse(made.out)).toMatchObject({ artifact: out, form: "factors" });
  const inspected = await distilrec("inspect", out);
  expect(inspected.out).toMatch(/teacher, imported, answers by user over 60 items/);
  const asked = await distilrec("recommend", out, "--user", "u7", "--k", "3", "--json");
  expect(JSON.parse(asked.out).items[0].id).toMatch(/^movie-\d+$/);

  // A data set of some of its users and items, in an order of its own: rows are picked by id.
  const rng = createRng(1);
  const log = lines(400, () => `u${rng.below(30)},movie-${rng.below(50)}`);
  const data = { dataset: { use: "csv", path: file("log.csv", `user,item\n${log}`) }, split: { use: "random" } };
  const recipe = file("data.yaml", JSON.stringify({ name: "some", ...data }));
  const small = await distilrec(
    "compress",
    out,
    "--data",
    recipe,
    "--pass",
    "int8-row",
    "--out",
    path("small"),
    "--json",
  );
  expect(small.code, small.err).toBe(0);
  const { variants } = JSON.parse(small.out);
  expect(variants[1].metrics["ndcg@20"]).toBeCloseTo(variants[0].metrics["ndcg@20"], 1);
  expect(existsSync(join(path("small"), "artifacts", "compressed", "model.onnx"))).toBe(true);
});

test("a graph model: inspect the file, import it, score rows under other column names", async () => {
  const before = await distilrec("inspect", fixture("two-tower.script"));
  expect(before.out).toMatch(/It stays a graph: one side follows user_id and country\./);
  const out = path("towers");
  expect((await distilrec("import", fixture("two-tower.script"), "--out", out)).code).toBe(0);
  expect((await distilrec("inspect", out)).out).toMatch(/country +category +country/);
  const rows = file("rows.csv", "user_id,land,item_id,genre\n1,2,3,4\n39,5,59,8\n");
  const scored = await distilrec("score", out, rows, "--columns", "country=land", "--out", path("scores.csv"));
  expect(scored.code, scored.err).toBe(0);
  expect(readFileSync(path("scores.csv"), "utf8")).toMatch(/^row,score\n0,-?[\d.e-]+\n1,-?[\d.e-]+\n$/);
});

test("a second import replaces the first", async () => {
  for (const name of ["dlrm.dynamo", "mf-linear.dynamo"])
    expect((await distilrec("import", fixture(name), "--out", path("twice"))).code).toBe(0);
  expect(readdirSync(path("twice"))).not.toContain("twice.tmp");
  expect((await distilrec("inspect", path("twice"))).out).toContain("imported, answers by user");
});

/** A Gather whose table is in a file that is not there. */
function withoutItsData(): string {
  // ModelProto.graph(7).initializer(5) with external_data(13) location and data_location(14) EXTERNAL, by hand.
  const field = (id: number, bytes: number[]) => [id * 8 + 2, bytes.length, ...bytes];
  const text = (words: string) => [...new TextEncoder().encode(words)];
  const entry = [...field(1, text("location")), ...field(2, text("weights.bin"))];
  const tensor = [8, 2, 8, 3, 16, 1, ...field(8, text("table")), ...field(13, entry), 112, 1];
  const graph = [...field(5, tensor), ...field(2, text("g"))];
  return file("external.onnx", Uint8Array.from([8, 9, ...field(7, graph), ...field(8, [16, 17])]));
}

const good = readFileSync(fixture("mf-pair.dynamo"));
const unknownOperator = (() => {
  const b = buildGraph("odd", 17);
  const rows = b.node("Gather", [
    b.constant("table", float32([2, 2], new Float32Array(4))),
    b.input("user", "int64", ["n"]),
  ]);
  b.output(b.node("Frobnicate", [rows]), "float32", ["n", 2]);
  return encodeOnnx(b.graph);
})();

// In this process: main.ts gives every UserError exit code 2 and one line, which errors.test.ts holds.
test.each<[string, () => string[], RegExp]>([
  ["a file that is not there", () => ["no.onnx"], /no\.onnx: no such file/],
  ["an empty file", () => [file("empty.onnx", "")], /empty\.onnx: is empty/],
  ["a truncated file", () => [file("cut.onnx", good.subarray(0, good.length / 2))], /cut\.onnx: .*(cut short|damaged)/],
  [
    "random bytes",
    () => [
      file(
        "random.onnx",
        Uint8Array.from({ length: 500 }, (_, i) => (i * 7919 + 13) % 251),
      ),
    ],
    /random\.onnx: .*(not an ONNX model|damaged|holds no graph|cut short)/,
  ],
  [
    "a text",
    () => [file("text.onnx", "user,item\n1,2\n")],
    /text\.onnx: .*(not an ONNX model|no graph|damaged|cut short)/,
  ],
  ["an operator that nobody knows", () => [file("odd.onnx", unknownOperator)], /odd\.onnx: .*Frobnicate/],
  ["data that is not beside it", () => [withoutItsData()], /external\.onnx: .*weights\.bin/],
  [
    "a role that there is not",
    () => [fixture("mf-pair.dynamo"), "--map", "usr=user"],
    /there is no role "usr"\. Did you mean "user"\?/,
  ],
  [
    "an input that there is not",
    () => [fixture("mf-pair.dynamo"), "--map", "user=u"],
    /--map names input "u"; its inputs are user, item\./,
  ],
  ["a map that is none", () => [fixture("mf-pair.dynamo"), "--map", "user"], /--map: "user" must be ROLE=INPUT/],
  ["two roles for one input", () => [fixture("mf-pair.dynamo"), "--map", "user=user,item=user"], /two roles/],
  [
    "too few ids",
    () => [fixture("mf-pair.dynamo"), "--items", file("few.txt", lines(59, String))],
    /its table has 60 items, --items gives 59 ids/,
  ],
  [
    "an id twice",
    () => [fixture("mf-pair.dynamo"), "--items", file("twice.txt", "a\nb\na\n")],
    /twice\.txt: "a" is in line 1 and line 3/,
  ],
  [
    "a folder that holds something else",
    () => {
      mkdirSync(path("taken"), { recursive: true });
      copyFileSync(fixture("mf-pair.dynamo"), path("taken/thesis.doc"));
      return [fixture("mf-pair.dynamo"), "--out", path("taken")];
    },
    /taken: it holds files that are no artifact/,
  ],
])("refused: %s", async (name, given, sentence) => {
  const args = given();
  const out = args.includes("--out") ? undefined : path(`out ${name}`);
  const program = await createProgram(["import"]);
  const words = ["import", ...args, ...(out === undefined ? [] : ["--out", out])];
  const error: unknown = await program.parseAsync(words, { from: "user" }).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toMatch(sentence);
  if (out !== undefined) expect(existsSync(out)).toBe(false);
  else expect(readdirSync(path("taken"))).toEqual(["thesis.doc"]);
});

test("a graph is no recommender, and says so; a flipped byte in it is found", async () => {
  const out = path("damaged");
  await distilrec("import", fixture("dlrm.dynamo"), "--out", out);
  expect((await distilrec("recommend", out, "--user", "1")).err).toContain("it is a graph");
  const model = join(out, "model.onnx");
  const bytes = readFileSync(model);
  bytes[bytes.length - 200]! ^= 1;
  writeFileSync(model, bytes);
  const { code, err } = await distilrec("score", out, file("any.csv", "a\n1\n"));
  expect(code).toBe(2);
  expect(err).toMatch(/model\.onnx: its content is not what was sealed/);
});
