// The standard error of a metric, or of the difference of two over the same rows, from what each row adds to it.
//
//   se = √(Σ_u (Σ_{r in u} ψ_r)² · U / (U - 1)) / n        u: the rows of one user, or one row of an unknown one
//
// Rows of one user are not independent; where users are known they are the units. Without users u is a row, and ψ holds
// the factor of few rows already. Two models' ψ over the same rows may be subtracted: that is the paired test.

/** NaN where there are fewer than two units, or ψ is NaN. */
export function standardError(influence: Float64Array, group?: Int32Array): number {
  const n = influence.length;
  if (n < 2) return Number.NaN;
  let squares = 0;
  if (!group) {
    for (const psi of influence) squares += psi ** 2;
    return Math.sqrt(squares) / n;
  }
  const sums = new Map<number, number>();
  let units = 0;
  for (const [r, psi] of influence.entries()) {
    if (group[r]! >= 0) sums.set(group[r]!, (sums.get(group[r]!) ?? 0) + psi);
    else {
      squares += psi ** 2;
      units++;
    }
  }
  for (const sum of sums.values()) squares += sum ** 2;
  units += sums.size;
  return units < 2 ? Number.NaN : Math.sqrt((squares * units) / (units - 1)) / n;
}
