// Where levels stand among scores: how many of a row are above each, and how many are equal to it.

const CHUNK: i32 = 2048;

/**
 * For rows [b0, b1) of scores b×n: above[e] and equal[e] of the scores of row r compare so with levels[e], e in
 * indptr[r] … indptr[r+1]). NaN, as score or level, counts nowhere. Both outputs start at zero.
 */
export function countLevels(
  scores: usize, n: i32, b0: i32, b1: i32, indptr: usize, levels: usize, above: usize, equal: usize,
): void {
  for (let r = b0; r < b1; r++) {
    const row = scores + ((<usize>r * <usize>n) << 2);
    const end = load<i32>(indptr + (<usize>r << 2), 4);
    // A chunk stays in the first cache while every level passes over it.
    for (let c0 = 0; c0 < n; c0 += CHUNK) {
      const c1 = min(c0 + CHUNK, n);
      for (let e = load<i32>(indptr + (<usize>r << 2)); e < end; e++) {
        const at = <usize>e << 2;
        const level = load<f32>(levels + at);
        const level4 = f32x4.splat(level);
        let more = i32x4.splat(0), same = i32x4.splat(0);
        let j = c0;
        for (; j + 4 <= c1; j += 4) {
          const s = v128.load(row + (<usize>j << 2));
          more = i32x4.sub(more, f32x4.gt(s, level4));
          same = i32x4.sub(same, f32x4.eq(s, level4));
        }
        let a = sum(more), q = sum(same);
        for (; j < c1; j++) {
          const s = load<f32>(row + (<usize>j << 2));
          a += <i32>(s > level);
          q += <i32>(s == level);
        }
        store<i32>(above + at, load<i32>(above + at) + a);
        store<i32>(equal + at, load<i32>(equal + at) + q);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function sum(v: v128): i32 {
  return (
    i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
  );
}
