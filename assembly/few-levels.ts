// Rows of a few levels with one scale each: the nearest levels and the best scale of numbers, and back.

/**
 * Row r of X (rows × cols): digits of the levels nearest to X / (rms · rise), ascending levels, and scales[r], that of
 * least squared error, Σ x·level / Σ level²; 0 for a row of zeros.
 */
export function fitLevels(
  X: usize, rows: i32, cols: i32, levels: usize, count: i32, rise: f64, digits: usize, scales: usize,
): void {
  const most = count - 1;
  for (let r = 0; r < rows; r++) {
    const row = X + ((<usize>r * <usize>cols) << 2);
    const to = digits + <usize>r * <usize>cols;
    let squares: f64 = 0;
    // Of two levels the sign decides.
    if (count > 2) for (let c = 0; c < cols; c++) squares += <f64>load<f32>(row + (<usize>c << 2)) ** 2;
    const half = <f32>(sqrt(squares / <f64>cols) * rise * 0.5);
    let dot: f64 = 0, square: f64 = 0;
    for (let c = 0; c < cols; c++) {
      const x = load<f32>(row + (<usize>c << 2));
      let k = 0;
      let at = levels;
      while (k < most && x > half * (load<f32>(at) + load<f32>(at, 4))) {
        k++;
        at += 4;
      }
      store<u8>(to + c, <u8>k);
      const level = <f64>load<f32>(at);
      dot += <f64>x * level;
      square += level * level;
    }
    store<f32>(scales + (<usize>r << 2), square > 0 ? <f32>(dot / square) : 0);
  }
}

/** out[r,c] = scales[r] · levels[digits[r,c]]. */
export function levelRows(digits: usize, scales: usize, rows: i32, cols: i32, levels: usize, out: usize): void {
  for (let r = 0; r < rows; r++) {
    const scale = load<f32>(scales + (<usize>r << 2));
    const from = digits + <usize>r * <usize>cols;
    const to = out + ((<usize>r * <usize>cols) << 2);
    for (let c = 0; c < cols; c++) {
      store<f32>(to + (<usize>c << 2), scale * load<f32>(levels + (<usize>load<u8>(from + c) << 2)));
    }
  }
}
