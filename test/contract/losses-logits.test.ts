// What every loss over logits promises: its gradient is that of finite differences, steps along it lead to the teacher,
// and extreme logits stay finite.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differentiate } from "../../src/autodiff/differentiate.ts";
import { buildGraph } from "../../src/graph/builder.ts";
import { opsOn } from "../../src/graph/ops.ts";
import { typedBuilder } from "../../src/graph/typed-builder.ts";
import type { LogitLoss } from "../../src/kinds/logit-loss.ts";
import type { LossMethod } from "../../src/kinds/loss.ts";
import { all } from "../../src/losses/index.ts";
import { openGraph } from "../run-graph.ts";

const losses = (all as unknown as readonly LossMethod[]).filter((loss): loss is LogitLoss => loss.sees === "logits");

/** The loss and its gradient over n rows, as the training graph has them. */
async function open(loss: LogitLoss, n: number, options: object = {}) {
  const g = opsOn(typedBuilder(buildGraph("loss", 21).graph, {}));
  const [student, teacher] = [g.input("student", "float32", [n]), g.input("teacher", "float32", [n])];
  const value = loss.build(g, { student, teacher }, loss.options.parse(options));
  expect(g.dims(value)).toEqual([]);
  g.output(differentiate(g, value, [student]).get(student)!, "gradient");
  g.output(value, "value");
  const graph = await openGraph(g.graph);
  const vector = (xs: readonly number[]) => ({ dtype: "float32", dims: [n], data: Float32Array.from(xs) }) as const;
  return {
    async at(z: readonly number[], t: readonly number[]) {
      const found = await graph.run({ student: vector(z), teacher: vector(t) });
      return { value: found["value"]![0]!, gradient: found["gradient"]! };
    },
    close: () => graph.close(),
  };
}

const rows = 5;
const logits = (limit: number) =>
  fc.array(fc.double({ min: -limit, max: limit, noNaN: true }), { minLength: rows, maxLength: rows });

describe.each(losses)("$name", (loss) => {
  test("its gradient is the one that finite differences find", async () => {
    const { at, close } = await open(loss, rows);
    await fc.assert(
      fc.asyncProperty(logits(4), logits(4), async (z, t) => {
        const { gradient } = await at(z, t);
        for (let r = 0; r < rows; r++) {
          const [up, down] = [Math.fround(z[r]! + 1e-2), Math.fround(z[r]! - 1e-2)];
          const slope = ((await at(z.with(r, up), t)).value - (await at(z.with(r, down), t)).value) / (up - down);
          expect(Math.abs(slope - gradient[r]!)).toBeLessThan(2e-3 * (1 + Math.abs(slope)));
        }
      }),
      { numRuns: 40 },
    );
    await close();
  });

  test("at the teacher's own logits the gradient is zero and nothing is lower", async () => {
    const { at, close } = await open(loss, rows);
    await fc.assert(
      fc.asyncProperty(logits(4), logits(4), async (z, t) => {
        const there = await at(t, t);
        for (const slope of there.gradient) expect(slope).toBeCloseTo(0, 5);
        expect((await at(z, t)).value).toBeGreaterThanOrEqual(there.value - 1e-5);
      }),
      { numRuns: 40 },
    );
    await close();
  });

  test("steps along the gradient bring the student's order to the teacher's, to the same bits each time", async () => {
    const teacher = [2, -1, 0.5, -3, 1];
    const learn = async () => {
      const { at, close } = await open(loss, rows);
      let z = [0, 0.1, -0.2, 0.3, 0];
      for (let step = 0; step < 400; step++) {
        const { gradient } = await at(z, teacher);
        z = z.map((x, r) => x - gradient[r]!);
      }
      await close();
      return z;
    };
    const z = await learn();
    const order = (xs: readonly number[]) => xs.map((_, r) => r).sort((a, b) => xs[a]! - xs[b]!);
    expect(order(z)).toEqual(order(teacher));
    expect(await learn()).toEqual(z);
  });

  test("extreme logits stay finite", async () => {
    const { at, close } = await open(loss, rows);
    await fc.assert(
      fc.asyncProperty(logits(1e4), logits(1e4), async (z, t) => {
        const { value, gradient } = await at(z, t);
        expect(Number.isFinite(value) && gradient.every(Number.isFinite)).toBe(true);
      }),
    );
    await close();
  });

  test("rows that are there twice change nothing, so a term weighs the same whatever the batch", async () => {
    const [z, t] = [
      [1, -2, 0.5],
      [2, -1, -3],
    ] as const;
    const [once, twice] = [await open(loss, 3), await open(loss, 6)];
    const [single, double] = [await once.at(z, t), await twice.at([...z, ...z], [...t, ...t])];
    for (const [r, slope] of single.gradient.entries()) expect(2 * double.gradient[r]!).toBeCloseTo(slope, 5);
    await once.close();
    await twice.close();
  });
});

test("bced softens both sides: at a high temperature its gradient is that of half the squared difference, a quarter of it", async () => {
  const bced = losses.find(({ name }) => name === "bced")!;
  const { at, close } = await open(bced, 2, { temperature: 100 });
  const { gradient } = await at([1, 0], [-1, 3]);
  expect(gradient[0]).toBeCloseTo(2 / 4 / 2, 3);
  expect(gradient[1]).toBeCloseTo(-3 / 4 / 2, 3);
  await close();
});

test("clid is blind to one factor for all probabilities, so that it leaves the rate to the labels", async () => {
  const clid = losses.find(({ name }) => name === "clid")!;
  const { at, close } = await open(clid, 3);
  const logit = (p: number) => Math.log(p / (1 - p));
  const { gradient } = await at([0.1, 0.2, 0.3].map(logit), [0.2, 0.4, 0.6].map(logit));
  for (const slope of gradient) expect(slope).toBeCloseTo(0, 5);
  await close();
});

test("logit-mse is the mean of squared differences", async () => {
  const mse = losses.find(({ name }) => name === "logit-mse")!;
  const { at, close } = await open(mse, 2);
  expect(await at([1, 0], [-1, 3])).toEqual({ value: (4 + 9) / 2, gradient: [2, -3] });
  await close();
});
