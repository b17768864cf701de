// SHA-256 (FIPS 180-4) in plain TypeScript: the same synchronous code in Node, in workers and in a page, where
// crypto.subtle is missing outside a secure context.

const K = new Uint32Array(64);
const H0 = new Uint32Array(8);
for (let n = 0, candidate = 2; n < 64; candidate++) {
  let prime = true;
  for (let f = 2; f * f <= candidate; f++) if (candidate % f === 0) prime = false;
  if (!prime) continue;
  const fraction = (x: number) => ((x - Math.floor(x)) * 2 ** 32) >>> 0;
  if (n < 8) H0[n] = fraction(Math.sqrt(candidate));
  K[n++] = fraction(Math.cbrt(candidate));
}

/** The SHA-256 of `bytes` as 64 lower-case hex digits. */
export function sha256(bytes: Uint8Array | string): string {
  const input = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  const state = H0.slice();
  const whole = input.length & ~63;
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  for (let at = 0; at < whole; at += 64) block(state, view, at);
  const rest = input.length - whole;
  const tail = new Uint8Array(rest < 56 ? 64 : 128);
  tail.set(input.subarray(whole));
  tail[rest] = 0x80;
  const tailView = new DataView(tail.buffer);
  tailView.setUint32(tail.length - 8, Math.floor(input.length / 2 ** 29));
  tailView.setUint32(tail.length - 4, (input.length << 3) >>> 0);
  for (let at = 0; at < tail.length; at += 64) block(state, tailView, at);
  return [...state].map((word) => word.toString(16).padStart(8, "0")).join("");
}

const w = new Int32Array(64);
function block(state: Uint32Array, view: DataView, at: number): void {
  for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + i * 4);
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!;
    const y = w[i - 2]!;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
  }
  let a = state[0]! | 0;
  let b = state[1]! | 0;
  let c = state[2]! | 0;
  let d = state[3]! | 0;
  let e = state[4]! | 0;
  let f = state[5]! | 0;
  let g = state[6]! | 0;
  let h = state[7]! | 0;
  for (let i = 0; i < 64; i++) {
    const S1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + S1 + ((e & f) ^ (~e & g)) + K[i]! + w[i]!) | 0;
    const S0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}
