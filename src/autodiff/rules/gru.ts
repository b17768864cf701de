// The gradient of GRU: z, r = σ(x·Wᵀ + h·Rᵀ), n = tanh(x·Wₙᵀ + …), h' = (1 - z)·n + z·h, h being the state before.

import { intAttribute } from "../../graph/infer/rule.ts";
import type { Ops } from "../../graph/ops.ts";
import { productOverRows } from "../over-rows.ts";
import {
  backInTime,
  byStep,
  type Direction,
  type DirectionGradients,
  recurrentGradients,
  sumOf,
} from "../recurrent.ts";
import type { GradientRule } from "../rule.ts";
import { sumAxes } from "../sum-axes.ts";

export const GRU: GradientRule = (c) =>
  recurrentGradients(c, intAttribute(c.node, "linear_before_reset", 0) ? resetAfter : resetBefore);

interface Gates {
  readonly z: string;
  readonly r: string;
  /** 1 - z, (1 - z)(1 - n²) and (h - n)·z·(1 - z): what dh' turns into at n's and z's pre-activation. */
  readonly toN: string;
  readonly toZ: string;
  /** r·(1 - r) */
  readonly slopeR: string;
}

const complement = (g: Ops, x: string): string => g.sub(g.scalar(1), x);

function gates(g: Ops, before: string, z: string, r: string, n: string): Gates {
  const rest = complement(g, z);
  return {
    z,
    r,
    toN: g.mul(rest, complement(g, g.square(n))),
    toZ: g.mul(g.sub(before, n), g.mul(z, rest)),
    slopeR: g.mul(r, complement(g, r)),
  };
}

/** [.., 3H] as z, r and the rest's parts. */
const inParts = (g: Ops, x: string, count: number, axis: number): string[] =>
  g.nodes("Split", [x], { axis, num_outputs: count }, count);

/** linear_before_reset: n = tanh(x·Wₙᵀ + r ⊙ m), m = h·Rₙᵀ + b. Then every gate's gradient is dh' times a known factor. */
function resetAfter(g: Ops, d: Direction): DirectionGradients {
  const { before, steps, batch, hidden } = d;
  const [xz, xr, xn] = inParts(g, g.gemm(d.x, d.w, d.biasW, { transB: true }), 3, 1) as [string, string, string];
  const [hz, hr, m] = inParts(g, g.gemm(before, d.r, d.biasR, { transB: true }), 3, 1) as [string, string, string];
  const r = g.sigmoid(g.add(xr, hr));
  const n = g.tanh(g.add(xn, g.mul(r, m)));
  const { z, toN, toZ, slopeR } = gates(g, before, g.sigmoid(g.add(xz, hz)), r, n);
  const factors = g.concat([toZ, g.mul(g.mul(toN, m), slopeR), g.mul(toN, r)], 1);
  const factorOf = byStep(g, g.reshape(factors, [steps * batch, 3, hidden]), steps);
  const zOf = byStep(g, z, steps);
  let carry = d.last(1);
  const [dh, state] = backInTime(g, d, (t) => {
    const dh = sumOf(g, d.dy?.[t], carry)!;
    const gate = g.reshape(g.mul(g.reshape(dh, [batch, 1, hidden]), factorOf[t]!), [batch, 3 * hidden]);
    carry = g.gemm(gate, d.r, g.mul(dh, zOf[t]!));
    return [dh, gate];
  }) as [string, string];
  const all = g.concat([g.slice(state, 1, 0, 2 * hidden), g.mul(dh, toN)], 1);
  return {
    gates: all,
    w: () => productOverRows(g, all, d.x),
    r: () => productOverRows(g, state, before),
    biasR: () => sumAxes(g, state, [0]),
    initial: [carry],
  };
}

/** n = tanh(x·Wₙᵀ + (r ⊙ h)·Rₙᵀ): r's gradient comes through a product of its own. */
function resetBefore(g: Ops, d: Direction): DirectionGradients {
  const { before, steps, hidden } = d;
  const rows = (x: string, from: number, to: number) => g.slice(x, 0, from * hidden, to * hidden);
  const [rGates, rNew] = [rows(d.r, 0, 2), rows(d.r, 2, 3)];
  const x = g.gemm(d.x, d.w, d.biasW, { transB: true });
  const both = g.gemm(before, rGates, d.biasR && rows(d.biasR, 0, 2), { transB: true });
  const open = g.sigmoid(g.add(g.slice(x, 1, 0, 2 * hidden), both));
  const [z, r] = inParts(g, open, 2, 1) as [string, string];
  const reset = g.mul(r, before);
  const fresh = g.gemm(reset, rNew, d.biasR && rows(d.biasR, 2, 3), { transB: true });
  const n = g.tanh(g.add(g.slice(x, 1, 2 * hidden, 3 * hidden), fresh));
  const { toN, toZ, slopeR } = gates(g, before, z, r, n);
  const [zOf, rOf, nFactor, zFactor] = [z, r, toN, toZ].map((value) => byStep(g, value, steps)) as string[][];
  const rFactor = byStep(g, g.mul(before, slopeR), steps);
  let carry = d.last(1);
  const [state, dn] = backInTime(g, d, (t) => {
    const dh = sumOf(g, d.dy?.[t], carry)!;
    const dn = g.mul(dh, nFactor![t]!);
    const dReset = g.matmul(dn, rNew);
    const gate = g.concat([g.mul(dh, zFactor![t]!), g.mul(dReset, rFactor[t]!)], 1);
    carry = g.gemm(gate, rGates, g.add(g.mul(dh, zOf![t]!), g.mul(dReset, rOf![t]!)));
    return [gate, dn];
  }) as [string, string];
  const all = g.concat([state, dn], 1);
  return {
    gates: all,
    w: () => productOverRows(g, all, d.x),
    r: () => g.concat([productOverRows(g, state, before), productOverRows(g, dn, reset)], 0),
    biasR: () => sumAxes(g, all, [0]),
    initial: [carry],
  };
}
