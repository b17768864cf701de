// Sparse (CSR) × dense products and the sparse Gramian. A range of output rows is one call, so rows never meet.

/** acc = out or 0, plus Σ_t v_t·X[idx_t] over 16, 4 and then single columns at a time. */
function spmmRow(indices: usize, values: usize, s: i32, e: i32, X: usize, width: i32, y: usize, add: i32): void {
  const bytes = <usize>width << 2;
  const first = indices + (<usize>s << 2);
  const last = indices + (<usize>e << 2);
  const shift = values - indices;
  const zero = f32x4.splat(0);
  let k: usize = 0;
  for (; k + 64 <= bytes; k += 64) {
    let a0 = add ? v128.load(y + k) : zero;
    let a1 = add ? v128.load(y + k, 16) : zero;
    let a2 = add ? v128.load(y + k, 32) : zero;
    let a3 = add ? v128.load(y + k, 48) : zero;
    if (values) {
      for (let t = first; t < last; t += 4) {
        const x = X + <usize>load<i32>(t) * bytes + k;
        const v = v128.load32_splat(t + shift);
        a0 = f32x4.add(a0, f32x4.mul(v, v128.load(x)));
        a1 = f32x4.add(a1, f32x4.mul(v, v128.load(x, 16)));
        a2 = f32x4.add(a2, f32x4.mul(v, v128.load(x, 32)));
        a3 = f32x4.add(a3, f32x4.mul(v, v128.load(x, 48)));
      }
    } else {
      for (let t = first; t < last; t += 4) {
        const x = X + <usize>load<i32>(t) * bytes + k;
        a0 = f32x4.add(a0, v128.load(x));
        a1 = f32x4.add(a1, v128.load(x, 16));
        a2 = f32x4.add(a2, v128.load(x, 32));
        a3 = f32x4.add(a3, v128.load(x, 48));
      }
    }
    v128.store(y + k, a0);
    v128.store(y + k, a1, 16);
    v128.store(y + k, a2, 32);
    v128.store(y + k, a3, 48);
  }
  for (; k + 16 <= bytes; k += 16) {
    let a = add ? v128.load(y + k) : zero;
    for (let t = first; t < last; t += 4) {
      const v = values ? v128.load32_splat(t + shift) : f32x4.splat(1);
      a = f32x4.add(a, f32x4.mul(v, v128.load(X + <usize>load<i32>(t) * bytes + k)));
    }
    v128.store(y + k, a);
  }
  for (; k < bytes; k += 4) {
    let a: f32 = add ? load<f32>(y + k) : 0;
    for (let t = first; t < last; t += 4) {
      const v: f32 = values ? load<f32>(t + shift) : 1;
      a += v * load<f32>(X + <usize>load<i32>(t) * bytes + k);
    }
    store<f32>(y + k, a);
  }
}

/** out[r, :] = (add ? out[r, :] : 0) + Σ_t values[t]·X[indices[t], :] for r in [r0, r1); values 0: all ones. */
export function spmmRows(
  indptr: usize, indices: usize, values: usize, X: usize, width: i32, out: usize, r0: i32, r1: i32, add: i32,
): void {
  for (let r = r0; r < r1; r++) {
    const p = indptr + (<usize>r << 2);
    const y = out + ((<usize>r * <usize>width) << 2);
    spmmRow(indices, values, load<i32>(p), load<i32>(p, 4), X, width, y, add);
  }
}

/** out[i, j] = Σ_u x_ui·x_uj for i in [i0, i1) and all j < n: X by rows (indptr …) and by columns (t…); values 0: ones. */
export function gramRows(
  indptr: usize, indices: usize, values: usize, tIndptr: usize, tIndices: usize, tValues: usize,
  n: i32, out: usize, i0: i32, i1: i32,
): void {
  for (let i = i0; i < i1; i++) {
    const row = out + ((<usize>i * <usize>n) << 2);
    memory.fill(row, 0, <usize>n << 2);
    const end = load<i32>(tIndptr + (<usize>i << 2), 4);
    for (let s = load<i32>(tIndptr + (<usize>i << 2)); s < end; s++) {
      const u = <usize>load<i32>(tIndices + (<usize>s << 2)) << 2;
      const v: f32 = tValues ? load<f32>(tValues + (<usize>s << 2)) : 1;
      const last = indices + (<usize>load<i32>(indptr + u, 4) << 2);
      let t = indices + (<usize>load<i32>(indptr + u) << 2);
      if (values) {
        const shift = values - indices;
        for (; t < last; t += 4) {
          const at = row + (<usize>load<i32>(t) << 2);
          store<f32>(at, load<f32>(at) + v * load<f32>(t + shift));
        }
      } else {
        for (; t < last; t += 4) {
          const at = row + (<usize>load<i32>(t) << 2);
          store<f32>(at, load<f32>(at) + 1);
        }
      }
    }
  }
}
