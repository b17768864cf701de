// What the files that a runtime must load weigh, compressed once for each artifact.

import { runStage } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";

const version = 1;

export interface Weight {
  /** Bytes. */
  readonly raw: number;
  readonly gzip: number;
  readonly brotli: number;
}

/** The weight of the `loaded` files of the artifact `name`, whose stage has this key. */
export async function weighFiles(
  name: string,
  key: string,
  loaded: readonly Uint8Array[],
  around: Surroundings,
): Promise<Weight> {
  const { value: compressed } = await runStage<Omit<Weight, "raw">>(
    {
      ...{ stage: "weigh", version, label: `weigh ${name}`, options: {}, inputs: [key] },
      encode: (bytes) => ({ "bytes.json": new TextEncoder().encode(JSON.stringify(bytes)) }),
      decode: (kept) => JSON.parse(new TextDecoder().decode(kept["bytes.json"])),
      compute: () => around.compressedBytes(loaded),
    },
    around,
  );
  return { raw: loaded.reduce((sum, file) => sum + file.length, 0), ...compressed };
}
