// What files and tables weigh, as they are and compressed for transfer, each on its own.

import { joinBytes } from "../../base/bytes.ts";
import type { FileCost, TableCost, Weight } from "../../report/cost-results.ts";
import type { Files } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";

type Press = Surroundings["compressedBytes"];

/** A table to weigh: the bytes that it ships in, one after the other. */
export interface ShippedTable extends Pick<TableCost, "name" | "encoding" | "rows" | "cols"> {
  readonly parts: readonly Uint8Array[];
}

/** Every file of an artifact, those that a runtime loads first, the largest first. */
export async function weighFiles(files: Files, loads: (path: string) => boolean, press: Press): Promise<FileCost[]> {
  const weighed = Object.entries(files).map(async ([path, bytes]) => ({
    ...{ path, load: loads(path), raw: bytes.length },
    ...(await press(bytes)),
  }));
  return (await Promise.all(weighed)).sort((a, b) => Number(b.load) - Number(a.load) || b.raw - a.raw);
}

/** Every table, the largest first. */
export async function weighTables(tables: readonly ShippedTable[], press: Press): Promise<TableCost[]> {
  const weighed = tables.map(async ({ parts, ...table }) => {
    const bytes = joinBytes(parts);
    return { ...table, raw: bytes.length, ...(await press(bytes)) };
  });
  return (await Promise.all(weighed)).sort((a, b) => b.raw - a.raw);
}

/** What all files that a runtime loads weigh together. */
export const shipped = (files: readonly FileCost[]): Weight =>
  files
    .filter(({ load }) => load)
    .reduce(
      (sum, { raw, gzip, brotli }) => ({ raw: sum.raw + raw, gzip: sum.gzip + gzip, brotli: sum.brotli + brotli }),
      { raw: 0, gzip: 0, brotli: 0 },
    );
