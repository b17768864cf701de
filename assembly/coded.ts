// Rows of byte codes: byte p of a row names one of 256 vectors of `sub` numbers in codebook p; the vectors lie `step`
// numbers apart in the row (step 0: they add up), and the whole is multiplied by the row's scale. Codebook p starts
// `stride` numbers behind the one before it; stride 0 shares one.

/** lut[p][b] = Σ_j query[p·step + j] · book_p[b][j]: what byte b in place p of a row adds to its product. */
export function codeProducts(
  query: usize, book: usize, parts: i32, stride: i32, sub: i32, step: i32, lut: usize,
): void {
  const bytes = <usize>sub << 2;
  for (let p = 0; p < parts; p++) {
    const q = query + ((<usize>p * <usize>step) << 2);
    let c = book + ((<usize>p * <usize>stride) << 2);
    for (let b = 0; b < 256; b++, c += bytes) {
      let sum: f32 = 0;
      for (let k: usize = 0; k < bytes; k += 4) sum += load<f32>(q + k) * load<f32>(c + k);
      store<f32>(lut + ((<usize>p << 8 | <usize>b) << 2), sum);
    }
  }
}

/** out[r] = scale[r] · Σ_p lut[p][byte p of row r] for every row r; scales 0: every scale is 1. */
export function scanCodes(
  lut: usize, codes: usize, scales: usize, rows: i32, parts: i32, out: usize,
): void {
  const n = <usize>parts;
  for (let r = 0; r < rows; r++) {
    const code = codes + <usize>r * n;
    let a: f32 = 0, b: f32 = 0, c: f32 = 0, d: f32 = 0;
    let t = lut;
    let p: usize = 0;
    for (; p + 4 <= n; p += 4, t += 4096) {
      a += load<f32>(t + (<usize>load<u8>(code + p) << 2));
      b += load<f32>(t + (<usize>load<u8>(code + p, 1) << 2), 1024);
      c += load<f32>(t + (<usize>load<u8>(code + p, 2) << 2), 2048);
      d += load<f32>(t + (<usize>load<u8>(code + p, 3) << 2), 3072);
    }
    for (; p < n; p++, t += 1024) a += load<f32>(t + (<usize>load<u8>(code + p) << 2));
    const sum: f32 = a + b + (c + d);
    store<f32>(out + (<usize>r << 2), scales ? sum * load<f32>(scales + (<usize>r << 2)) : sum);
  }
}

/** out[:] += Σ_t row ids[t], in the order of t. */
export function gatherSumCodes(
  codes: usize, scales: usize, ids: usize, n: i32, parts: i32, book: usize, stride: i32, sub: i32, step: i32, out: usize,
): void {
  const bytes = <usize>sub << 2;
  for (let t = 0; t < n; t++) {
    const id = <usize>load<i32>(ids + (<usize>t << 2));
    const scale: f32 = scales ? load<f32>(scales + (id << 2)) : 1;
    const code = codes + id * <usize>parts;
    for (let p = 0; p < parts; p++) {
      const c = book + ((<usize>p * <usize>stride) << 2) + <usize>load<u8>(code + <usize>p) * bytes;
      const x = out + ((<usize>p * <usize>step) << 2);
      for (let k: usize = 0; k < bytes; k += 4) store<f32>(x + k, load<f32>(x + k) + scale * load<f32>(c + k));
    }
  }
}
