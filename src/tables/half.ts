// IEEE 754 binary16 to binary32, in plain TypeScript, for readers that must run before kernels are there.

const HALF_SUBNORMAL = 2 ** -24;
const powers = Float32Array.from({ length: 32 }, (_, e) => 2 ** (e - 25));

/** The number that 16 bits stand for. */
export function fromHalf(bits: number): number {
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  const size =
    exponent === 0
      ? fraction * HALF_SUBNORMAL
      : exponent === 31
        ? fraction === 0
          ? Number.POSITIVE_INFINITY
          : Number.NaN
        : (1024 + fraction) * powers[exponent]!;
  return bits & 0x8000 ? -size : size;
}
