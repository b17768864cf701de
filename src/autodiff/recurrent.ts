// What the gradients of recurrent layers share: the parts of one direction, and the way back through its input product.
//
// The layer's own node stays as it is (ONNX Runtime's GRU takes 6 ms where PyTorch's takes 10). Its gates are computed
// again from the states that it gave, for all steps in one product; only what depends on the next step's gradient is
// unrolled, some five small nodes a step; the gradients of the weights are one product over all steps again.
// Forward and backward of 50 steps, 128 sequences, 64 units, processor time of one thread: GRU 28 ms, PyTorch 2.15 27 ms;
// LSTM 33 ms, PyTorch 20 ms, whose kernel keeps the gates that ONNX Runtime's node does not give. On two threads:
// npm run bench -- gradients.

import { UserError } from "../base/errors.ts";
import { intAttribute, nodeName, textAttribute } from "../graph/infer/rule.ts";
import type { Ops } from "../graph/ops.ts";
import { zeros } from "./place.ts";
import type { GradientContext } from "./rule.ts";
import { resized, sumAxes } from "./sum-axes.ts";

/** One direction of a layer over L steps, B sequences, I inputs and H hidden units with G gates; rows are time-major. */
export interface Direction {
  readonly steps: number;
  readonly batch: number;
  readonly hidden: number;
  readonly reverse: boolean;
  /** [L·B, I] */
  readonly x: string;
  /** [G·H, I] */
  readonly w: string;
  /** [G·H, H] */
  readonly r: string;
  /** [G·H] each, of the input's product and of the state's. */
  readonly biasW: string | undefined;
  readonly biasR: string | undefined;
  /** The state before each step, [L·B, H]. */
  readonly before: string;
  /** Step numbers in the order of time. */
  readonly order: readonly number[];
  /** The gradients of each step's state from outside, [B, H] by step; undefined where nothing reads them. */
  readonly dy: readonly string[] | undefined;
  /** The gradient of output i's last state, [B, H]. */
  last(i: number): string | undefined;
  /** Row `at` of an input or gradient whose axis 0 is the direction. */
  own(value: string): string;
}

/** What one direction gives back, without the axis of the direction; functions add nodes only where they are called. */
export interface DirectionGradients {
  /** Of the pre-activations' input part, [L·B, G·H]. */
  readonly gates: string;
  w(): string;
  r(): string;
  biasR(): string;
  readonly initial: readonly (string | undefined)[];
}

/** Gradients of a layer by input, `backward` being one direction's; what no rule covers is a UserError. */
export function recurrentGradients(
  c: GradientContext,
  backward: (g: Ops, d: Direction) => DirectionGradients,
): (string | undefined)[] {
  refuseUnknown(c);
  const { node, g, needs, outputGradient } = c;
  const [x, w, r, bias] = node.inputs as [string, string, string, string?];
  const [steps, batch, features] = g.dims(x) as [number, number, number];
  const [count, , hidden] = g.dims(r) as [number, number, number];
  const y = node.outputs[0] || g.nodes(node.op, node.inputs, node.attributes, 1)[0]!;
  const rows = resized(g, x, [steps * batch, features]);
  const parts = Array.from({ length: count }, (_, at) => {
    const own = (value: string) => {
      const dims = g.dims(value).slice(1);
      return resized(g, count === 1 ? value : g.slice(value, 0, at, at + 1), dims);
    };
    const ownSteps = (value: string) =>
      resized(g, count === 1 ? value : g.slice(value, 1, at, at + 1), [steps * batch, hidden]);
    const reverse = at === 1 || textAttribute(node, "direction", "forward") === "reverse";
    const initial = node.inputs[5] ? own(node.inputs[5]) : zeros(g, [batch, hidden]);
    const dy = outputGradient(0);
    const both = bias ? halves(g, own(bias)) : [];
    const order = Array.from({ length: steps }, (_, i) => (reverse ? steps - 1 - i : i));
    const direction: Direction = {
      ...{ steps, batch, hidden, reverse, order, own, x: rows, w: own(w), r: own(r) },
      ...{ biasW: both[0], biasR: both[1], before: shifted(g, ownSteps(y), initial, reverse) },
      dy: dy === undefined ? undefined : byStep(g, ownSteps(dy), steps),
      last(i) {
        const gradient = outputGradient(i);
        return gradient && own(gradient);
      },
    };
    return { direction, found: backward(g, direction) };
  });
  /** Puts the axis of the direction in front again. */
  const joined = (each: (part: (typeof parts)[number]) => string) =>
    g.concat(
      parts.map((part) => {
        const one = each(part);
        return g.reshape(one, [1, ...g.dims(one)]);
      }),
      0,
    );
  const dx = () =>
    parts.map(({ direction, found }) => g.matmul(found.gates, direction.w)).reduce((a, b) => g.add(a, b));
  const biasOf = ({ found }: (typeof parts)[number]) => g.concat([sumAxes(g, found.gates, [0]), found.biasR()], 0);
  return [
    needs(0) ? g.reshape(dx(), [steps, batch, features]) : undefined,
    needs(1) ? joined(({ found }) => found.w()) : undefined,
    needs(2) ? joined(({ found }) => found.r()) : undefined,
    needs(3) ? joined(biasOf) : undefined,
    undefined,
    ...[0, 1].map((i) => (needs(5 + i) ? joined(({ found }) => found.initial[i]!) : undefined)),
  ];
}

