// The state of a kernel's random stream: four words that a call takes up and moves on.

/** Throws RangeError unless `state` is four words, not all zero (xoshiro's fixed point). */
export function checkState(state: Uint32Array): void {
  if (state.length !== 4) throw new RangeError(`state must have 4 words, got ${state.length}`);
  if (state.every((word) => word === 0)) throw new RangeError("state must not be all zero");
}

/** `count` streams for threads, made from `state` by splitmix32 steps; moves `state` on. */
export function forkStates(state: Uint32Array, count: number): Uint32Array {
  let h = (state[0]! ^ Math.imul(state[1]!, 0x9e3779b9) ^ Math.imul(state[2]!, 0x85ebca6b) ^ state[3]!) | 0;
  const next = () => {
    h = (h + 0x9e3779b9) | 0;
    let t = h ^ (h >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t = Math.imul(t ^ (t >>> 15), 0x735a2d97);
    return (t ^ (t >>> 15)) >>> 0;
  };
  const forked = Uint32Array.from({ length: 4 * count }, next);
  for (let i = 0; i < 4; i++) state[i] = next();
  return forked;
}
