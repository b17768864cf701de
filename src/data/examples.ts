// Rows of a click table as typed arrays: what a network trains on and scores. Columns (columns/columns.ts) make them;
// batches cuts them into feeds. Row numbers in `ids` are global: one embedding table serves every single-valued field.

import type { Rng } from "../base/rng.ts";

/** A multi-hot or sequence field: row r holds `ids[start[r]] … ids[start[r + 1] - 1]`, at most `length` of them. */
export interface Bag {
  readonly name: string;
  readonly length: number;
  readonly start: Uint32Array;
  /** Rows of the bag's own table; row 0 fills up a short bag, where the mask is 0. */
  readonly ids: Int32Array;
  /** Where the padding is. */
  readonly pad: "left" | "right";
}

/** A dense vector field, row-major [n, width]. */
export interface Dense {
  readonly name: string;
  readonly width: number;
  readonly values: Float32Array;
}

/** n examples; matrices are row-major and may have no columns. */
export interface Examples {
  readonly n: number;
  /** What is learnt: 0 or 1 for a click. */
  readonly label: Float32Array;
  /** [n, fields]: one global row a single-valued categorical field. */
  readonly ids: Int32Array;
  readonly fields: number;
  /** [n, numbers]. */
  readonly numeric: Float32Array;
  readonly numbers: number;
  readonly bags: readonly Bag[];
  readonly dense: readonly Dense[];
  /** Whose impression it is, for metrics by user. */
  readonly group?: Int32Array;
  /** Unix seconds. */
  readonly time?: Float64Array;
}

