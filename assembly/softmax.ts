// Softmax cross-entropy with the target in column 0, and row normalisation with its backward.
import { exp1, exp4, sumLanes } from "./exp";

/**
 * p = softmax(s / τ) in each row, loss[r] = -log p_0, grad = scale·(p - [column 0])/τ; `inverse` = 1/τ.
 * grad may be scores itself. losses is float64.
 */
export function softmaxLossRows(
  scores: usize, rows: i32, cols: i32, inverse: f32, scale: f32, grad: usize, losses: usize,
): void {
  const bytes = <usize>cols << 2;
  const inverse4 = f32x4.splat(inverse);
  for (let r = 0; r < rows; r++) {
    const s = scores + <usize>r * bytes, g = grad + <usize>r * bytes;
    const first = load<f32>(s);
    const most = largest(s, bytes);
    const most4 = f32x4.splat(most);
    let sum4 = f32x4.splat(0);
    let k: usize = 0;
    for (; k + 16 <= bytes; k += 16) {
      const e = exp4(f32x4.mul(f32x4.sub(v128.load(s + k), most4), inverse4));
      v128.store(g + k, e);
      sum4 = f32x4.add(sum4, e);
    }
    let sum = sumLanes(sum4);
    for (; k < bytes; k += 4) {
      const e = exp1((load<f32>(s + k) - most) * inverse);
      store<f32>(g + k, e);
      sum += e;
    }
    const factor: f32 = (scale * inverse) / sum;
    const factor4 = f32x4.splat(factor);
    for (k = 0; k + 16 <= bytes; k += 16) v128.store(g + k, f32x4.mul(v128.load(g + k), factor4));
    for (; k < bytes; k += 4) store<f32>(g + k, load<f32>(g + k) * factor);
    store<f32>(g, load<f32>(g) - scale * inverse);
    store<f64>(losses + (<usize>r << 3), Math.log(<f64>sum) - <f64>(first - most) * <f64>inverse);
  }
}

// @ts-ignore: decorator
@inline
function largest(s: usize, bytes: usize): f32 {
  let best = load<f32>(s);
  let k: usize = 0;
  if (bytes >= 16) {
    let best4 = v128.load(s);
    for (k = 16; k + 16 <= bytes; k += 16) best4 = f32x4.pmax(best4, v128.load(s + k));
    best = max<f32>(
      max<f32>(f32x4.extract_lane(best4, 0), f32x4.extract_lane(best4, 1)),
      max<f32>(f32x4.extract_lane(best4, 2), f32x4.extract_lane(best4, 3)),
    );
  }
  for (; k < bytes; k += 4) best = max<f32>(best, load<f32>(s + k));
  return best;
}

/** norms[r] = ‖x_r‖; x_r /= ‖x_r‖; a zero row stays zero. */
export function l2NormalizeRows(X: usize, rows: i32, d: i32, norms: usize): void {
  const bytes = <usize>d << 2;
  for (let r = 0; r < rows; r++) {
    const x = X + <usize>r * bytes;
    const norm = Mathf.sqrt(dot(x, x, bytes));
    store<f32>(norms + (<usize>r << 2), norm);
    if (norm == 0) continue;
    const factor: f32 = <f32>1 / norm;
    const factor4 = f32x4.splat(factor);
    let k: usize = 0;
    for (; k + 16 <= bytes; k += 16) v128.store(x + k, f32x4.mul(v128.load(x + k), factor4));
    for (; k < bytes; k += 4) store<f32>(x + k, load<f32>(x + k) * factor);
  }
}

/** out = (g - x̂·(x̂·g)) / norm with x̂ the normalised row; 0 for a zero row. out may be grad itself. */
export function l2NormalizeBackward(X: usize, norms: usize, grad: usize, rows: i32, d: i32, out: usize): void {
  const bytes = <usize>d << 2;
  for (let r = 0; r < rows; r++) {
    const at = <usize>r * bytes;
    const x = X + at, g = grad + at, o = out + at;
    const norm = load<f32>(norms + (<usize>r << 2));
    const factor: f32 = norm == 0 ? 0 : <f32>1 / norm;
    const along = dot(x, g, bytes);
    const factor4 = f32x4.splat(factor), along4 = f32x4.splat(along);
    let k: usize = 0;
    for (; k + 16 <= bytes; k += 16) {
      v128.store(o + k, f32x4.mul(f32x4.sub(v128.load(g + k), f32x4.mul(along4, v128.load(x + k))), factor4));
    }
    for (; k < bytes; k += 4) store<f32>(o + k, (load<f32>(g + k) - along * load<f32>(x + k)) * factor);
  }
}

// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, bytes: usize): f32 {
  let s = f32x4.splat(0);
  let k: usize = 0;
  for (; k + 16 <= bytes; k += 16) s = f32x4.add(s, f32x4.mul(v128.load(a + k), v128.load(b + k)));
  let x = sumLanes(s);
  for (; k < bytes; k += 4) x += load<f32>(a + k) * load<f32>(b + k);
  return x;
}