const halves = (g: Ops, x: string): string[] => g.nodes("Split", [x], { axis: 0, num_outputs: 2 }, 2);

/** [L·B, …] as L parts of [B, …]. */
export const byStep = (g: Ops, x: string, steps: number): string[] =>
  steps === 1 ? [x] : g.nodes("Split", [x], { axis: 0, num_outputs: steps }, steps);

/** The states before each step, from those after it, [L·B, H], and the initial one, [B, H]. */
export function shifted(g: Ops, after: string, initial: string, reverse: boolean): string {
  const [rows, batch] = [g.dims(after)[0]!, g.dims(initial)[0]!];
  return reverse
    ? g.concat([g.slice(after, 0, batch, rows), initial], 0)
    : g.concat([initial, g.slice(after, 0, 0, rows - batch)], 0);
}

/** a + b, where either may be missing. */
export const sumOf = (g: Ops, a: string | undefined, b: string | undefined): string | undefined =>
  a === undefined ? b : b === undefined ? a : g.add(a, b);

/** Steps backwards through time: `step` takes a step's number and gives what it wants collected, in order of rows. */
export function backInTime(g: Ops, { order }: Direction, step: (t: number) => readonly string[]): string[] {
  const found: (readonly string[])[] = [];
  for (const t of [...order].reverse()) found[t] = step(t);
  return found[0]!.map((_, i) =>
    g.concat(
      found.map((values) => values[i]!),
      0,
    ),
  );
}

function refuseUnknown({ node, g }: GradientContext): void {
  const refuse = (what: string, advice: string): never => {
    throw new UserError(`${nodeName(node)}: ${what} no gradient rule; ${advice}.`);
  };
  if (g.dims(node.inputs[0]!)[0] === 0) refuse("a sequence of no steps has", "bind a length of at least 1");
  if (node.inputs[4]) refuse("sequence_lens has", "mask the padded steps in the loss instead");
  if (node.inputs[7]) refuse("peepholes (input P) have", "leave them out");
  if (intAttribute(node, "layout", 0)) refuse("layout 1 has", "transpose to steps × batch");
  if (intAttribute(node, "input_forget", 0)) refuse("input_forget has", "leave it out");
  if (node.attributes["clip"] !== undefined) refuse("clip has", "leave it out");
  const given = node.attributes["activations"];
  const names = typeof given === "object" && "strings" in given ? given.strings : [];
  const usual = node.op === "GRU" ? ["Sigmoid", "Tanh"] : ["Sigmoid", "Tanh", "Tanh"];
  if (names.some((name, i) => name !== usual[i % usual.length])) {
    refuse(`activations ${names.join(", ")} have`, `use ${usual.join(", ")}`);
  }
}
