// A named matrix of a recommender in the form it ships in: an encoding and the tensors that hold it. Tables are plain
// data; src/tables/<encoding>.ts gives each encoding its meaning.

export type Tensor = Float32Array | Uint16Array | Uint8Array | Int32Array;

/** rows × cols numbers in `encoding`; every byte that a runtime needs to read them is in `tensors` or the tables within. */
export interface Table {
  readonly encoding: string;
  readonly rows: number;
  readonly cols: number;
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** The kept numbers of a sparse table (any dense encoding, short rows), or the rows that others share. */
  readonly values?: Table;
  /** The tables that hold the rows of a mixed-rows table. */
  readonly bands?: readonly Table[];
}

/** The tables within a table. */
export const tablesWithin = ({ values, bands = [] }: Table): readonly Table[] => (values ? [values, ...bands] : bands);

/** Bytes of a table as shipped: its tensors and the tables within. */
export function tableBytes(table: Table): number {
  let bytes = tablesWithin(table).reduce((sum, one) => sum + tableBytes(one), 0);
  for (const tensor of Object.values(table.tensors)) bytes += tensor.byteLength;
  return bytes;
}

/** A dense float32 table, row-major. */
export function f32Table(rows: number, cols: number, data: Float32Array): Table {
  if (data.length !== rows * cols) throw new RangeError(`a ${rows} × ${cols} table needs ${rows * cols} numbers`);
  return { encoding: "f32", rows, cols, tensors: { data } };
}
