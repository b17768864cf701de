// Kernel threads on node:worker_threads. The worker is plain text, so it needs no file and no loader.

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { UserError } from "../base/errors.ts";
import type { Kernels, Workers } from "../kernels/kernels.ts";
import { openSharedKernels } from "../kernels/open-shared.ts";

const workerSource = `
const { parentPort, workerData: { module, memory } } = require("node:worker_threads");
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
parentPort.on("message", ({ name, calls, counter }) => {
  const next = new Int32Array(memory.buffer, counter, 1);
  const kernel = exports[name];
  try {
    for (let i = Atomics.add(next, 0, 1); i < calls.length; i = Atomics.add(next, 0, 1)) kernel(...calls[i]);
    parentPort.postMessage(null);
  } catch (trap) {
    parentPort.postMessage(trap);
  }
});
`;

/** Opens kernels that use `threads` threads in all (default: the cores this process may use, at most 16). */
export function openKernels(threads: number = Math.min(16, availableParallelism())): Promise<Kernels> {
  if (!Number.isInteger(threads) || threads < 1 || threads > 64) {
    throw new UserError(`threads must be a whole number from 1 to 64, got ${threads}.`);
  }
  return openSharedKernels(threads === 1 ? undefined : (module, memory) => startWorkers(threads - 1, module, memory));
}

function startWorkers(count: number, module: WebAssembly.Module, memory: WebAssembly.Memory): Workers {
  const workers = Array.from({ length: count }, () => {
    const worker = new Worker(workerSource, { eval: true, workerData: { module, memory } });
    worker.unref();
    return worker;
  });
  return {
    count,
    async run(name, calls, counter) {
      const outcomes = await Promise.allSettled(
        workers.map(
          (worker) =>
            new Promise<void>((resolve, reject) => {
              worker.ref();
              const done = (trap: Error | null) => {
                worker.off("error", failed);
                worker.unref();
                if (trap) reject(trap);
                else resolve();
              };
              const failed = (error: Error) => {
                worker.off("message", done);
                reject(error);
              };
              worker.once("message", done);
              worker.once("error", failed);
              worker.postMessage({ name, calls, counter });
            }),
        ),
      );
      for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    },
    close: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
  };
}
