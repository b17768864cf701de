// One half step of iALS (Rendle et al., arXiv 2110.14044): each row x of `target` solves
// (G + Σ_i v_i·v_iᵀ + ridge·I)·x = Σ_i v_i over its entries i, exactly (Cholesky) or by conjugate gradients from the
// present x. d is a multiple of 8; G is d × d and symmetric.

import { tile } from "./tile";

const ENTRIES: i32 = 64;

/** Bytes that ialsRows and ialsRowsCg need at `scratch`. */
export function ialsScratch(d: i32): i32 {
  return (d * d + (ENTRIES + 4) * d) << 2;
}

// @ts-ignore: decorator
@inline
function sum(a: v128): f32 {
  return (
    f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3))
  );
}

/** M = UᵀU in place (upper triangle; below it is undefined), 1/u_kk into `inverse`; 0 if M is not positive definite. */
function factor(M: usize, d: i32, inverse: usize): i32 {
  const bytes = <usize>d << 2;
  for (let i = 0; i < d; i += 4) {
    const rows = M + <usize>i * bytes;
    for (let j = i & ~7; i > 0 && j < d; j += 8) {
      const at = <usize>j << 2;
      tile(M + (<usize>i << 2), bytes, M + at, bytes, i, rows + at, bytes, -1);
    }
    for (let r = 0; r < 4; r++) {
      const row = rows + <usize>r * bytes;
      const diagonal = <usize>(i + r) << 2;
      for (let q = 0; q < r; q++) {
        const upper = rows + <usize>q * bytes;
        const f = v128.load32_splat(upper + diagonal);
        for (let c = <usize>i << 2; c < bytes; c += 16) {
          v128.store(row + c, f32x4.sub(v128.load(row + c), f32x4.mul(f, v128.load(upper + c))));
        }
      }
      const pivot = load<f32>(row + diagonal);
      if (!(pivot > 0 && pivot < Infinity)) return 0;
      const f = <f32>1 / sqrt<f32>(pivot);
      store<f32>(inverse + diagonal, f);
      const ff = f32x4.splat(f);
      for (let c = <usize>i << 2; c < bytes; c += 16) v128.store(row + c, f32x4.mul(ff, v128.load(row + c)));
    }
  }
  return 1;
}

/** b ← (UᵀU)⁻¹·b, four rows of U at a time. */
function substitute(U: usize, d: i32, inverse: usize, b: usize): void {
  const bytes = <usize>d << 2;
  for (let k: usize = 0; k < bytes; k += 16) {
    const u0 = U + (k >> 2) * bytes;
    const u1 = u0 + bytes;
    const u2 = u1 + bytes;
    const u3 = u2 + bytes;
    const y0 = load<f32>(b + k) * load<f32>(inverse + k);
    const y1 = (load<f32>(b + k, 4) - y0 * load<f32>(u0 + k, 4)) * load<f32>(inverse + k, 4);
    const y2 =
      (load<f32>(b + k, 8) - y0 * load<f32>(u0 + k, 8) - y1 * load<f32>(u1 + k, 8)) * load<f32>(inverse + k, 8);
    const y3 =
      (load<f32>(b + k, 12) - y0 * load<f32>(u0 + k, 12) - y1 * load<f32>(u1 + k, 12) - y2 * load<f32>(u2 + k, 12)) *
      load<f32>(inverse + k, 12);
    store<f32>(b + k, y0);
    store<f32>(b + k, y1, 4);
    store<f32>(b + k, y2, 8);
    store<f32>(b + k, y3, 12);
    const s0 = f32x4.splat(y0);
    const s1 = f32x4.splat(y1);
    const s2 = f32x4.splat(y2);
    const s3 = f32x4.splat(y3);
    for (let c = k + 16; c < bytes; c += 16) {
      const p = f32x4.add(f32x4.mul(s0, v128.load(u0 + c)), f32x4.mul(s1, v128.load(u1 + c)));
      const q = f32x4.add(f32x4.mul(s2, v128.load(u2 + c)), f32x4.mul(s3, v128.load(u3 + c)));
      v128.store(b + c, f32x4.sub(v128.load(b + c), f32x4.add(p, q)));
    }
  }
  for (let k = bytes - 16; ; k -= 16) {
    const u0 = U + (k >> 2) * bytes;
    const u1 = u0 + bytes;
    const u2 = u1 + bytes;
    const u3 = u2 + bytes;
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    for (let c = k + 16; c < bytes; c += 16) {
      const x = v128.load(b + c);
      a0 = f32x4.add(a0, f32x4.mul(x, v128.load(u0 + c)));
      a1 = f32x4.add(a1, f32x4.mul(x, v128.load(u1 + c)));
      a2 = f32x4.add(a2, f32x4.mul(x, v128.load(u2 + c)));
      a3 = f32x4.add(a3, f32x4.mul(x, v128.load(u3 + c)));
    }
    const x3 = (load<f32>(b + k, 12) - sum(a3)) * load<f32>(inverse + k, 12);
    const x2 = (load<f32>(b + k, 8) - sum(a2) - x3 * load<f32>(u2 + k, 12)) * load<f32>(inverse + k, 8);
    const x1 =
      (load<f32>(b + k, 4) - sum(a1) - x3 * load<f32>(u1 + k, 12) - x2 * load<f32>(u1 + k, 8)) *
      load<f32>(inverse + k, 4);
    const x0 =
      (load<f32>(b + k) - sum(a0) - x3 * load<f32>(u0 + k, 12) - x2 * load<f32>(u0 + k, 8) - x1 * load<f32>(u0 + k, 4)) *
      load<f32>(inverse + k);
    store<f32>(b + k, x0);
    store<f32>(b + k, x1, 4);
    store<f32>(b + k, x2, 8);
    store<f32>(b + k, x3, 12);
    if (k == 0) break;
  }
}

