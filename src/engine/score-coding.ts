// Rows coded so that the scores keep what counts. Each number x of a row takes one of its column's levels by what that
// costs the row's scores against the other side, all of them and its best ones, and by its bits; errors may make up for
// one another. With e the row's error, G the mean of o² over all others' rows o and B the row's best partners:
//
//     (1 - s) Σ_c G_c e_c²  +  s · mean_{o ∈ B} (o · e)²  +  lambda · unit · bits,      unit = mean_c G_c step_c²
//
// lowered number by number, strongest column first, as adaptive rounding does (Nagel et al., arXiv 2004.10568; weighted to
// the queries that count: Guo et al., arXiv 1908.10396).

/** s: the best partners' share. Chosen on citeULike's validation items. */
const SHARE = 0.5;
/** Bits charged for a level that no number is nearest to. */
const UNUSED_BITS = 14;
/** Places of a column's grid, at most: a byte names one of them. */
const MOST_PLACES = 250;

export interface CodingSide {
  readonly rows: number;
  readonly cols: number;
  /** rows × cols. */
  readonly data: Float32Array;
  /** The other side's rows, as many columns. */
  readonly others: Float32Array;
  /** rows × width places among the others. */
  readonly partners: Int32Array;
}

export interface CodedNumbers {
  /** The levels in use of each column, ascending. */
  readonly levels: readonly Float32Array[];
  /** rows × cols places among them. */
  readonly indices: Uint8Array;
  /** The entropy of all indices by their columns' shares. */
  readonly bits: number;
}

/** Codes every `every`-th row on grids of these steps. */
export function codeForScores(side: CodingSide, steps: Float64Array, lambda: number, every = 1): CodedNumbers {
  const { cols, data, others, partners } = side;
  const rows = Math.ceil(side.rows / every);
  const width = side.rows ? partners.length / side.rows : 0;
  const gram = meanSquares(others, cols);
  const grid = gridOf(side, steps, rows, every);
  const { first, start, levels, counts, places } = grid;
  const bits = Float64Array.from(counts, (n) => (n > 0 ? -Math.log2(n / rows) : UNUSED_BITS));
  const unit = gram.reduce((sum, g, c) => sum + g * grid.steps[c]! ** 2, 0) / cols || 1;
  const price = lambda * unit;
  const block = new Float32Array(cols * width);
  const apart = new Float64Array(width);
  for (let r = 0; r < rows; r++) {
    const row = r * every;
    for (let k = 0; k < width; k++) {
      const from = partners[row * width + k]! * cols;
      for (let c = 0; c < cols; c++) block[c * width + k] = others[from + c]!;
    }
    apart.fill(0);
    for (let c = 0; c < cols; c++) {
      const e = levels[start[c]! + places[r * cols + c]!]! - data[row * cols + c]!;
      for (let k = 0; k < width; k++) apart[k]! += block[c * width + k]! * e;
    }
    for (let c = 0; c < cols; c++) {
      let [slope, bend] = [0, 0];
      for (let k = 0; k < width; k++) {
        const o = block[c * width + k]!;
        slope += apart[k]! * o;
        bend += o * o;
      }
      const share = width ? SHARE / width : 0;
      const now = places[r * cols + c]!;
      const held = start[c]! + now;
      const e = levels[held]! - data[row * cols + c]!;
      const linear = 2 * ((1 - SHARE) * gram[c]! * e + share * slope);
      const square = (1 - SHARE) * gram[c]! + share * bend;
      const last = start[c + 1]! - start[c]! - 1;
      let best = now;
      let least = 0;
      for (const place of [now - 1, now + 1, -first[c]!]) {
        if (place < 0 || place > last || place === now) continue;
        const moved = levels[start[c]! + place]! - levels[held]!;
        const cost = moved * (linear + moved * square) + price * (bits[start[c]! + place]! - bits[held]!);
        if (cost < least) [best, least] = [place, cost];
      }
      if (best === now) continue;
      const moved = levels[start[c]! + best]! - levels[held]!;
      for (let k = 0; k < width; k++) apart[k]! += block[c * width + k]! * moved;
      counts[held]!--;
      counts[start[c]! + best]!++;
      places[r * cols + c] = best;
    }
  }
  return usedLevels(grid, rows, cols);
}

/** The mean of o_c² over the rows o. */
function meanSquares(rows: Float32Array, cols: number): Float64Array {
  const sums = new Float64Array(cols);
  for (let i = 0; i < rows.length; i++) sums[i % cols]! += rows[i]! * rows[i]!;
  return sums.map((sum) => (sum * cols) / Math.max(1, rows.length));
}

interface Grid {
  /** Of column c: the multiple of its step that is its first place, and where it starts in `levels` and `counts`. */
  readonly first: Int32Array;
  readonly start: Int32Array;
  readonly steps: Float64Array;
  readonly levels: Float64Array;
  readonly counts: Float64Array;
  readonly places: Uint8Array;
}

/** Every number in its nearest place; a level is the mean of the numbers in it, or the place itself. */
function gridOf({ cols, data }: CodingSide, wanted: Float64Array, rows: number, every: number): Grid {
  const [low, high] = [new Float64Array(cols).fill(Infinity), new Float64Array(cols).fill(-Infinity)];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      const x = data[r * every * cols + c]!;
      low[c] = Math.min(low[c]!, x);
      high[c] = Math.max(high[c]!, x);
    }
  }
  const steps = wanted.map((step, c) => Math.max(step, (high[c]! - low[c]!) / MOST_PLACES) || 1);
  const first = Int32Array.from(steps, (step, c) => Math.round(low[c]! / step));
  const start = new Int32Array(cols + 1);
  for (let c = 0; c < cols; c++) start[c + 1] = start[c]! + Math.round(high[c]! / steps[c]!) - first[c]! + 1;
  const places = new Uint8Array(rows * cols);
  const [counts, levels] = [new Float64Array(start[cols]!), new Float64Array(start[cols]!)];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      const x = data[r * every * cols + c]!;
      const place = Math.round(x / steps[c]!) - first[c]!;
      places[r * cols + c] = place;
      counts[start[c]! + place]!++;
      levels[start[c]! + place]! += x;
    }
  }
  for (let c = 0; c < cols; c++) {
    for (let at = start[c]!; at < start[c + 1]!; at++) {
      levels[at] = counts[at]! > 0 ? levels[at]! / counts[at]! : (first[c]! + at - start[c]!) * steps[c]!;
    }
  }
  return { first, start, steps, levels, counts, places };
}

/** Drops the levels that no number has. */
function usedLevels({ start, levels, counts, places }: Grid, rows: number, cols: number): CodedNumbers {
  const place = new Uint8Array(levels.length);
  let bits = 0;
  const kept = Array.from({ length: cols }, (_, c) => {
    const used: number[] = [];
    for (let at = start[c]!; at < start[c + 1]!; at++) {
      if (counts[at] === 0) continue;
      place[at] = used.length;
      used.push(levels[at]!);
      bits -= counts[at]! * Math.log2(counts[at]! / rows);
    }
    return Float32Array.from(used);
  });
  return { levels: kept, indices: places.map((k, i) => place[start[i % cols]! + k]!), bits };
}
