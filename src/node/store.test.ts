import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "./store.ts";

const key = "a".repeat(64);
const bytes = (text: string) => new TextEncoder().encode(text);
let run: string;
beforeEach(async () => {
  run = await mkdtemp(join(tmpdir(), "store-"));
});
afterEach(() => rm(run, { recursive: true, force: true }));

test("gives back what it was given, and nothing for another key", async () => {
  const store = await openStore(run);
  expect(await store.read("fit", key)).toBeUndefined();
  await store.write("fit", key, { a: bytes("1"), "deep/b": bytes("") });
  expect(await store.read("fit", key)).toEqual({ a: bytes("1"), "deep/b": bytes("") });
  expect(await store.read("fit", "b".repeat(64))).toBeUndefined();
  expect(await store.read("fit", `${"a".repeat(63)}b`)).toBeUndefined();
  await store.close();
});

test.each([
  ["a flipped byte", (folder: string) => writeFile(join(folder, "a"), "2")],
  ["a missing file", (folder: string) => rm(join(folder, "a"))],
  ["a foreign file", (folder: string) => writeFile(join(folder, "c"), "2")],
  ["a broken note", (folder: string) => writeFile(join(folder, "stage.json"), "{")],
])("%s counts as absent, and the next write repairs it", async (_, damage) => {
  const store = await openStore(run);
  await store.write("fit", key, { a: bytes("1") });
  await damage(join(run, "stages", "fit-aaaaaaaaaaaaaaaa"));
  expect(await store.read("fit", key)).toBeUndefined();
  await store.write("fit", key, { a: bytes("1") });
  expect(await store.read("fit", key)).toEqual({ a: bytes("1") });
  await store.close();
});

test("publishes stages as artifacts, without their note, and sweeps what a kill left", async () => {
  await mkdir(join(run, "stages", "fit-x.tmp"), { recursive: true });
  const store = await openStore(run);
  await store.write("artifact", key, { "deep/a": bytes("1") });
  for (const text of ["old", "new"])
    await store.publish({ small: { stage: "artifact", key } }, { "results.json": bytes(text) });
  expect(await readdir(join(run, "artifacts", "small"), { recursive: true })).toEqual(["deep", join("deep", "a")]);
  expect(await readFile(join(run, "results.json"), "utf8")).toBe("new");
  expect((await readdir(run, { recursive: true })).filter((name) => name.includes(".tmp"))).toEqual([]);
  await store.close();
});

test("a full disk is one sentence, and what was there before stays", async () => {
  const store = await openStore(run);
  await writeFile(join(run, "results.json"), "old");
  await symlink("/dev/full", join(run, "results.json.tmp"));
  await expect(store.publish({}, { "results.json": bytes("new") })).rejects.toThrow(
    /results\.json: the disk is full; free some space/,
  );
  expect(await readFile(join(run, "results.json"), "utf8")).toBe("old");
  await store.close();
});

test("one run a folder; the lock of a dead process is taken over", async () => {
  const store = await openStore(run);
  const other = join(run, "other");
  await mkdir(other);
  await writeFile(join(other, ".lock"), `${process.ppid}\n`);
  await expect(openStore(other)).rejects.toThrow(`process ${process.ppid} is running into this folder`);
  for (const stale of ["999999999\n", "rubbish", ""]) {
    await writeFile(join(other, ".lock"), stale);
    const taken = await openStore(other);
    expect(await readFile(join(other, ".lock"), "utf8")).toBe(`${process.pid}\n`);
    await taken.close();
  }
  expect(await readdir(other)).toEqual([]);
  await store.close();
});

test("a folder that cannot be made is one sentence", async () => {
  await writeFile(join(run, "file"), "");
  await expect(openStore(join(run, "file", "run"))).rejects.toThrow("a part of that path is a file");
  await expect(openStore("/proc/run")).rejects.toThrow(/^\/proc\/run: /);
});
