import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { itemId, openSample, sampleFiles, userId } from "../../test/edge/sample-artifact.ts";
import type { Scored } from "../artifact/answers.ts";
import type { Artifact } from "../artifact/open.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { openSharedKernels } from "../kernels/open-shared.ts";
import { openScorer, type Scorer } from "../recommender/scorer.ts";
import { createApp } from "./app.ts";

type App = ReturnType<typeof createApp>;
interface Opened {
  readonly app: App;
  readonly artifact: Artifact;
  readonly scorer: Scorer;
}

let kernels: Kernels;
let inductive: Opened;
let byUser: Opened;
let popular: Opened;

async function open(...args: Parameters<typeof sampleFiles> extends [unknown, ...infer Rest] ? Rest : never) {
  const files = sampleFiles(kernels, ...args);
  const artifact = await openSample(files);
  const scorer = openScorer(kernels, artifact.recommender);
  const edge = async (path: string) => (path === "index.js" ? new TextEncoder().encode("export {};") : undefined);
  const app = createApp({ artifact, scorer, files: { artifact: async (path) => files.get(path)!, edge } });
  return { app, artifact, scorer };
}

beforeAll(async () => {
  kernels = await openSharedKernels();
  inductive = await open("history", "int8-row");
  byUser = await open("user", "f32");
  popular = await open("none", "f32");
});
afterAll(() => kernels.close());