/** A feed; the runtime takes it as it is. */
export interface Feed {
  readonly dtype: "float32" | "int64";
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** One batch. Its arrays are the same memory in every batch: use or copy them before the next is drawn. */
export interface Batch {
  readonly n: number;
  /** The example behind each row. */
  readonly rows: Uint32Array;
  /**
   * `label` [n], `ids` int64 [n, fields], `numeric` [n, numbers], `bag.<name>` int64 and `bag.<name>.mask` [n, length],
   * `dense.<name>` [n, width]; float32 where not said. Without fields or numbers their feed is absent.
   */
  readonly feeds: Readonly<Record<string, Feed>>;
}

/**
 * The examples in batches of `batch`, the last one smaller where they do not divide; shuffled by `rng`, in order without.
 * Nothing is allocated from batch to batch.
 */
export function* batches(examples: Examples, options: { batch: number; rng?: Rng }): Generator<Batch, void> {
  const { n } = examples;
  const order = Uint32Array.from({ length: n }, (_, row) => row);
  options.rng?.shuffle(order);
  const size = Math.min(options.batch, n);
  if (size === 0) return;
  const full = allocate(examples, size);
  const rest = shorten(full, n % size);
  for (let at = 0; at < n; at += size) {
    const into = at + size <= n ? full : rest;
    into.rows.set(order.subarray(at, at + into.n));
    fill(examples, into);
    yield into;
  }
}

/** int64 as pairs of 32-bit words, low word first: writing numbers there costs no BigInt. Ids are below 2³¹. */
const wordsOf = ({ data }: Feed): Int32Array => new Int32Array(data.buffer, data.byteOffset, data.length * 2);

interface Buffers extends Batch {
  /** The int64 ids, and those of each bag, as 32-bit words. */
  readonly words: Int32Array;
  readonly bagWords: readonly Int32Array[];
}

function allocate(examples: Examples, n: number): Buffers {
  const floats = (...dims: number[]): Feed => ({ dtype: "float32", dims, data: new Float32Array(product(dims)) });
  const int64 = (...dims: number[]): Feed => ({ dtype: "int64", dims, data: new BigInt64Array(product(dims)) });
  const feeds: Record<string, Feed> = { label: floats(n) };
  const ids = int64(n, examples.fields);
  if (examples.fields > 0) feeds["ids"] = ids;
  if (examples.numbers > 0) feeds["numeric"] = floats(n, examples.numbers);
  const bags = examples.bags.map(({ name, length }) => {
    const bag = int64(n, length);
    feeds[`bag.${name}`] = bag;
    feeds[`bag.${name}.mask`] = floats(n, length);
    return bag;
  });
  for (const { name, width } of examples.dense) feeds[`dense.${name}`] = floats(n, width);
  return {
    n,
    rows: new Uint32Array(n),
    words: wordsOf(ids),
    bagWords: bags.map(wordsOf),
    feeds,
  };
}

/** The first n rows of the same memory. */
function shorten(full: Buffers, n: number): Buffers {
  const head = ({ dtype, dims, data }: Feed): Feed => {
    const shape = [n, ...dims.slice(1)];
    return { dtype, dims: shape, data: data.subarray(0, product(shape)) };
  };
  return {
    n,
    rows: full.rows.subarray(0, n),
    words: full.words,
    bagWords: full.bagWords,
    feeds: Object.fromEntries(Object.entries(full.feeds).map(([name, feed]) => [name, head(feed)])),
  };
}

function fill(examples: Examples, { rows, words, bagWords, feeds }: Buffers): void {
  const label = feeds["label"]!.data as Float32Array;
  for (let r = 0; r < rows.length; r++) label[r] = examples.label[rows[r]!]!;
  fillIds(examples.ids, examples.fields, rows, words);
  if (examples.numbers > 0) copyRows(examples.numeric, examples.numbers, rows, feeds["numeric"]!);
  for (const { name, width, values } of examples.dense) copyRows(values, width, rows, feeds[`dense.${name}`]!);
  for (const [b, bag] of examples.bags.entries()) {
    fillBag(bag, rows, bagWords[b]!, feeds[`bag.${bag.name}.mask`]!.data as Float32Array);
  }
}

function fillIds(from: Int32Array, fields: number, rows: Uint32Array, words: Int32Array): void {
  for (let r = 0, to = 0; r < rows.length; r++) {
    if (r % ahead === 0) fetchRows(from, fields, rows, r);
    for (let at = rows[r]! * fields, end = at + fields; at < end; at++, to += 2) words[to] = from[at]!;
  }
}

function copyRows(values: Float32Array, width: number, rows: Uint32Array, { data }: Feed): void {
  const out = data as Float32Array;
  for (let r = 0, to = 0; r < rows.length; r++) {
    if (r % ahead === 0) fetchRows(values, width, rows, r);
    for (let at = rows[r]! * width, end = at + width; at < end; at++) out[to++] = values[at]!;
  }
}

const ahead = 32;
const lineLength = 16;
const touched = new Float64Array(1);

/**
 * Reads one number of each cache line of the next 32 rows. Shuffled rows lie anywhere, and a loop of loads alone has many
 * misses under way at once, where one that copies waits for each: 4096 rows of 26 ids take 0.4 instead of 1.0 ms.
 */
function fetchRows(values: Int32Array | Float32Array, width: number, rows: Uint32Array, from: number): void {
  const end = Math.min(rows.length, from + ahead);
  let sum = 0;
  for (let r = from; r < end; r++) {
    const first = rows[r]! * width;
    for (let at = first; at < first + width; at += lineLength) sum += values[at]!;
    sum += values[first + width - 1]!;
  }
  touched[0] = sum; // else the compiler leaves the loads out
}

function fillBag(bag: Bag, rows: Uint32Array, words: Int32Array, mask: Float32Array): void {
  words.fill(0, 0, 2 * rows.length * bag.length);
  mask.fill(0);
  for (let r = 0; r < rows.length; r++) {
    const from = bag.start[rows[r]!]!;
    const end = bag.start[rows[r]! + 1]!;
    let to = r * bag.length + (bag.pad === "left" ? bag.length - (end - from) : 0);
    for (let at = from; at < end; at++, to++) {
      words[2 * to] = bag.ids[at]!;
      mask[to] = 1;
    }
  }
}

const product = (dims: readonly number[]): number => dims.reduce((n, d) => n * d, 1);
