// The gradient of LSTM: i, o, f = σ(x·Wᵀ + h·Rᵀ), k = tanh(…), c' = f·c + i·k, h' = o·tanh(c'); h and c are the state before.

import type { Ops } from "../../graph/ops.ts";
import { productOverRows } from "../over-rows.ts";
import { zeros } from "../place.ts";
import {
  backInTime,
  byStep,
  type Direction,
  type DirectionGradients,
  recurrentGradients,
  shifted,
  sumOf,
} from "../recurrent.ts";
import type { GradientRule } from "../rule.ts";
import { sumAxes } from "../sum-axes.ts";

export const LSTM: GradientRule = (c) =>
  recurrentGradients(c, (g, d) => backward(g, d, c.node.inputs[6] ? d.own(c.node.inputs[6]) : undefined));

function backward(g: Ops, d: Direction, initialCell: string | undefined): DirectionGradients {
  const { before, steps, batch, hidden } = d;
  // Input and state side by side: one product of I + H terms is faster than two and their sum.
  const source = g.concat([d.x, before], 1);
  const bias = d.biasW && d.biasR && g.add(d.biasW, d.biasR);
  const open = g.gemm(source, g.concat([d.w, d.r], 1), bias, { transB: true });
  const parts = g.nodes("Split", [open], { axis: 1, num_outputs: 4 }, 4) as [string, string, string, string];
  const [i, o, f] = parts.map((part) => g.sigmoid(part)) as [string, string, string];
  const k = g.tanh(parts[3]);
  const start = initialCell ?? zeros(g, [batch, hidden]);
  const cell = cells(g, d, start, f, g.mul(i, k));
  const squashed = g.tanh(cell);
  const less = (x: string) => g.sub(g.scalar(1), x);
  const slope = (gate: string) => g.mul(gate, less(gate));
  // What dh' becomes at o's pre-activation and at c', and what dc' becomes at those of i, f and k.
  const [toO, toCell] = [g.mul(squashed, slope(o)), g.mul(o, less(g.square(squashed)))];
  const toI = g.mul(k, slope(i));
  const toF = g.mul(shifted(g, cell, start, d.reverse), slope(f));
  const toK = g.mul(i, less(g.square(k)));
  const factorOf = byStep(g, g.concat([toI, toO, toF, toK], 1), steps);
  const [cellFactor, fOf] = [byStep(g, toCell, steps), byStep(g, f, steps)];
  let [carry, carryCell] = [d.last(1), d.last(2)];
  const [gates] = backInTime(g, d, (t) => {
    const dh = sumOf(g, d.dy?.[t], carry) ?? zeros(g, [batch, hidden]);
    const dc = sumOf(g, g.mul(dh, cellFactor[t]!), carryCell)!;
    const gate = g.mul(g.concat([dc, dh, dc, dc], 1), factorOf[t]!);
    carry = g.matmul(gate, d.r);
    carryCell = g.mul(dc, fOf[t]!);
    return [gate];
  }) as [string];
  const width = g.dims(d.x)[1]!;
  const weights = productOverRows(g, gates, source);
  return {
    gates,
    w: () => g.slice(weights, 1, 0, width),
    r: () => g.slice(weights, 1, width, width + hidden),
    biasR: () => sumAxes(g, gates, [0]),
    initial: [carry, carryCell],
  };
}

/** c' of every step, [L·B, H]; the node gives the last one only. */
function cells(g: Ops, { steps, order }: Direction, start: string, forget: string, fresh: string): string {
  const [forgetOf, freshOf] = [byStep(g, forget, steps), byStep(g, fresh, steps)];
  const found: string[] = [];
  let cell = start;
  for (const t of order) found[t] = cell = g.add(g.mul(forgetOf[t]!, cell), freshOf[t]!);
  return g.concat(found, 0);
}
