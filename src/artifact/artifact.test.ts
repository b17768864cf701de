import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sampleEncoder } from "../../test/edge/sample-artifact.ts";
import { UserError } from "../base/errors.ts";
import { createRng } from "../base/rng.ts";
import { sha256 } from "../base/sha256.ts";
import { sparseTable } from "../tables/sparse.ts";
import { f32Table } from "../tables/table.ts";
import { loadedPaths } from "./measure.ts";
import { openArtifact } from "./open.ts";
import { type Parts, sealArtifact } from "./seal.ts";

const rng = createRng("artifact");
const dense = (rows: number, cols: number) =>
  f32Table(
    rows,
    cols,
    Float32Array.from({ length: rows * cols }, () => rng.normal()),
  );

const sparse = sparseTable(5, 5, {
  indptr: Int32Array.of(0, 2, 2, 3, 4, 6),
  indices: Int32Array.of(1, 4, 0, 2, 0, 3),
  values: Float32Array.of(1, 2, 3, 4, 5, 6),
});

const described = {
  name: "small",
  role: "student",
  method: "ease",
  recipe: { name: "r", passes: [{ use: "fp16" }] },
  dataset: { name: "world", fingerprint: "f".repeat(64) },
  split: "5".repeat(64),
  seed: 7,
  metrics: { "ndcg@20": 0.25, "recall@20": 1 },
} as const;
const itemIds = ["a", "b", "ab", "é", "0"];
const userIds = ["u1", "u2", "u3"];
const histories = { indptr: Int32Array.of(0, 2, 2, 5), indices: Int32Array.of(0, 4, 1, 2, 3) };
const all: Record<string, Parts> = {
  history: {
    ...described,
    recommender: { query: "history", pool: "sqrt", items: 5, tables: { history: sparse, bias: dense(1, 5) } },
    ...{ itemIds, userIds, histories, onnx: Uint8Array.of(8, 9, 1, 2), parent: "big" },
  },
  user: {
    ...described,
    recommender: { query: "user", pool: "sum", items: 5, tables: { user: dense(3, 4), item: dense(5, 4) } },
    ...{ itemIds, userIds },
  },
  sequence: {
    ...described,
    recommender: {
      ...{ query: "history", pool: "sum", items: 5, encoder: sampleEncoder(4, 3) },
      tables: { history: dense(5, 4), item: dense(5, 4) },
    },
    ...{ itemIds, userIds, histories: { ...histories, order: Uint32Array.of(1, 0, 2, 0, 1) } },
  },
  none: {
    ...described,
    recommender: { query: "none", pool: "sum", items: 5, tables: { bias: dense(1, 5) } },
    itemIds,
  },
};

type Files = ReadonlyMap<string, Uint8Array>;
const open = (files: Files, needs: "load" | "all" = "all") =>
  openArtifact(
    async (path) => {
      const file = files.get(path);
      if (!file) throw new Error("ENOENT");
      return file;
    },
    { needs },
  );

/** The files with some of the manifest's fields replaced, and sealed anew as an attacker would. */
function forged(files: Files, change: (manifest: Record<string, unknown>) => void): Files {
  const manifest = JSON.parse(new TextDecoder().decode(files.get("manifest.json")));
  delete manifest.seal;
  change(manifest);
  const body = JSON.stringify(manifest);
  const text = `${body.slice(0, -1)},"seal":"${sha256(body)}"}`;
  return new Map([...files, ["manifest.json", new TextEncoder().encode(text)]]);
}

async function fails(files: Files, message: RegExp): Promise<void> {
  const error = await open(files).then(
    () => new Error("it opened"),
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(UserError);
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message).toMatch(/[.?]$/);
}

