import fc from "fast-check";
import { expect, test } from "vitest";
import { broadcastPair } from "../../../test/broadcast-shapes.ts";
import { checkGradient } from "../../../test/gradient-check.ts";

const apart = [0.4, 2] as const;

test("arithmetic of shapes that broadcast, scalars and empty ones among them", async () => {
  const shapes = [
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [3]],
    [
      [2, 3],
      [2, 1],
    ],
    [[2, 3], []],
    [[], [2, 2]],
    [[3], [4, 2, 3]],
    [
      [2, 1],
      [1, 3],
    ],
    [[1, 1], [4]],
    [[0, 3], [3]],
    [
      [0, 3],
      [1, 1],
    ],
  ] as const;
  const all = ["Sub", "Mul", "Div"];
  for (const op of [...all, "Add", "Pow", "Max", "Min", "Sum", "Mean"]) {
    for (const [a, b] of all.includes(op) ? shapes : shapes.slice(1, 5)) {
      await checkGradient({
        op,
        inputs: [
          { dims: a, range: apart },
          { dims: b, range: apart },
        ],
      });
    }
  }
});

test("arithmetic of random shapes that broadcast", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("Add", "Sub", "Mul", "Div", "Min"), broadcastPair, async (op, [a, b]) => {
      await checkGradient({
        op,
        inputs: [
          { dims: a, range: apart },
          { dims: b, range: apart },
        ],
      });
    }),
    { seed: 1, numRuns: 20 },
  );
});

test("one or three inputs", async () => {
  for (const op of ["Max", "Min", "Sum", "Mean"]) {
    await checkGradient({ op, inputs: [{ dims: [2, 2] }] });
    await checkGradient({ op, inputs: [{ dims: [2, 3] }, { dims: [3] }, { dims: [2, 1] }] });
  }
});

test("only what is wanted", async () => {
  for (const op of ["Sub", "Mul", "Div", "Pow", "Max"]) {
    for (const wrt of [[0], [1]]) {
      await checkGradient({
        op,
        inputs: [
          { dims: [2, 3], range: apart },
          { dims: [3], range: apart },
        ],
        wrt,
      });
    }
  }
});

test("functions of one input", async () => {
  for (const op of ["Neg", "Exp", "Abs", "Erf", "Sin", "Cos", "Identity", "Sign", "Floor", "Ceil", "Round"]) {
    await checkGradient({ op, inputs: [{ dims: [2, 5] }] });
  }
  for (const op of ["Sqrt", "Log", "Reciprocal"]) await checkGradient({ op, inputs: [{ dims: [7], range: apart }] });
  for (const op of ["Exp", "Abs"]) await checkGradient({ op, inputs: [{ dims: [] }] });
});

test("powers with a constant exponent", async () => {
  for (const p of [0, 1, 2, 3, 0.5, -1, -0.5, 2.5]) {
    await checkGradient({
      op: "Pow",
      inputs: [
        { dims: [5], range: apart },
        { dims: [], data: [p], constant: true },
      ],
    });
  }
  await checkGradient({ op: "Pow", inputs: [{ dims: [5] }, { dims: [], dtype: "int64", data: [3] }] });
  await checkGradient({
    op: "Pow",
    inputs: [{ dims: [4] }, { dims: [4], data: [0, 1, 2, 3], constant: true }],
  });
});

test("clipping with both bounds, one, none, and the gradient of the bounds", async () => {
  const x = { dims: [3, 4], range: [-3, 3] as const };
  const [low, high] = [
    { dims: [], data: [-1] },
    { dims: [], data: [1.5] },
  ];
  await checkGradient({ op: "Clip", inputs: [x, low, high] });
  await checkGradient({ op: "Clip", inputs: [x, low] });
  await checkGradient({ op: "Clip", inputs: [x, null, { ...high, constant: true }] });
  await checkGradient({ op: "Clip", inputs: [x] });
});

test("selection", async () => {
  const condition = { dims: [2, 3], dtype: "bool", data: [1, 0, 0, 1, 1, 0] } as const;
  await checkGradient({ op: "Where", inputs: [condition, { dims: [2, 3] }, { dims: [2, 3] }] });
  await checkGradient({ op: "Where", inputs: [condition, { dims: [] }, { dims: [3] }] });
  await checkGradient({
    op: "Where",
    inputs: [
      { dims: [2, 1], dtype: "bool", data: [1, 0] },
      { dims: [2, 3] },
      { dims: [], data: [-1e9], constant: true },
    ],
  });
});

test("a wrong gradient is found", async () => {
  const exact = checkGradient({ op: "Exp", inputs: [{ dims: [2] }], tolerance: 1e-12 });
  await expect(exact).rejects.toThrow("finite difference");
});