const post = (app: App, body: unknown, headers: Record<string, string> = { "content-type": "application/json" }) =>
  app.request("/v1/recommend", {
    method: "POST",
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const ask = async (app: App, body: unknown) => {
  const response = await post(app, body);
  expect(response.status).toBe(200);
  return (await response.json()) as { items: Scored[]; model: string; unknown: string[] };
};

describe("POST /v1/recommend", () => {
  test("answers a history with the scorer's own best, the history left out", async () => {
    const history = [3, 141, 59].map(itemId);
    const { items, model, unknown } = await ask(inductive.app, { history, k: 7 });
    const rows = Int32Array.from([3, 141, 59]);
    const best = inductive.scorer.recommend({ history: rows }, 7, rows);
    expect(items.map((item) => item.id)).toEqual([...best.items].map(itemId));
    expect(items.map((item) => item.score)).toEqual([...best.scores]);
    expect(model).toBe("sample-history-int8-row");
    expect(unknown).toEqual([]);
  });

  test("gives 10 unless told, and never what is excluded", async () => {
    const first = await ask(inductive.app, { history: [itemId(1)] });
    expect(first.items.length).toBe(10);
    const exclude = first.items.slice(0, 4).map((item) => item.id);
    const second = await ask(inductive.app, { history: [itemId(1)], exclude, k: 6 });
    expect(second.items).toEqual(first.items.slice(4));
  });

  test("k beyond the catalogue gives all that is left", async () => {
    const { items } = await ask(inductive.app, { history: [itemId(1), itemId(2)], k: 1000 });
    expect(items.length).toBe(398);
  });

  test("a repeated item counts once; unknown ids are named once and change nothing", async () => {
    const plain = await ask(inductive.app, { history: [itemId(5), itemId(6)] });
    const odd = await ask(inductive.app, {
      history: [itemId(5), "nope", itemId(6), itemId(5), "__proto__"],
      exclude: ["nope", "constructor"],
    });
    expect(odd.items).toEqual(plain.items);
    expect(odd.unknown).toEqual(["nope", "__proto__", "constructor"]);
  });

  test("a user of an inductive model is their history", async () => {
    const { indptr, indices } = inductive.artifact.histories!;
    const history = [...indices.subarray(indptr[7], indptr[8])].map(itemId);
    expect(await ask(inductive.app, { user: userId(7) })).toEqual(await ask(inductive.app, { history }));
  });

  test("a user of a user model gets nothing they have", async () => {
    const { indptr, indices } = byUser.artifact.histories!;
    const seen = new Set([...indices.subarray(indptr[9], indptr[10])].map(itemId));
    const { items } = await ask(byUser.app, { user: userId(9), k: 1000 });
    expect(items.length).toBe(400 - seen.size);
    expect(items.filter((item) => seen.has(item.id))).toEqual([]);
    const best = byUser.scorer.score({ user: 9 });
    const order = [...best.keys()].filter((i) => !seen.has(itemId(i))).sort((a, b) => best[b]! - best[a]!);
    expect(items.slice(0, 10).map((item) => item.id)).toEqual(order.slice(0, 10).map(itemId));
  });

  test("popularity takes either, and a newcomer gets what a bias says", async () => {
    const of = async (body: unknown) => (await ask(popular.app, body)).items.map((item) => item.id);
    expect(await of({ history: [] })).toEqual(await of({ user: userId(0) }));
    expect((await ask(inductive.app, { history: [] })).items.length).toBe(10);
  });

  test.each([
    ["not JSON", "{", 400, /^The body is not JSON/],
    ["an empty body", "", 400, /^The body is not JSON/],
    ["a list", [], 400, "The body: must be a JSON object."],
    ["null", "null", 400, "The body: must be a JSON object."],
    ["neither user nor history", {}, 400, "Give a user or a history."],
    ["both", { user: "user-1", history: [] }, 400, "Give a user or a history, not both."],
    ["a user of another type", { user: 7 }, 400, "user: must be a text."],
    ["a history of another type", { history: "a" }, 400, "history: must be a list of item ids."],
    ["an item of another type", { history: ["a", null] }, 400, "history.1: must be a text."],
    ["k = 0", { user: "user-1", k: 0 }, 400, "k: must be a whole number from 1 to 1000."],
    ["k = 1001", { user: "user-1", k: 1001 }, 400, "k: must be a whole number from 1 to 1000."],
    ["k = 1.5", { user: "user-1", k: 1.5 }, 400, "k: must be a whole number from 1 to 1000."],
    ["k as text", { user: "user-1", k: "10" }, 400, "k: must be a whole number from 1 to 1000."],
    ["a field too many", { user: "user-1", n: 3 }, 400, /there is no field "n"; known: user, history, k, exclude/],
    ["a user nobody knows", { user: "user-99" }, 404, 'There is no user "user-99".'],
    ["a user called as a property", { user: "__proto__" }, 404, 'There is no user "__proto__".'],
    ["a body over 1 MB", { history: ["x".repeat(1_000_001)] }, 413, /larger than 1000000 bytes/],
  ])("%s is refused with a sentence", async (_, body, status, error) => {
    const response = await post(inductive.app, body);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toMatch("application/json");
    const answer = (await response.json()) as { error: string };
    expect(Object.keys(answer)).toEqual(["error"]);
    if (typeof error === "string") expect(answer.error).toBe(error);
    else expect(answer.error).toMatch(error);
  });

  test("a history is refused by a model that needs a user, and an empty one where nothing can be said", async () => {
    expect(await (await post(byUser.app, { history: [itemId(1)] })).json()).toEqual({
      error: "This model answers by user; give a user, not a history.",
    });
    expect(await (await post(byUser.app, {})).json()).toEqual({ error: "Give a user." });
    const bare = await open("history", "f32", ["bias", "histories"]);
    expect((await post(bare.app, { history: ["nope"] })).status).toBe(400);
    expect(await (await post(bare.app, { user: userId(1) })).json()).toEqual({
      error: "There are no users' histories here; give a history.",
    });
    const biasless = await open("history", "f32", ["bias"]);
    expect(await (await post(biasless.app, { user: userId(0) })).json()).toEqual({
      error: 'User "user-0" has no history; give one.',
    });
  });

  test("another content type is 415, with parameters it is fine", async () => {
    expect((await post(inductive.app, "{}", { "content-type": "text/plain" })).status).toBe(415);
    const typed = await post(inductive.app, { user: userId(1) }, { "content-type": "Application/JSON; charset=utf-8" });
    expect(typed.status).toBe(200);
  });
});

test("healthz says which model answers", async () => {
  const response = await inductive.app.request("/healthz");
  expect(await response.json()).toEqual({
    ...{ status: "ok", model: "sample-history-int8-row", method: "sample", query: "history", items: 400 },
  });
});

test.each([
  ["GET", "/v1/recommend", 405],
  ["DELETE", "/v1/recommend", 405],
  ["POST", "/healthz", 405],
  ["GET", "/", 404],
  ["POST", "/v1/recommend/more", 404],
])("%s %s is %i in JSON", async (method, path, status) => {
  const response = await inductive.app.request(path, { method });
  expect(response.status).toBe(status);
  expect(((await response.json()) as { error: string }).error).toMatch(/\.$/);
  if (status === 405) expect(response.headers.get("allow")).toBeTruthy();
});

test("files of the artifact that the manifest names are there for pages, and nothing else", async () => {
  const get = (path: string) => inductive.app.request(path);
  const manifest = await get("/artifact/manifest.json");
  expect(manifest.headers.get("content-type")).toBe("application/json");
  expect(manifest.headers.get("access-control-allow-origin")).toBe("*");
  expect((await get("/artifact/tables.safetensors")).headers.get("content-type")).toBe("application/octet-stream");
  expect((await get("/edge/index.js")).headers.get("content-type")).toMatch(/^text\/javascript/);
  for (const path of [
    ...["/artifact/", "/artifact/other.bin", "/artifact/../manifest.json", "/artifact/%2e%2e/manifest.json"],
    ...["/artifact/..%2fmanifest.json", "/artifact//etc/passwd", "/edge/../package.json", "/edge/none.js"],
  ]) {
    expect((await get(path)).status, path).toBe(404);
  }
});

test("a server's own failure is a 500 that says so", async () => {
  const broken: Scorer = {
    ...inductive.scorer,
    recommend() {
      throw new RangeError("memory is gone");
    },
  };
  const response = await post(createApp({ artifact: inductive.artifact, scorer: broken }), { user: userId(1) });
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({ error: "This is a bug in distilrec: memory is gone" });
});
