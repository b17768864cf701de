// A server on the loopback interface that can cut a transfer, refuse ranges or send something else; no network beyond.

import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { strToU8, zipSync } from "fflate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { UserError } from "../base/errors.ts";
import { findSet, knownSets } from "./catalog.ts";
import { download } from "./download.ts";
import { getData, unpack } from "./get-data.ts";

const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) & 255));
const sha256 = createHash("sha256").update(content).digest("hex");

let folder = "";
let server: Server;
let address = "";
/** How the server behaves, and the ranges it was asked for. */
let cutAfter = Number.POSITIVE_INFINITY;
let status = 200;
let ranges = true;
let body = content;
let asked: (string | undefined)[] = [];

beforeEach(async () => {
  [cutAfter, status, ranges, body, asked] = [Number.POSITIVE_INFINITY, 200, true, content, []];
  folder = await mkdtemp(join(tmpdir(), "download-"));
  server = createServer((request, response) => {
    const { range } = request.headers;
    asked.push(range);
    if (status !== 200) return void response.writeHead(status).end("sorry");
    const from = ranges && range ? Number(/\d+/.exec(range)?.[0]) : 0;
    if (from >= body.length) return void response.writeHead(416).end();
    response.writeHead(from > 0 ? 206 : 200, {
      "content-length": body.length - from,
      ...(from > 0 && { "content-range": `bytes ${from}-${body.length - 1}/${body.length}` }),
    });
    if (from + cutAfter >= body.length) return void response.end(body.subarray(from));
    response.write(body.subarray(from, from + cutAfter));
    void somethingSaved().then(() => response.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await rm(folder, { recursive: true });
});

/** Waits until some of the file is on disk. */
async function somethingSaved(): Promise<void> {
  const size = () =>
    stat(join(folder, "sub", "f.part")).then(
      (found) => found.size,
      () => 0,
    );
  while ((await size()) === 0) await setTimeout(5);
}

const get = (change: Partial<Parameters<typeof download>[0]> = {}) =>
  download({
    from: `${address}/f`,
    to: join(folder, "sub", "f"),
    bytes: content.length,
    sha256,
    progress: () => {},
    ...change,
  });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable(),
    (error) => {
      expect(error).toBeInstanceOf(UserError);
      expect(error.message).not.toContain("\n");
      return error.message as string;
    },
  );
const there = () => readdir(join(folder, "sub"));

test("fetches, verifies, names, and tells how far it is", async () => {
  const told: number[] = [];
  await get({ progress: (done) => told.push(done) });
  expect(await readFile(join(folder, "sub", "f"))).toEqual(content);
  expect(await there()).toEqual(["f"]);
  expect(told).toEqual(told.toSorted((a, b) => a - b));
  expect(told.at(-1)).toBe(content.length);
});

test("after a cut the next call goes on where it broke off", async () => {
  cutAfter = 100_000;
  expect(await failure(get())).toMatch(/ended after [\d,]+ of 300,000 bytes; run the same command again to go on/);
  expect(await there()).toEqual(["f.part"]);
  cutAfter = Number.POSITIVE_INFINITY;
  const told: number[] = [];
  await get({ progress: (done) => told.push(done) });
  expect(asked).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
  expect(told[0]).toBeGreaterThan(0);
  expect(await readFile(join(folder, "sub", "f"))).toEqual(content);
});

test("a server that knows no ranges is read from the start", async () => {
  await mkdir(join(folder, "sub"));
  await writeFile(join(folder, "sub", "f.part"), content.subarray(0, 5000));
  ranges = false;
  await get();
  expect(await readFile(join(folder, "sub", "f"))).toEqual(content);
});

test.each([
  ["whole already", content],
  ["too long", Buffer.concat([content, content])],
])("a part that is %s", async (_, part) => {
  await mkdir(join(folder, "sub"));
  await writeFile(join(folder, "sub", "f.part"), part);
  await get();
  expect(await readFile(join(folder, "sub", "f"))).toEqual(content);
});

test("wrong bytes are one clear error and leave nothing", async () => {
  body = Buffer.from(content);
  body[1234]! ^= 1;
  expect(await failure(get())).toMatch(/not the file that was expected: SHA-256 is [0-9a-f]{64}, should be/);
  expect(await there()).toEqual([]);
});

test("a body that never ends is stopped", async () => {
  body = Buffer.concat([content, content]);
  expect(await failure(get())).toMatch(/sends more than the 300,000 bytes expected/);
  expect(await there()).toEqual([]);
});

test.each([404, 500, 503, 416])("status %d is told, and what is there is kept", async (code) => {
  await mkdir(join(folder, "sub"));
  await writeFile(join(folder, "sub", "f.part"), content.subarray(0, 5000));
  status = code;
  expect(await failure(get())).toMatch(new RegExp(`the server answered ${code} `));
  expect(await there()).toEqual(["f.part"]);
});

test("nobody at the address, and a folder that cannot be written", async () => {
  expect(await failure(get({ from: "http://127.0.0.1:1/f" }))).toMatch(/cannot be reached/);
  await writeFile(join(folder, "file"), "");
  expect(await failure(get({ to: join(folder, "file", "f") }))).toMatch(/cannot be written \((ENOTDIR|EEXIST)\)/);
});

test("a mirror folder without the file, and a set that does not exist", async () => {
  const options = { to: folder, mirror: folder, progress: () => {} };
  expect(await failure(getData("movietweetings-100k", options))).toMatch(/the mirror has no such file; put it there/);
  expect(await failure(getData("movielens-10k", options))).toBe(
    'No data set named "movielens-10k". Did you mean "movielens-100k"?',
  );
  expect(await failure(getData("?", options))).toMatch(/Known: movietweetings-100k, movielens-100k/);
});

test("a mirror address serves NAME/FILE; a file that is there but differs is left alone", async () => {
  status = 404;
  const options = { to: folder, mirror: `${address}/`, progress: () => {} };
  expect(await failure(getData("movietweetings-100k", options))).toContain(
    `${address}/movietweetings-100k/ratings.dat`,
  );
  await writeFile(join(folder, "movietweetings-100k", "ratings.dat"), "mine");
  expect(await failure(getData("movietweetings-100k", options))).toMatch(
    /is there but is not the published file; move it away/,
  );
  expect(await readFile(join(folder, "movietweetings-100k", "ratings.dat"), "utf8")).toBe("mine");
});

test("a zip is unpacked by name, flat, and goes; nothing else of it is written", async () => {
  const zip = join(folder, "a.zip");
  const entries = { "ml/u.data": strToU8("data"), "ml/other": strToU8("no"), "../evil": strToU8("no") };
  await writeFile(zip, zipSync(entries));
  await unpack(zip, folder, ["ml/u.data"]);
  expect(await readdir(folder)).toEqual(["u.data"]);
  expect(await readFile(join(folder, "u.data"), "utf8")).toBe("data");
});

test("zips that are broken, lack a file or would leave the folder", async () => {
  const zip = join(folder, "a.zip");
  const whole = zipSync({ "ml/u.data": strToU8("data".repeat(99)), "../evil": strToU8("no") });
  await writeFile(zip, whole);
  expect(await failure(unpack(zip, folder, ["../evil"]))).toMatch(/would leave the folder/);
  expect(await failure(unpack(zip, folder, ["ml/u.item"]))).toMatch(/holds no "ml\/u.item"/);
  await writeFile(zip, whole.subarray(0, 100));
  expect(await failure(unpack(zip, folder, ["ml/u.data"]))).toMatch(/is no zip that can be unpacked/);
  expect(await readdir(folder)).toEqual(["a.zip"]);
});

test("the catalogue is well formed", () => {
  for (const set of knownSets) {
    expect(findSet(set.name)).toBe(set);
    for (const file of set.files) {
      expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(file.url).toMatch(/^https:\/\//);
      expect(file.bytes).toBeGreaterThan(0);
    }
  }
});
