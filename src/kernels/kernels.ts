// An instance of kernels.wasm with its memory and, in Node, its threads.

import { Heap, openScope, type Scope } from "./memory.ts";

/** The raw exports: numbers in, numbers out; addresses are byte offsets. */
export type KernelExports = Record<string, (...args: number[]) => number>;

/** Threads that run kernels over the same memory; made by node/threads.ts. */
export interface Workers {
  readonly count: number;
  /** Each worker claims indices from the int32 at `counter` and calls kernel `name` with that entry of `calls`. */
  run(name: string, calls: readonly (readonly number[])[], counter: number): Promise<void>;
  close(): Promise<void>;
}

export interface Kernels {
  readonly exports: KernelExports;
  readonly memory: WebAssembly.Memory;
  /** Threads that `parallel` uses, the calling one included. */
  readonly threads: number;
  /** The most memory that arrays have reached over, in bytes. */
  peakBytes(): number;
  /** Opens a scope; free() it in a finally. */
  scope(): Scope;
  /** Runs kernel `name` once for each argument list, spread over the threads. Calls must write disjoint memory. */
  parallel(name: string, calls: readonly (readonly number[])[]): Promise<void>;
  close(): Promise<void>;
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

/** Instantiates `wasmBase64` over `memory`; `startWorkers` gets the compiled module and the shared memory. */
export async function instantiate(
  wasmBase64: string,
  memory: WebAssembly.Memory,
  options: { growable: boolean; startWorkers?: (module: WebAssembly.Module, memory: WebAssembly.Memory) => Workers },
): Promise<Kernels> {
  const module = await WebAssembly.compile(bytesOf(wasmBase64));
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const exports = instance.exports as unknown as KernelExports;
  const base = exports["heapBase"]!();
  const heap = new Heap(memory, base, options.growable);
  const workers = options.startWorkers?.(module, memory);
  const counter = new Int32Array(memory.buffer, heap.alloc(4), 1);
  let turn: Promise<void> = Promise.resolve();
  return {
    exports,
    memory,
    threads: 1 + (workers?.count ?? 0),
    peakBytes: () => heap.peak,
    scope: () => openScope(heap),
    async parallel(name, calls) {
      const kernel = exports[name];
      if (!kernel) throw new Error(`This is a bug in distilrec: there is no kernel "${name}"`);
      if (!workers || calls.length < 2) {
        for (const args of calls) kernel(...args);
        return;
      }
      // There is one counter, so lists that are started together take turns.
      const mine = turn.then(async () => {
        Atomics.store(counter, 0, 0);
        const others = workers.run(name, calls, counter.byteOffset);
        try {
          for (let i = Atomics.add(counter, 0, 1); i < calls.length; i = Atomics.add(counter, 0, 1)) {
            kernel(...calls[i]!);
          }
        } finally {
          await others;
        }
      });
      turn = mine.catch(() => {});
      await mine;
    },
    close: async () => workers?.close(),
  };
}

/** Splits [0, n) into at most `parts` ranges of nearly equal length, none empty. */
export function ranges(n: number, parts: number): [start: number, end: number][] {
  const count = Math.max(1, Math.min(n, parts));
  return Array.from({ length: count }, (_, p) => [Math.floor((p * n) / count), Math.floor(((p + 1) * n) / count)]);
}
