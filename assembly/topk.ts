// The best of n scores without the excluded ones. A heap of the best so far lies in the output; its root is the worst.

/**
 * Writes at most `top` items, score descending, ties by lower index, NaN never; returns how many.
 * `exclude` holds ascending int32 indices.
 */
export function topk(
  scores: usize, n: i32, exclude: usize, excluded: i32, top: i32, outItems: usize, outScores: usize,
): i32 {
  let size = 0;
  let start = 0;
  let x = 0;
  while (start < n) {
    while (x < excluded && load<i32>(exclude + (<usize>x << 2)) < start) x++;
    const end = x < excluded ? min(n, load<i32>(exclude + (<usize>x << 2))) : n;
    size = segment(scores, start, end, top, outItems, outScores, size);
    start = end + 1;
  }
  for (let last = size - 1; last > 0; last--) {
    const item = load<i32>(outItems + (<usize>last << 2)), score = load<f32>(outScores + (<usize>last << 2));
    put(outItems, outScores, last, load<i32>(outItems), load<f32>(outScores));
    sink(outItems, outScores, last, item, score);
  }
  return size;
}

/** Offers the scores in [start, end) to the heap; 16 at a time once it is full. */
function segment(scores: usize, start: i32, end: i32, top: i32, items: usize, kept: usize, size: i32): i32 {
  let i = start;
  for (; i < end && size < top; i++) {
    const score = load<f32>(scores + (<usize>i << 2));
    if (score != score) continue;
    let at = size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = load<f32>(kept + (<usize>parent << 2));
      if (other < score) break;
      put(items, kept, at, load<i32>(items + (<usize>parent << 2)), other);
      at = parent;
    }
    put(items, kept, at, i, score);
  }
  if (top == 0) return size;
  while (i < end) {
    const bar = load<f32>(kept);
    const bar4 = f32x4.splat(bar);
    while (i + 16 <= end) {
      const p = scores + (<usize>i << 2);
      const low = v128.or(f32x4.gt(v128.load(p), bar4), f32x4.gt(v128.load(p, 16), bar4));
      const high = v128.or(f32x4.gt(v128.load(p, 32), bar4), f32x4.gt(v128.load(p, 48), bar4));
      if (v128.any_true(v128.or(low, high))) break;
      i += 16;
    }
    const stop = min(end, i + 16);
    for (; i < stop; i++) {
      const score = load<f32>(scores + (<usize>i << 2));
      if (score > load<f32>(kept)) sink(items, kept, size, i, score);
    }
  }
  return size;
}

// @ts-ignore: decorator
@inline
function put(items: usize, kept: usize, at: i32, item: i32, score: f32): void {
  store<i32>(items + (<usize>at << 2), item);
  store<f32>(kept + (<usize>at << 2), score);
}

/** Puts (item, score) in the root's place and restores the heap of `size`: the worst, lowest and then latest, on top. */
function sink(items: usize, kept: usize, size: i32, item: i32, score: f32): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= size) break;
    if (child + 1 < size && worse(items, kept, child + 1, child)) child++;
    const childScore = load<f32>(kept + (<usize>child << 2)), childItem = load<i32>(items + (<usize>child << 2));
    if (score < childScore || (score == childScore && item > childItem)) break;
    put(items, kept, at, childItem, childScore);
    at = child;
  }
  put(items, kept, at, item, score);
}

// @ts-ignore: decorator
@inline
function worse(items: usize, kept: usize, a: i32, b: i32): bool {
  const x = load<f32>(kept + (<usize>a << 2)), y = load<f32>(kept + (<usize>b << 2));
  return x < y || (x == y && load<i32>(items + (<usize>a << 2)) > load<i32>(items + (<usize>b << 2)));
}
