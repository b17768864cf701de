import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseForm, type Tried } from "./choose-form.ts";

const tried = (form: string, bytes: number, ratios: Record<string, number>, refused?: string): Tried => ({
  ...{ form, bytes, apart: 0, ...(refused !== undefined && { refused }) },
  times: Object.fromEntries(Object.entries(ratios).map(([target, ratio]) => [target, { ms: ratio, ratio, others: 0 }])),
});
const float32 = tried("float32", 4e6, { node: 1, wasm: 1 });

test("the smallest of those that are as fast as the fastest", () => {
  const packed = tried("packed", 1e6, { node: 1.02, wasm: 0.99 });
  const whole = tried("integers", 1e6 + 500, { node: 0.7, wasm: 2.1 });
  expect(chooseForm([packed, whole, float32], false)).toBe(packed);
  const onNode = ({ times: { node }, ...one }: Tried): Tried => ({ ...one, times: { node: node! } });
  expect(chooseForm([packed, whole, float32].map(onNode), false)!.form).toBe("integers");
});

test("a slow form is kept where the smallest file is asked for, of files of one size the fastest", () => {
  const slow = tried("packed", 1e6, { node: 3 });
  const lessSlow = tried("look-up", 1e6 + 100, { node: 2 });
  expect(chooseForm([slow, lessSlow, float32], false)).toBe(float32);
  expect(chooseForm([slow, lessSlow, float32], true)).toBe(lessSlow);
});

test("none that is kept is refused, or slower than float32 by more than 5 %", () => {
  const one = fc.record({
    bytes: fc.integer({ min: 1, max: 1e7 }),
    node: fc.double({ min: 0.1, max: 9, noNaN: true }),
    wasm: fc.double({ min: 0.1, max: 9, noNaN: true }),
    refused: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 6 }), (all) => {
      const others = all.map(({ bytes, node, wasm, refused }, i) =>
        tried(`${i}`, bytes, { node, wasm }, refused ? "no" : undefined),
      );
      const kept = chooseForm([...others, float32], false)!;
      expect(kept.refused).toBeUndefined();
      for (const { ratio } of Object.values(kept.times)) expect(ratio).toBeLessThanOrEqual(1.05);
    }),
  );
  expect(chooseForm([tried("packed", 1, {}, "no")], true)).toBeUndefined();
});
