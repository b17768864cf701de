import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { toInteractions } from "../../data/interactions.ts";
import { askJson } from "../../node/ask.ts";
import { openStore } from "../../node/store.ts";
import type { Parts } from "../divide.ts";
import { listsOfService } from "./from-http.ts";
import { httpOptions } from "./options.ts";

interface Question {
  readonly user: string;
  readonly history: readonly string[];
  readonly k: number;
}

// 600 users, three shards; user u took items u % 10 and then (u + 3) % 10 of 10.
const users = Array.from({ length: 600 }, (_, u) => `u${u}`);
const items = Array.from({ length: 10 }, (_, i) => `i${i}`);
const train = toInteractions({
  ...{ users, items, value: new Float32Array(1200).fill(1) },
  user: Int32Array.from({ length: 1200 }, (_, e) => e >> 1),
  item: Int32Array.from({ length: 1200 }, (_, e) => ((e >> 1) + 3 * (e & 1)) % 10),
  time: Float64Array.from({ length: 1200 }, (_, e) => 1e9 + e),
});
const parts = { userIds: users, itemIds: items, train, hash: "parts" } as unknown as Parts;
const best = ({ history, k }: Question) => items.filter((id) => !history.includes(id)).slice(0, k);

let answer: (question: Question) => unknown;
let asked: Question[];
let [busy, most] = [0, 0];
let [steps, ends]: [number[], (string | undefined)[]] = [[], []];
let folder: string;
let server: ReturnType<typeof createServer>;
let step: ReturnType<typeof httpOptions.parse>;
beforeEach(async () => {
  [asked, busy, most] = [[], 0, 0];
  [steps, ends] = [[], []];
  folder = mkdtempSync(join(tmpdir(), "distilrec-http-"));
  server = createServer(async (request, response) => {
    most = Math.max(most, ++busy);
    let body = "";
    for await (const chunk of request) body += chunk;
    asked.push(JSON.parse(body));
    const said = await answer(asked.at(-1)!);
    busy--;
    if (said === 500) response.writeHead(500).end();
    else response.end(JSON.stringify(said));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  step = httpOptions.parse({ http: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, retries: 0 });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const gather = async (k = 4, more: object = {}) => {
  const store = await openStore(folder);
  const progress = {
    start: () => ({
      step: (done: number, total: number) => steps.push(done / total),
      end: (note?: string) => ends.push(note),
    }),
    stop() {},
  };
  try {
    return await listsOfService({ ...step, ...more }, parts, k, { store, progress, ask: askJson });
  } finally {
    await store.close();
  }
};
const refusal = async (said: unknown): Promise<string> => {
  answer = () => said;
  const error = (await gather().then(
    () => undefined,
    (caught) => caught,
  )) as Error;
  expect(error.name).toBe("UserError");
  return error.message.replace(/127\.0\.0\.1:\d+/, "host");
};

test("asks each user once, histories in order of time, so many at a time; a second run asks nothing", async () => {
  answer = async (question) => {
    await pause(1);
    return { items: best(question), scores: best(question).map((_, place) => 1 - place / 8) };
  };
  const { lists, scored, leftOut } = await gather(4, { concurrency: 3 });
  expect(new Set(asked.map(({ user }) => user)).size).toBe(600);
  expect(asked).toHaveLength(600);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(3);
  expect(asked.find(({ user }) => user === "u8")).toEqual({ user: "u8", history: ["i8", "i1"], k: 4 });
  expect([scored, leftOut]).toEqual([true, []]);
  expect([...lists.items.subarray(8 * 4, 9 * 4)]).toEqual([0, 2, 3, 4]);
  expect([...lists.scores.subarray(8 * 4, 9 * 4)]).toEqual([1, 0.875, 0.75, 0.625]);
  asked = [];
  const again = await gather(4, { concurrency: 1, timeout: 5 });
  expect(again.lists).toEqual(lists);
  expect(asked).toEqual([]);
  expect(ends).toEqual([undefined, "kept from before"]);
});

test("a run that breaks off goes on from its last whole shard", async () => {
  answer = (question) => (question.user === "u300" ? 500 : { items: best(question) });
  await expect(gather()).rejects.toThrow(/answered 500; see to the service and run the same command again/);
  expect(readdirSync(join(folder, "stages")).filter((name) => name.startsWith("asked-"))).toHaveLength(1);
  asked = [];
  answer = (question) => ({ items: best(question) });
  const { lists, scored } = await gather();
  expect(asked).toHaveLength(600 - 256);
  expect(ends).toEqual(["1 of 3 parts kept from before"]);
  expect(steps.at(-1)).toBe(1);
  expect(scored).toBe(false);
  expect([...lists.scores.subarray(0, 4)]).toEqual([4, 3, 2, 1]);
});

test("what is strange in an answer is counted and left out", async () => {
  answer = ({ user }) => {
    if (user !== "u0") return { items: [] };
    return { items: ["i1", "x", "i1", "i0", 7, "i2", "i4", "i5"], scores: [9, 8, 7, 6, 5, null, "4", 3] };
  };
  const { lists, leftOut } = await gather();
  expect([...lists.items.subarray(0, 4)]).toEqual([1, 5, -1, -1]);
  expect(leftOut.map(({ what, count }) => `${count} ${what.replace(/http:\S+/, "URL")}`)).toEqual([
    ...["2 items of URL that the data lacks", "1 items of URL that the user had taken before"],
    ...[
      "1 repeated items of URL",
      "2 items of URL whose score is no number",
      "600 users with fewer than 4 items from URL",
    ],
  ]);
});

test.each<[unknown, string]>([
  [null, "got null; correct the service."],
  [["i1"], 'the answer must be { items: [ids], scores: [numbers] }, got ["i1"]; correct'],
  [{ items: "i1" }, 'got {"items":"i1"}; correct'],
  [{ items: [["i1"]] }, 'got {"items":[["i1"]]}; correct'],
  [{ items: ["i1", "i2"], scores: [1] }, "the answer has 2 items and 1 scores; give a score an item, or none at all."],
  [{ items: ["i1"], scores: 1 }, "the answer has 1 items and scores that are no list; give"],
])("%j is one sentence", async (said, message) => {
  const sentence = await refusal(said);
  expect(sentence).toContain(message);
  expect(sentence).toMatch(/^http:\/\/host\/: user "u\d+": /);
});
