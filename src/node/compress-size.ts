// How many bytes a file takes once a server has compressed it: gzip -9 and brotli.

import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** Above this size brotli runs at quality 5, as servers do: at 11 it takes about a second a megabyte. */
const SLOW_BROTLI_BYTES = 4_000_000;

/** The compressed sizes of a file. */
export async function compressedBytes(file: Uint8Array): Promise<{ gzip: number; brotli: number }> {
  const quality = file.length <= SLOW_BROTLI_BYTES ? 11 : 5;
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: file.length };
  const [zipped, pressed] = await Promise.all([
    promisify(gzip)(file, { level: 9 }),
    promisify(brotliCompress)(file, { params }),
  ]);
  return { gzip: zipped.length, brotli: pressed.length };
}