describe.each(Object.entries(all))("query %s", (_, parts) => {
  const files = sealArtifact(parts);

  test("what is sealed opens as it was, and seals to the same bytes", async () => {
    const { manifest, ...content } = await open(files);
    const { recommender, userIds: users, histories: rows, onnx } = parts;
    expect(content).toEqual({
      ...{ recommender, itemIds },
      ...(users && { userIds: users }),
      ...(rows && { histories: rows }),
      ...(onnx && { onnx }),
    });
    expect(manifest).toMatchObject(described);
    expect(sealArtifact(parts)).toEqual(files);
  });

  test("answering takes only the files to load, and they are what is measured", async () => {
    const asked: string[] = [];
    const artifact = await openArtifact(
      async (path) => {
        asked.push(path);
        return files.get(path)!;
      },
      { needs: "load" },
    );
    expect(artifact.recommender).toEqual(parts.recommender);
    expect(asked).not.toContain("model.onnx");
    expect(asked).not.toContain("histories.bin");
    expect([...loadedPaths(Object.fromEntries(files))].sort()).toEqual(asked.sort());
  });

  test("a flipped, cut, added or missing byte in any file is one UserError that names the file", async () => {
    const paths = [...files.keys()];
    const damage = fc.constantFrom(...paths).chain((path) => {
      const file = files.get(path)!;
      return fc.oneof(
        fc.record({ at: fc.nat(file.length - 1), flip: fc.integer({ min: 1, max: 255 }) }).map(({ at, flip }) => ({
          path,
          bytes: file.map((b, i) => (i === at ? b ^ flip : b)),
        })),
        fc.nat(file.length - 1).map((length) => ({ path, bytes: file.slice(0, length) })),
        fc.uint8Array({ minLength: 1, maxLength: 9 }).map((more) => ({ path, bytes: Uint8Array.of(...file, ...more) })),
      );
    });
    await fc.assert(
      fc.asyncProperty(damage, ({ path, bytes }) =>
        fails(new Map([...files, [path, bytes]]), new RegExp(`^${path}: `)),
      ),
      { numRuns: 300 },
    );
    for (const path of paths) {
      await fails(new Map([...files].filter(([other]) => other !== path)), new RegExp(`^${path}: .*no such file`));
    }
  });

  test("a forged manifest with a right seal never crashes and never opens as something unsound", async () => {
    const values = fc.oneof(fc.jsonValue(), fc.constantFrom(-1, 2 ** 31, 1e300, "", "__proto__", null, [], {}));
    const manifest = JSON.parse(new TextDecoder().decode(files.get("manifest.json")));
    const places = Object.entries(manifest).flatMap(([key, value]) => [
      [key],
      ...Object.entries(value && typeof value === "object" ? value : {}).flatMap(([k, v]) => [
        [key, k],
        ...Object.keys(v && typeof v === "object" ? v : {}).map((leaf) => [key, k, leaf]),
      ]),
    ]);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), values, async (place, value) => {
        const changed = forged(files, (m) => {
          const parent = place.slice(0, -1).reduce((o, key) => o[key] as Record<string, unknown>, m);
          parent[place.at(-1)!] = value;
        });
        try {
          const { recommender, itemIds: ids } = await open(changed);
          expect(ids.length).toBe(recommender.items);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe("a manifest that cannot be", () => {
  const files = sealArtifact(all["history"]!);
  const set = (key: string, value: unknown) => forged(files, (m) => (m[key] = value));

  test("another version, another format", async () => {
    await fails(set("version", 2), /manifest.json: this distilrec reads version 1, got 2; open it with/);
    await fails(set("format", "onnx"), /format must be "distilrec-artifact", got "onnx"/);
    await fails(new Map([["manifest.json", new TextEncoder().encode("[]")]]), /manifest.json: it is not a JSON object/);
  });

  test.each([
    "../secret",
    "/etc/passwd",
    "a/../../b",
    "..\\b",
    "C:\\b",
    "https://host/b",
    "a//b",
    "./b",
    "",
    "%2e%2e/b",
    "b?c",
  ])("a path that may leave the folder: %j", async (path) => {
    const entry = { bytes: 1, sha256: "0".repeat(64), load: true };
    await fails(
      forged(files, (m) => ((m["files"] as Record<string, unknown>)[path] = entry)),
      /may leave the artifact's folder/,
    );
  });

  test("files, tables and shapes that do not belong together", async () => {
    const entries = (m: Record<string, unknown>, key: string) => m[key] as Record<string, Record<string, unknown>>;
    await fails(
      forged(files, (m) => delete entries(m, "files")["items.ids"]),
      /lists no file items.ids/,
    );
    await fails(set("tables", {}), /tables.safetensors: tensor "bias.data" belongs to no table/);
    await fails(set("items", 6), /^tables.safetensors: table "history" must be 6 × 6, got 5 × 5/);
    await fails(set("query", "user"), /needs table "user"/);
    await fails(
      forged(files, (m) => (entries(m, "tables")["bias"]!["encoding"] = "f33")),
      /^tables.safetensors: No table encoding named "f33"/,
    );
  });

  test("an encoder that cannot run, and a histories' order that is none", async () => {
    const sequence = sealArtifact(all["sequence"]!);
    type Sealed = {
      encoder: {
        nodes: { op: string; inputs: string[]; outputs: string[] }[];
        weights: Record<string, unknown>;
        d: number;
      };
    };
    const changed = (change: (encoder: Sealed["encoder"]) => void) =>
      forged(sequence, (m) => change((m as unknown as Sealed).encoder));
    const nodes = (change: (nodes: Sealed["encoder"]["nodes"]) => void) => changed((encoder) => change(encoder.nodes));
    await fails(
      nodes((all) => (all[0]!.op = "Loop")),
      /encoder: Loop is not an operator of encoders/,
    );
    await fails(
      nodes((all) => all.reverse()),
      /encoder: MatMul reads "both", which nothing before it writes/,
    );
    await fails(
      nodes((all) => (all[1]!.inputs = ["short"])),
      /reads "short", which nothing before it/,
    );
    await fails(
      changed((encoder) => delete encoder.weights["w"]),
      /tensor "encoder.w" belongs to no table|reads "w"/,
    );
    await fails(
      changed((encoder) => (encoder.weights["v"] = { dtype: "float32", dims: [2] })),
      /does not hold the encoder's "v"/,
    );
    await fails(
      changed((encoder) => (encoder.weights["w"] = { dtype: "float32", dims: [8, 2] })),
      /MatMul of \[1, 4\] and \[8, 2\]/,
    );
    await fails(
      changed((encoder) => (encoder.weights["w"] = { dtype: "int64", dims: [4, 4] })),
      /does not hold the encoder's "w"/,
    );
    await fails(
      changed((encoder) => (encoder.d = 3)),
      /encoder/,
    );
    const order = Uint32Array.of(1, 1, 2, 0, 1);
    await fails(sealArtifact({ ...all["sequence"]!, histories: { ...histories, order } }), /order of row 0/);
  });
});
