// Where the embedding tables of one training lie: WebAssembly memories of at most 4 GiB each, opened as they fill up.

import { bug } from "../../base/errors.ts";
import type { Kernels } from "../../kernels/kernels.ts";

export interface TableMemories {
  /** Bytes of tables that one memory takes; the rest of its 4 GiB is for gradients on their way. */
  readonly bytes: number;
  /** Kernels over a memory with room for `bytes` more, which are then taken. */
  take(bytes: number): Promise<Kernels>;
  /** Gives taken bytes back. */
  release(kernels: Kernels, bytes: number): void;
  /** Ends the threads of all memories. */
  close(): Promise<void>;
}

/** `open` gives kernels over a new memory, such as node/threads' openKernels. */
export function tableMemories(open: () => Promise<Kernels>, bytes: number = 3.5 * 2 ** 30): TableMemories {
  const opened: { readonly kernels: Kernels; taken: number }[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  const take = async (wanted: number): Promise<Kernels> => {
    if (wanted > bytes) bug(`${wanted} bytes of a table are asked of a memory that holds ${bytes}`);
    let found = opened.find(({ taken }) => taken + wanted <= bytes);
    if (!found) {
      found = { kernels: await open(), taken: 0 };
      opened.push(found);
    }
    found.taken += wanted;
    return found.kernels;
  };
  return {
    bytes,
    take(wanted) {
      const mine = turn.then(() => take(wanted));
      turn = mine.catch(() => {});
      return mine;
    },
    release(kernels, given) {
      const from = opened.find((one) => one.kernels === kernels);
      if (from) from.taken -= given;
    },
    async close() {
      await Promise.all(opened.map(({ kernels }) => kernels.close()));
    },
  };
}
