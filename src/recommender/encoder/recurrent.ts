// GRU of encoders: one direction, forward, no sequence lengths, both orders of the reset gate.

import type { Desk } from "./product.ts";
import { floats as floatsOf, refuse, shown, type Value } from "./value.ts";

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/**
 * ONNX's GRU: X [length, batch, in], W [1, 3h, in], R [1, 3h, h], B [1, 6h], h0 [1, batch, h], gates in the order z, r, h.
 *
 *     z = σ(x Wz' + h Rz' + bz);  r likewise;  h ← (1 - z)·ĥ + z·h
 *     ĥ = tanh(x Wh' + bw + r·(h Rh' + br)) with linearBeforeReset, else tanh(x Wh' + bw + (r·h) Rh' + br)
 *
 * Returns every state [length, 1, batch, h] and the last one [1, batch, h].
 */
export function gru(
  desk: Desk,
  [x, w, r, b, , h0]: readonly (Value | undefined)[],
  linearBeforeReset: boolean,
): readonly [all: Value, last: Value] {
  const [length, batch, width] = x!.dims as [number, number, number];
  const hidden = r!.dims[2] ?? 0;
  const wanted: [Value | undefined, readonly number[]][] = [
    [x, [length, batch, width]],
    [w, [1, 3 * hidden, width]],
    [r, [1, 3 * hidden, hidden]],
    [b, [1, 6 * hidden]],
    [h0, [1, batch, hidden]],
  ];
  for (const [value, dims] of wanted) {
    if (value && value.dims.join() !== dims.join())
      refuse("GRU", `reads ${shown(value)} where [${dims.join(", ")}] fits`);
  }
  const floats = (value: Value) => floatsOf("GRU", value);
  const biases = b ? floats(b) : new Float32Array(6 * hidden);
  const fromInput = desk.fresh(length * batch * 3 * hidden);
  const [rows, gates] = [desk.copied(floats(x!)), 3 * hidden];
  desk.product(rows, desk.copied(floats(w!)), length * batch, gates, width, fromInput);
  const recurrent = desk.copied(floats(r!));
  const candidate = recurrent.subarray(2 * hidden * hidden);
  const state = desk.fresh(batch * hidden);
  if (h0) state.set(floats(h0));
  const [fromState, reset, own] = [gates, hidden, hidden].map((n) => desk.fresh(batch * n)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const all = new Float32Array(length * batch * hidden);
  for (let t = 0; t < length; t++) {
    desk.product(state, recurrent, batch, gates, hidden, fromState);
    const input = fromInput.subarray(t * batch * gates, (t + 1) * batch * gates);
    /** x W' + h R' + both biases, of gate unit `at`. */
    const gate = (row: number, at: number) =>
      sigmoid(input[row * gates + at]! + fromState[row * gates + at]! + biases[at]! + biases[gates + at]!);
    if (!linearBeforeReset) {
      for (let i = 0; i < reset.length; i++) reset[i] = state[i]! * gate(Math.floor(i / hidden), hidden + (i % hidden));
      desk.product(reset, candidate, batch, hidden, hidden, own);
    }
    for (let i = 0; i < batch * hidden; i++) {
      const [row, c] = [Math.floor(i / hidden), i % hidden];
      const at = 2 * hidden + c;
      const recurring = linearBeforeReset
        ? gate(row, hidden + c) * (fromState[row * gates + at]! + biases[gates + at]!)
        : own[i]! + biases[gates + at]!;
      const fresh = Math.tanh(input[row * gates + at]! + biases[at]! + recurring);
      const z = gate(row, c);
      state[i] = (1 - z) * fresh + z * state[i]!;
    }
    all.set(state, t * batch * hidden);
  }
  return [
    { dims: [length, 1, batch, hidden], data: all },
    { dims: [1, batch, hidden], data: state.slice() },
  ];
}
