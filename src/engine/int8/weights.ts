// Weights of a dense layer in 8 bits, one scale an output or one in all:
//
//     w ≈ s q,  q = round(w / s) of -127 … 127 (-64 … 64 with a reduced range),  s = max |w| / 127 (64)

export interface WeightOptions {
  readonly perChannel: boolean;
  readonly reduceRange: boolean;
}

export interface Int8Weights {
  /** [ins, outs]. */
  readonly data: Int8Array;
  /** One an output, or a single one. */
  readonly scales: Float32Array;
}

/** `least` bounds each output's scale from below. */
export function int8Weights(
  weight: Float32Array,
  outs: number,
  { perChannel, reduceRange }: WeightOptions,
  least = 0,
): Int8Weights {
  const levels = reduceRange ? 64 : 127;
  const most = new Float32Array(perChannel ? outs : 1);
  for (let i = 0; i < weight.length; i++) {
    const channel = perChannel ? i % outs : 0;
    most[channel] = Math.max(most[channel]!, Math.abs(weight[i]!));
  }
  const scales = most.map((w) => Math.max(w / levels, least) || 1);
  const data = Int8Array.from(weight, (w, i) => {
    const q = Math.round(w / scales[perChannel ? i % outs : 0]!);
    return Math.min(levels, Math.max(-levels, q));
  });
  return { data, scales };
}

/** What the weights stand for. */
export const dequantized = ({ data, scales }: Int8Weights): Float32Array =>
  Float32Array.from(data, (q, i) => q * scales[i % scales.length]!);
