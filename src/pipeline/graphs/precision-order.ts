// In which order tables and layers go to fewer bits. Errors of several are taken to add up, as those that nothing ties
// together do (ZeroQ, Cai et al., CVPR 2020, arXiv 2001.00281, sums sensitivities, too); each step is the one with the
// least added error for a byte saved:
//
//     argmin (error(o) - error(now)) / (bytes(now) - bytes(o))    over units and their options o of fewer bytes
//
// so that an option above the line between its neighbours is never stopped at.

export interface Option {
  readonly bytes: number;
  /** What the answers lose when this alone is taken. */
  readonly error: number;
}

export interface Step {
  readonly unit: number;
  readonly option: number;
}

/** Every step from option 0 of each unit to its smallest one. */
export function precisionOrder(units: readonly (readonly Option[])[]): Step[] {
  const at = units.map(() => 0);
  const steps: Step[] = [];
  for (let next = cheapest(units, at); next; next = cheapest(units, at)) {
    at[next.unit] = next.option;
    steps.push(next);
  }
  return steps;
}

function cheapest(units: readonly (readonly Option[])[], at: readonly number[]): Step | undefined {
  let best: (Step & { readonly rate: number; readonly saved: number }) | undefined;
  for (const [unit, options] of units.entries()) {
    const now = options[at[unit]!]!;
    for (const [option, { bytes, error }] of options.entries()) {
      const saved = now.bytes - bytes;
      if (saved <= 0) continue;
      const rate = (error - now.error) / saved;
      if (!best || rate < best.rate || (rate === best.rate && saved > best.saved)) best = { unit, option, rate, saved };
    }
  }
  return best && { unit: best.unit, option: best.option };
}

/** The option of each unit after the first `count` steps. */
export function optionsAfter(units: number, steps: readonly Step[], count: number): number[] {
  const at = Array.from({ length: units }, () => 0);
  for (const { unit, option } of steps.slice(0, count)) at[unit] = option;
  return at;
}