/** Solves rows [r0, r1) exactly; a row whose system is not positive definite stays and is counted at `failed`. */
export function ialsRows(
  target: usize, source: usize, gram: usize, indptr: usize, indices: usize, ridge: usize, d: i32,
  r0: i32, r1: i32, failed: usize, scratch: usize,
): void {
  const bytes = <usize>d << 2;
  const gathered = scratch + <usize>d * bytes;
  const b = gathered + <usize>ENTRIES * bytes;
  const inverse = b + bytes;
  for (let r = r0; r < r1; r++) {
    const s = load<i32>(indptr + (<usize>r << 2));
    const e = load<i32>(indptr + (<usize>r << 2), 4);
    const x = target + <usize>r * bytes;
    if (s == e) {
      memory.fill(x, 0, bytes);
      continue;
    }
    memory.copy(scratch, gram, <usize>d * bytes);
    memory.fill(b, 0, bytes);
    const extra = load<f32>(ridge + (<usize>r << 2));
    for (let i: usize = 0; i < bytes; i += 4) {
      const at = scratch + (i >> 2) * bytes + i;
      store<f32>(at, load<f32>(at) + extra);
    }
    for (let t0 = s; t0 < e; t0 += ENTRIES) {
      const count = min(ENTRIES, e - t0);
      for (let t = 0; t < count; t++) {
        const v = source + <usize>load<i32>(indices + (<usize>(t0 + t) << 2)) * bytes;
        const to = gathered + <usize>t * bytes;
        for (let c: usize = 0; c < bytes; c += 16) {
          const w = v128.load(v + c);
          v128.store(to + c, w);
          v128.store(b + c, f32x4.add(v128.load(b + c), w));
        }
      }
      for (let i = 0; i < d; i += 4) {
        for (let j = i & ~7; j < d; j += 8) {
          const at = <usize>j << 2;
          tile(gathered + (<usize>i << 2), bytes, gathered + at, bytes, count, scratch + <usize>i * bytes + at, bytes, 1);
        }
      }
    }
    if (factor(scratch, d, inverse)) {
      substitute(scratch, d, inverse, b);
      memory.copy(x, b, bytes);
    } else store<i32>(failed, load<i32>(failed) + 1);
  }
}

