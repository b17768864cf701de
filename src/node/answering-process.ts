// How much memory answering takes: a Node process of its own opens the files, answers, and says how much it held at most.
// It runs what a server runs: the page runtime of this package, or ONNX Runtime.

import { spawn } from "node:child_process";
import { access, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunTensor } from "../graph/runtime.ts";
import type { Asking, ProcessBytes } from "../pipeline/costs/process-memory.ts";
import type { Files } from "../pipeline/stage.ts";
import { writeWhole } from "./disk.ts";

const secondsAtMost = 60;

/** VmHWM belongs to the program; getrusage's figure begins with what its parent held. */
const head = `
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
const given = JSON.parse(readFileSync(0, "utf8"));
`;
const tail = `
const [, kilobytes] = /VmHWM:\\s+(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"));
console.log(1024 * kilobytes);
`;
const byTables = `
const { openEdge } = await import(given.edge);
const edge = await openEdge(given.folder, { fetch: async (path) => new Response(await readFile(path)) });
for (const who of given.asked) edge.recommend(who, { k: given.k });
`;
const byGraph = `
const { InferenceSession, Tensor } = createRequire(given.runtime)(given.runtime);
const session = await InferenceSession.create(given.folder + "/model.onnx", { logSeverityLevel: 3 });
const arrays = { float32: Float32Array, int64: BigInt64Array, int32: Int32Array };
const feeds = Object.fromEntries(Object.entries(given.feeds).map(([name, { dtype, dims, base64 }]) => {
  const bytes = Uint8Array.from(Buffer.from(base64, "base64"));
  return [name, new Tensor(dtype, new arrays[dtype](bytes.buffer), dims)];
}));
for (let i = 0; i < given.times; i++) await session.run(feeds);
`;

let idle: Promise<number> | undefined;

/** Peak bytes of a process that opens `files` and answers; why not, where it cannot be had. */
export async function processBytes(files: Files, asking: Asking): Promise<ProcessBytes> {
  const exists = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    );
  const edge = new URL("../edge/index.js", import.meta.url);
  if (!(await exists("/proc/self/status"))) return { why: "this system has no /proc/self/status" };
  if ("asked" in asking && !(await exists(edge.pathname))) return { why: "it takes the compiled package" };
  const folder = await mkdtemp(join(tmpdir(), "distilrec-memory-"));
  try {
    await Promise.all(Object.entries(files).map(([path, bytes]) => writeWhole(join(folder, path), bytes)));
    idle ??= run(head + tail, {});
    const peak =
      "asked" in asking
        ? await run(head + byTables + tail, { ...asking, folder, edge: edge.href, k: Math.min(1000, asking.k) })
        : await run(head + byGraph + tail, {
            ...{ folder, times: asking.times, runtime: createRequire(import.meta.url).resolve("onnxruntime-node") },
            feeds: Object.fromEntries(Object.entries(asking.feeds).map(([name, feed]) => [name, packed(feed)])),
          });
    return { peak, idle: await idle };
  } catch (error) {
    return { why: (error as Error).message };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const packed = ({ dtype, dims, data }: RunTensor) => ({
  ...{ dtype, dims },
  base64: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"),
});

/** The number that a script prints. */
function run(script: string, given: object): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      timeout: 1000 * secondsAtMost,
    });
    let [out, err] = ["", ""];
    child.stdout.on("data", (part) => (out += part));
    child.stderr.on("data", (part) => (err += part));
    child.on("error", reject);
    child.on("close", (code) => {
      const bytes = Number(out);
      if (code === 0 && bytes > 0) resolve(bytes);
      else reject(new Error(`the process that answers ended with ${code}: ${reasonIn(err)}`));
    });
    child.stdin.on("error", () => {});
    child.stdin.end(JSON.stringify(given));
  });
}

const reasonIn = (text: string): string =>
  text
    .trim()
    .split("\n")
    .find((line) => /Error/.test(line)) ?? "no reason";
