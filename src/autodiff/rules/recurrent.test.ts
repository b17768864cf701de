import fc from "fast-check";
import { expect, test } from "vitest";
import { type CheckInput, checkGradient } from "../../../test/gradient-check.ts";

const gatesOf = { GRU: 3, LSTM: 4 } as const;
type Op = keyof typeof gatesOf;

interface Layer {
  readonly steps: number;
  readonly batch: number;
  readonly features: number;
  readonly hidden: number;
  readonly direction: string;
  readonly bias: boolean;
  readonly initial: boolean;
  readonly read: readonly number[];
}

const layer = (outputs: number): fc.Arbitrary<Layer> =>
  fc.record({
    steps: fc.integer({ min: 1, max: 3 }),
    batch: fc.integer({ min: 1, max: 2 }),
    features: fc.integer({ min: 1, max: 3 }),
    hidden: fc.integer({ min: 1, max: 2 }),
    direction: fc.constantFrom("forward", "reverse", "bidirectional"),
    bias: fc.boolean(),
    initial: fc.boolean(),
    read: fc.subarray(
      Array.from({ length: outputs }, (_, i) => i),
      { minLength: 1 },
    ),
  });

function check(op: Op, l: Layer, attributes: Record<string, number> = {}): Promise<void> {
  const directions = l.direction === "bidirectional" ? 2 : 1;
  const gates = gatesOf[op] * l.hidden;
  const state: CheckInput | null = l.initial ? { dims: [directions, l.batch, l.hidden] } : null;
  return checkGradient({
    op,
    attributes: { hidden_size: l.hidden, direction: l.direction, ...attributes },
    inputs: [
      { dims: [l.steps, l.batch, l.features] },
      { dims: [directions, gates, l.features] },
      { dims: [directions, gates, l.hidden] },
      l.bias ? { dims: [directions, 2 * gates] } : null,
      null,
      state,
      ...(op === "LSTM" ? [state] : []),
    ],
    outputs: op === "LSTM" ? 3 : 2,
    single: true,
    read: l.read,
  });
}

test.each([0, 1])("GRU: linear_before_reset %i", (linear) =>
  fc.assert(
    fc.asyncProperty(layer(2), (l) => check("GRU", l, { linear_before_reset: linear })),
    { seed: 6, numRuns: 8 },
  ),
);

test("LSTM", () =>
  fc.assert(
    fc.asyncProperty(layer(3), (l) => check("LSTM", l)),
    { seed: 7, numRuns: 8 },
  ));

const one: CheckInput = { dims: [1, 1, 1] };
const gated = (n: number): CheckInput => ({ dims: [1, n, 1] });

test("GRU: sequence lengths are refused", () =>
  expect(
    checkGradient({
      op: "GRU",
      attributes: { hidden_size: 1 },
      inputs: [one, gated(3), gated(3), null, { dims: [1], dtype: "int32", data: [1] }],
    }),
  ).rejects.toThrow("GRU y: sequence_lens has no gradient rule; mask the padded steps in the loss instead."));

test("GRU: a sequence of no steps is refused", () =>
  expect(
    checkGradient({
      op: "GRU",
      attributes: { hidden_size: 1 },
      inputs: [{ dims: [0, 1, 1] }, gated(3), gated(3), null, null, one],
      outputs: 2,
      read: [1],
    }),
  ).rejects.toThrow("GRU y: a sequence of no steps has no gradient rule; bind a length of at least 1."));

test("LSTM: peepholes and other activations are refused", async () => {
  const inputs = [one, gated(4), gated(4)];
  await expect(
    checkGradient({
      op: "LSTM",
      attributes: { hidden_size: 1 },
      inputs: [...inputs, null, null, null, null, { dims: [1, 3] }],
    }),
  ).rejects.toThrow("LSTM y: peepholes (input P) have no gradient rule; leave them out.");
  await expect(
    checkGradient({
      op: "LSTM",
      attributes: { hidden_size: 1, activations: { strings: ["Relu", "Tanh", "Tanh"] } },
      inputs,
    }),
  ).rejects.toThrow("LSTM y: activations Relu, Tanh, Tanh have no gradient rule; use Sigmoid, Tanh, Tanh.");
});
