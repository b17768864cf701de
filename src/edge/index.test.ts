import { afterAll, beforeAll, expect, test } from "vitest";
import { itemId, openSample, sampleEncoder, sampleFiles, userId } from "../../test/edge/sample-artifact.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { openSharedKernels } from "../kernels/open-shared.ts";
import { openScorer } from "../recommender/scorer.ts";
import { openEdge, UserError } from "./index.ts";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await openSharedKernels();
});
afterAll(() => kernels.close());

/** Opens the files through a fetch that knows them under a folder's address. */
function open(files: ReadonlyMap<string, Uint8Array>, folder = "https://example.org/model") {
  const fetch = async (url: string) => {
    const bytes = files.get(url.replace("https://example.org/model/", ""));
    return bytes ? new Response(bytes as Uint8Array<ArrayBuffer>) : new Response("", { status: 404 });
  };
  return openEdge(folder, { fetch });
}

test.each(["f32", "int8-row", "int4-row"] as const)("a %s model answers as on a server", async (encoding) => {
  const files = sampleFiles(kernels, "history", encoding);
  const { recommender } = await openSample(files);
  const scorer = openScorer(kernels, recommender);
  const edge = await open(files);
  for (const rows of [[0], [1, 2, 3], [399, 17, 250, 8]]) {
    const history = Int32Array.from(rows);
    const best = scorer.recommend({ history }, 10, history);
    const given = edge.recommend(rows.map(itemId));
    expect(given.map((item) => item.id)).toEqual([...best.items].map(itemId));
    for (const [rank, { score }] of given.entries()) expect(score).toBeCloseTo(best.scores[rank]!, 5);
  }
  scorer.free();
  await edge.close();
});

test("an encoder answers as on a server, and the order of a history counts", async () => {
  const files = sampleFiles(kernels, "history", "int8-row", [], sampleEncoder(24, 3));
  const { recommender } = await openSample(files);
  const scorer = openScorer(kernels, recommender);
  const edge = await open(files);
  for (const rows of [[], [0], [1, 2, 3], [3, 2, 1], [399, 17, 250, 8]]) {
    const history = Int32Array.from(rows);
    const best = scorer.recommend({ history }, 10, history);
    const given = edge.recommend(rows.map(itemId));
    expect(given.map((item) => item.id)).toEqual([...best.items].map(itemId));
    for (const [rank, { score }] of given.entries()) expect(score).toBeCloseTo(best.scores[rank]!, 5);
  }
  expect(edge.recommend([1, 2, 3].map(itemId))).not.toEqual(edge.recommend([3, 2, 1].map(itemId)));
  scorer.free();
  await edge.close();
});

test("only what answering takes is fetched", async () => {
  const files = new Map(sampleFiles(kernels, "history", "f32"));
  files.delete("histories.bin");
  files.delete("users.ids");
  const edge = await open(files, "https://example.org/model/");
  expect(edge.items.length).toBe(400);
  expect(edge.manifest.query).toBe("history");
  const exclude = edge.recommend([itemId(1)], { k: 3 }).map((item) => item.id);
  expect(edge.recommend([itemId(1)], { k: 5 }).slice(3)).toEqual(edge.recommend([itemId(1)], { k: 2, exclude }));
});

test("a model that answers by user takes a user, and refuses a history with a sentence", async () => {
  const edge = await open(sampleFiles(kernels, "user", "int4-row"));
  expect(edge.recommend({ user: userId(3) }, { k: 4 }).length).toBe(4);
  expect(() => edge.recommend([itemId(1)])).toThrow("this model answers by user");
  expect(() => edge.recommend({ user: "nobody" })).toThrow('there is no user "nobody"');
  const inductive = await open(sampleFiles(kernels, "history", "f32"));
  expect(() => inductive.recommend({ user: userId(3) })).toThrow("give a history");
});

test("popularity needs nothing of anyone", async () => {
  const edge = await open(sampleFiles(kernels, "none", "f32"));
  expect(edge.recommend([]).length).toBe(10);
});

test.each([0, 1001, 1.5, Number.NaN])("k = %d is refused", async (k) => {
  const edge = await open(sampleFiles(kernels, "none", "f32"));
  expect(() => edge.recommend([], { k })).toThrow(UserError);
});

test("a flipped byte, a missing file and a wrong address are one clear error", async () => {
  const files = new Map(sampleFiles(kernels, "history", "f32"));
  const tables = Uint8Array.from(files.get("tables.safetensors")!);
  tables[5000]! ^= 1;
  await expect(open(new Map(files).set("tables.safetensors", tables))).rejects.toThrow(/tables\.safetensors.*SHA-256/);
  files.delete("items.ids");
  await expect(open(files)).rejects.toThrow(/items\.ids.*HTTP 404/);
  await expect(open(new Map())).rejects.toThrow(/manifest\.json.*HTTP 404/);
});
