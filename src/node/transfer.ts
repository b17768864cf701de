// Bytes of files as a server would send them: each one raw, gzip 9 and brotli 11 up to 1 MB, gzip 6 and brotli 5 above, as static
// hosts and content networks do).

import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Files } from "../pipeline/stage.ts";

const gzipAsync = promisify(gzip);
const brotliAsync = promisify(brotliCompress);

/** The sums over all files. */
export async function transferBytes(files: Files): Promise<{ raw: number; gzip: number; brotli: number }> {
  const sizes = await Promise.all(
    Object.values(files).map(async (bytes) => {
      const quality = bytes.length <= 1_000_000 ? 11 : 5;
      const [zipped, brotli] = await Promise.all([
        gzipAsync(bytes, { level: bytes.length <= 1_000_000 ? 9 : 6 }),
        brotliAsync(bytes, {
          params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
        }),
      ]);
      return { raw: bytes.length, gzip: zipped.length, brotli: brotli.length };
    }),
  );
  const sum = (form: "raw" | "gzip" | "brotli") => sizes.reduce((total, size) => total + size[form], 0);
  return { raw: sum("raw"), gzip: sum("gzip"), brotli: sum("brotli") };
}
