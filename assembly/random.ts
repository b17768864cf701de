// xoshiro128** (Blackman & Vigna, arXiv 1805.01407) for kernels that draw. The running state is held in globals, which
// belong to one instance and therefore to one thread; a kernel loads it first and stores it back last.

let s0: u32 = 0;
let s1: u32 = 0;
let s2: u32 = 0;
let s3: u32 = 0;

/** Takes up the stream whose four words lie at `state`. */
export function loadRandom(state: usize): void {
  s0 = load<u32>(state);
  s1 = load<u32>(state, 4);
  s2 = load<u32>(state, 8);
  s3 = load<u32>(state, 12);
}

/** Writes the stream's state back, so that the next call goes on from here. */
export function storeRandom(state: usize): void {
  store<u32>(state, s0);
  store<u32>(state, s1, 4);
  store<u32>(state, s2, 8);
  store<u32>(state, s3, 12);
}

/** A uniform 32-bit number. */
// @ts-ignore: decorator
@inline
export function u32Random(): u32 {
  const result = rotl<u32>(s1 * 5, 7) * 9;
  const t = s1 << 9;
  s2 ^= s0;
  s3 ^= s1;
  s1 ^= s2;
  s0 ^= s3;
  s2 ^= t;
  s3 = rotl<u32>(s3, 11);
  return result;
}

/** An integer in [0, n) by multiply and shift; its bias is below n / 2³². */
// @ts-ignore: decorator
@inline
export function below(n: u32): u32 {
  return <u32>((<u64>u32Random() * <u64>n) >> 32);
}
