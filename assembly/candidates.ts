// A few rows of a table against one row of it: their products, and the gradient of a loss over the products.

/** out[c] = table[own,:] · table[first + ids[c],:]. */
export function scoreCandidates(
  table: usize, own: i32, first: i32, ids: usize, n: i32, width: i32, out: usize,
): void {
  const bytes = <usize>width << 2;
  const q = table + <usize>own * bytes;
  for (let c = 0; c < n; c++) {
    const x = table + <usize>(first + load<i32>(ids + (<usize>c << 2))) * bytes;
    let lanes = f32x4.splat(0);
    let k: usize = 0;
    for (; k + 16 <= bytes; k += 16) lanes = f32x4.add(lanes, f32x4.mul(v128.load(q + k), v128.load(x + k)));
    let sum = f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1)
      + (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3));
    for (; k < bytes; k += 4) sum += load<f32>(q + k) * load<f32>(x + k);
    store<f32>(out + (<usize>c << 2), sum);
  }
}

/** gradient[own,:] += Σ_c slopes[c] · table[first + ids[c],:]; gradient[first + ids[c],:] += slopes[c] · table[own,:]. */
export function pullCandidates(
  table: usize, gradient: usize, own: i32, first: i32, ids: usize, slopes: usize, n: i32, width: i32,
): void {
  const bytes = <usize>width << 2;
  const q = table + <usize>own * bytes, dq = gradient + <usize>own * bytes;
  for (let c = 0; c < n; c++) {
    const at = <usize>(first + load<i32>(ids + (<usize>c << 2))) * bytes;
    const x = table + at, dx = gradient + at;
    const slope = load<f32>(slopes + (<usize>c << 2));
    const s = f32x4.splat(slope);
    let k: usize = 0;
    for (; k + 16 <= bytes; k += 16) {
      v128.store(dq + k, f32x4.add(v128.load(dq + k), f32x4.mul(s, v128.load(x + k))));
      v128.store(dx + k, f32x4.add(v128.load(dx + k), f32x4.mul(s, v128.load(q + k))));
    }
    for (; k < bytes; k += 4) {
      store<f32>(dq + k, load<f32>(dq + k) + slope * load<f32>(x + k));
      store<f32>(dx + k, load<f32>(dx + k) + slope * load<f32>(q + k));
    }
  }
}