/** base 0: out = A·p with A = G + Σ_i v_i·v_iᵀ + ridge·I; base 1: the residual Σ_i v_i − A·p. */
function apply(
  p: usize, out: usize, base: f32, source: usize, gram: usize, indices: usize, s: i32, e: i32, ridge: f32, bytes: usize,
): void {
  const sign: f32 = base != 0 ? -1 : 1;
  const r = f32x4.splat(sign * ridge);
  const g = f32x4.splat(sign);
  for (let c: usize = 0; c < bytes; c += 32) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let row = gram + c;
    for (let k: usize = 0; k < bytes; k += 16) {
      const x0 = v128.load32_splat(p + k);
      const x1 = v128.load32_splat(p + k, 4);
      const x2 = v128.load32_splat(p + k, 8);
      const x3 = v128.load32_splat(p + k, 12);
      const row2 = row + (bytes << 1);
      a0 = f32x4.add(
        a0,
        f32x4.add(
          f32x4.add(f32x4.mul(x0, v128.load(row)), f32x4.mul(x1, v128.load(row + bytes))),
          f32x4.add(f32x4.mul(x2, v128.load(row2)), f32x4.mul(x3, v128.load(row2 + bytes))),
        ),
      );
      a1 = f32x4.add(
        a1,
        f32x4.add(
          f32x4.add(f32x4.mul(x0, v128.load(row, 16)), f32x4.mul(x1, v128.load(row + bytes, 16))),
          f32x4.add(f32x4.mul(x2, v128.load(row2, 16)), f32x4.mul(x3, v128.load(row2 + bytes, 16))),
        ),
      );
      row = row2 + (bytes << 1);
    }
    v128.store(out + c, f32x4.add(f32x4.mul(g, a0), f32x4.mul(r, v128.load(p + c))));
    v128.store(out + c, f32x4.add(f32x4.mul(g, a1), f32x4.mul(r, v128.load(p + c, 16))), 16);
  }
  for (let t = s; t < e; t += 4) {
    const at = indices + (<usize>t << 2);
    const v0 = source + <usize>load<i32>(at) * bytes;
    const v1 = t + 1 < e ? source + <usize>load<i32>(at, 4) * bytes : v0;
    const v2 = t + 2 < e ? source + <usize>load<i32>(at, 8) * bytes : v0;
    const v3 = t + 3 < e ? source + <usize>load<i32>(at, 12) * bytes : v0;
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    for (let c: usize = 0; c < bytes; c += 32) {
      const x = v128.load(p + c);
      const y = v128.load(p + c, 16);
      a0 = f32x4.add(a0, f32x4.add(f32x4.mul(x, v128.load(v0 + c)), f32x4.mul(y, v128.load(v0 + c, 16))));
      a1 = f32x4.add(a1, f32x4.add(f32x4.mul(x, v128.load(v1 + c)), f32x4.mul(y, v128.load(v1 + c, 16))));
      a2 = f32x4.add(a2, f32x4.add(f32x4.mul(x, v128.load(v2 + c)), f32x4.mul(y, v128.load(v2 + c, 16))));
      a3 = f32x4.add(a3, f32x4.add(f32x4.mul(x, v128.load(v3 + c)), f32x4.mul(y, v128.load(v3 + c, 16))));
    }
    a0 = f32x4.splat(base + sign * sum(a0));
    a1 = f32x4.splat(t + 1 < e ? base + sign * sum(a1) : 0);
    a2 = f32x4.splat(t + 2 < e ? base + sign * sum(a2) : 0);
    a3 = f32x4.splat(t + 3 < e ? base + sign * sum(a3) : 0);
    for (let c: usize = 0; c < bytes; c += 32) {
      const q0 = f32x4.add(f32x4.mul(a0, v128.load(v0 + c)), f32x4.mul(a1, v128.load(v1 + c)));
      const q1 = f32x4.add(f32x4.mul(a2, v128.load(v2 + c)), f32x4.mul(a3, v128.load(v3 + c)));
      const q2 = f32x4.add(f32x4.mul(a0, v128.load(v0 + c, 16)), f32x4.mul(a1, v128.load(v1 + c, 16)));
      const q3 = f32x4.add(f32x4.mul(a2, v128.load(v2 + c, 16)), f32x4.mul(a3, v128.load(v3 + c, 16)));
      v128.store(out + c, f32x4.add(v128.load(out + c), f32x4.add(q0, q1)));
      v128.store(out + c, f32x4.add(v128.load(out + c, 16), f32x4.add(q2, q3)), 16);
    }
  }
}

function dot(a: usize, b: usize, bytes: usize): f32 {
  let s = f32x4.splat(0);
  for (let c: usize = 0; c < bytes; c += 16) s = f32x4.add(s, f32x4.mul(v128.load(a + c), v128.load(b + c)));
  return sum(s);
}

/** y += f·x. */
function axpy(f: f32, x: usize, y: usize, bytes: usize): void {
  const ff = f32x4.splat(f);
  for (let c: usize = 0; c < bytes; c += 16) v128.store(y + c, f32x4.add(v128.load(y + c), f32x4.mul(ff, v128.load(x + c))));
}

/** Improves rows [r0, r1) by `steps` conjugate gradient steps. */
export function ialsRowsCg(
  target: usize, source: usize, gram: usize, indptr: usize, indices: usize, ridge: usize, d: i32,
  r0: i32, r1: i32, steps: i32, scratch: usize,
): void {
  const bytes = <usize>d << 2;
  const residual = scratch;
  const p = residual + bytes;
  const product = p + bytes;
  for (let row = r0; row < r1; row++) {
    const s = load<i32>(indptr + (<usize>row << 2));
    const e = load<i32>(indptr + (<usize>row << 2), 4);
    const x = target + <usize>row * bytes;
    if (s == e) {
      memory.fill(x, 0, bytes);
      continue;
    }
    const extra = load<f32>(ridge + (<usize>row << 2));
    apply(x, residual, 1, source, gram, indices, s, e, extra, bytes);
    memory.copy(p, residual, bytes);
    let before = dot(residual, residual, bytes);
    for (let step = 0; step < steps && before > 1e-20; step++) {
      apply(p, product, 0, source, gram, indices, s, e, extra, bytes);
      const curvature = dot(p, product, bytes);
      if (!(curvature > 0)) break;
      const length = before / curvature;
      axpy(length, p, x, bytes);
      axpy(-length, product, residual, bytes);
      const now = dot(residual, residual, bytes);
      const ratio = f32x4.splat(now / before);
      for (let c: usize = 0; c < bytes; c += 16) {
        v128.store(p + c, f32x4.add(v128.load(residual + c), f32x4.mul(ratio, v128.load(p + c))));
      }
      before = now;
    }
  }
}
