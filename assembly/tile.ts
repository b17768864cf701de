// The inner loops of every dense product: strips packed k-major and a register tile of 4 rows × 8 columns (8 accumulators:
// as many as 16 vector registers hold without spilling; unrolling makes V8 spill them: 27 instead of 39 GFLOP/s).

/** dst[k][l] = src[l·ls + k·ks] for l < lanes, 0 for lanes ≤ l < width (4 or 8), k < K. */
export function packStrip(src: usize, ls: i32, ks: i32, lanes: i32, width: i32, K: i32, dst: usize): void {
  const step = <usize>width << 2;
  const lb = <usize>ls << 2;
  const kb = <usize>ks << 2;
  for (let l = 0; l < width; l += 4) {
    let to = dst + (<usize>l << 2);
    let from = src + <usize>l * lb;
    let k = 0;
    if (l + 4 <= lanes) {
      if (ls == 1) {
        for (; k < K; k++, to += step, from += kb) v128.store(to, v128.load(from));
      } else if (ks == 1) {
        for (; k + 4 <= K; k += 4, to += step << 2, from += 16) {
          const r0 = v128.load(from);
          const r1 = v128.load(from + lb);
          const r2 = v128.load(from + (lb << 1));
          const r3 = v128.load(from + lb * 3);
          const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
          const b = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
          const c = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
          const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
          v128.store(to, v128.shuffle<f32>(a, b, 0, 1, 4, 5));
          v128.store(to + step, v128.shuffle<f32>(a, b, 2, 3, 6, 7));
          v128.store(to + (step << 1), v128.shuffle<f32>(c, d, 0, 1, 4, 5));
          v128.store(to + step * 3, v128.shuffle<f32>(c, d, 2, 3, 6, 7));
        }
      }
    }
    const live = min(4, max(0, lanes - l));
    for (; k < K; k++, to += step, from += kb) {
      for (let q = 0; q < 4; q++) {
        store<f32>(to + (<usize>q << 2), q < live ? load<f32>(from + <usize>q * lb) : 0);
      }
    }
  }
}

/**
 * The 4 × 8 tile at C (rows ldc bytes apart): Σ_k a[k][0:4]ᵀ·b[k][0:8], where a[k] and b[k] are as and bs bytes apart;
 * mode 0 sets, 1 adds, −1 subtracts.
 */
export function tile(a: usize, as: usize, b: usize, bs: usize, K: i32, C: usize, ldc: usize, mode: i32): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const end = a + <usize>K * as;
  while (a < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(s, b0));
    c01 = f32x4.add(c01, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(s, b0));
    c11 = f32x4.add(c11, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(s, b0));
    c21 = f32x4.add(c21, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(s, b0));
    c31 = f32x4.add(c31, f32x4.mul(s, b1));
    a += as;
    b += bs;
  }
  const C1 = C + ldc;
  const C2 = C1 + ldc;
  const C3 = C2 + ldc;
  if (mode > 0) {
    c00 = f32x4.add(v128.load(C), c00);
    c01 = f32x4.add(v128.load(C, 16), c01);
    c10 = f32x4.add(v128.load(C1), c10);
    c11 = f32x4.add(v128.load(C1, 16), c11);
    c20 = f32x4.add(v128.load(C2), c20);
    c21 = f32x4.add(v128.load(C2, 16), c21);
    c30 = f32x4.add(v128.load(C3), c30);
    c31 = f32x4.add(v128.load(C3, 16), c31);
  } else if (mode < 0) {
    c00 = f32x4.sub(v128.load(C), c00);
    c01 = f32x4.sub(v128.load(C, 16), c01);
    c10 = f32x4.sub(v128.load(C1), c10);
    c11 = f32x4.sub(v128.load(C1, 16), c11);
    c20 = f32x4.sub(v128.load(C2), c20);
    c21 = f32x4.sub(v128.load(C2, 16), c21);
    c30 = f32x4.sub(v128.load(C3), c30);
    c31 = f32x4.sub(v128.load(C3, 16), c31);
  }
  v128.store(C, c00);
  v128.store(C, c01, 16);
  v128.store(C1, c10);
  v128.store(C1, c11, 16);
  v128.store(C2, c20);
  v128.store(C2, c21, 16);
  v128.store(C3, c30);
  v128.store(C3, c31, 16);
}
