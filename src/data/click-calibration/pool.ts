// Isotonic regression: pool adjacent violators (Ayer et al. 1955).

/** Neighbouring rows of one click rate. */
export interface Block {
  /** Places among the sorted rows: from … end - 1. */
  readonly from: number;
  readonly end: number;
  readonly clicks: number;
}

/** Blocks of rising click rate; rows of one logit are in one block. */
export function pooled(z: Float64Array, y: Float64Array): Block[] {
  const blocks: Block[] = [];
  for (let from = 0; from < z.length; ) {
    let [end, clicks] = [from, 0];
    for (; end < z.length && z[end] === z[from]; end++) clicks += y[end]!;
    let block: Block = { from, end, clicks };
    for (let last = blocks.at(-1); last && rate(last) >= rate(block); last = blocks.at(-1)) {
      block = joined(last, block);
      blocks.pop();
    }
    blocks.push(block);
    from = end;
  }
  return blocks;
}

const rate = ({ from, end, clicks }: Block): number => clicks / (end - from);
/** Two neighbours as one. */
export const joined = (a: Block, b: Block): Block => ({ from: a.from, end: b.end, clicks: a.clicks + b.clicks });
