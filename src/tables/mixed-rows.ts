// mixed-rows: rows in bands, each of which keeps its rows in their order as a table of its own, in any dense encoding.
// `band` says which band each row is in, entropy-coded (rans.ts); a single band needs none.

import { UserError } from "../base/errors.ts";
import { denseEncodings } from "./dense.ts";
import { describeTable, type Encoding, expectTensors } from "./encoding.ts";
import { decodeRans, encodeRans } from "./rans.ts";
import type { Table } from "./table.ts";

const MOST_BANDS = 64;

export const mixedRows: Encoding = {
  whole: true,
  check(table) {
    expectTensors(table, { band: { type: [Uint8Array] } });
    const bands = table.bands ?? [];
    const damaged = (what: string) => new UserError(`${describeTable(table)}: ${what}; seal the artifact again.`);
    if (bands.length < 1 || bands.length > MOST_BANDS) throw damaged(`it has 1 to ${MOST_BANDS} bands`);
    for (const one of bands) {
      const encoding = Object.hasOwn(denseEncodings, one.encoding) && denseEncodings[one.encoding];
      if (!encoding || one.cols !== table.cols) throw damaged("a band is not dense or of other columns");
      encoding.check(one);
    }
    const held = rowsByBand(bandOfRows(table), bands.length);
    if (bands.some((one, b) => one.rows !== held[b]!.length)) throw damaged("its bands do not hold its rows");
  },
  decode(table, from, to) {
    const { cols, bands = [] } = table;
    const out = new Float32Array((to - from) * cols);
    for (const [b, rows] of rowsByBand(bandOfRows(table), bands.length).entries()) {
      const one = bands[b]!;
      const data = denseEncodings[one.encoding]!.decode(one, 0, one.rows);
      rows.forEach((row, r) => {
        if (row >= from && row < to) out.set(data.subarray(r * cols, (r + 1) * cols), (row - from) * cols);
      });
    }
    return out;
  },
};

/** Which band each row is in. */
export function bandOfRows(table: Table): Uint8Array {
  const { rows, bands = [], tensors } = table;
  if (bands.length === 1) return new Uint8Array(rows);
  return decodeRans(tensors["band"] as Uint8Array, rows, bands.length, describeTable(table));
}

/** Of each band, which rows are in it, ascending. */
export function rowsByBand(band: Uint8Array, bands = band.reduce((most, b) => Math.max(most, b + 1), 1)): Int32Array[] {
  const found = Array.from({ length: bands }, (): number[] => []);
  band.forEach((b, r) => {
    found[b]!.push(r);
  });
  return found.map((rows) => Int32Array.from(rows));
}

const codedBands = (band: Uint8Array, bands: number) => (bands === 1 ? new Uint8Array(0) : encodeRans(band, bands));

/** Bytes of what says which of so many bands each row is in. */
export const bandBytes = (band: Uint8Array, bands: number): number => codedBands(band, bands).length;

/** The table whose row r is in `bands[band[r]]`, behind those of the same band above it. */
export function mixedRowsTable(band: Uint8Array, bands: readonly Table[]): Table {
  const tensors = { band: codedBands(band, bands.length) };
  return { encoding: "mixed-rows", rows: band.length, cols: bands[0]!.cols, tensors, bands };
}
