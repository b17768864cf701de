// What a budget of bytes buys: each band starts with its smallest choice, and as long as one fits, the change that saves
// most loss a byte is made (a walk along the lower hulls; Shoham & Gersho, IEEE TASSP 1988).

/** What a band may become. */
export interface Choice {
  readonly bytes: number;
  readonly loss: number;
}

/** For every band the place of its choice; undefined where even the smallest do not fit. */
export function allocate(bands: readonly (readonly Choice[])[], budget: number): number[] | undefined {
  const chosen = bands.map((choices) =>
    choices.reduce((least, { bytes }, c) => (bytes < choices[least]!.bytes ? c : least), 0),
  );
  let left = budget - chosen.reduce((sum, c, b) => sum + bands[b]![c]!.bytes, 0);
  if (left < 0) return undefined;
  for (;;) {
    let best: { readonly b: number; readonly c: number; readonly rate: number } | undefined;
    for (const [b, choices] of bands.entries()) {
      const now = choices[chosen[b]!]!;
      for (const [c, { bytes, loss }] of choices.entries()) {
        const more = bytes - now.bytes;
        if (loss >= now.loss || more > left) continue;
        const rate = (now.loss - loss) / Math.max(more, 1e-9);
        if (!best || rate > best.rate) best = { b, c, rate };
      }
    }
    if (!best) return chosen;
    left -= bands[best.b]![best.c]!.bytes - bands[best.b]![chosen[best.b]!]!.bytes;
    chosen[best.b] = best.c;
  }
}
