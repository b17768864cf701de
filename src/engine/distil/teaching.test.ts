import { expect, test } from "vitest";
import softLabel from "../../losses/soft-label.ts";
import { optionsAt, shareIn } from "./teaching.ts";

const guidance = {
  ...{ lists: { n: 0, items: new Int32Array(0), scores: new Float32Array(0) }, terms: [], teacher: undefined },
  alpha: 0.8,
};

test("the teacher's share begins after the warm start and rises in equal steps", () => {
  const shares = (given: object) => [0, 1, 2, 3, 4, 5].map((epoch) => shareIn({ ...guidance, ...given }, epoch));
  expect(shares({})).toEqual([0.8, 0.8, 0.8, 0.8, 0.8, 0.8]);
  expect(shares({ after: 2 })).toEqual([0, 0, 0.8, 0.8, 0.8, 0.8]);
  expect(shares({ after: 1, ramp: 3 })).toEqual([0, 0.2, 0.4, expect.closeTo(0.6), 0.8, 0.8]);
  expect(shareIn(undefined, 3)).toBe(0);
});

test("a temperature cools in equal ratios and leaves other options alone", () => {
  const options = softLabel.options.parse({ temperature: 8, listed: 7 });
  const term = { loss: softLabel, options, weight: 1 };
  const at = (progress: number) => optionsAt({ ...term, coolTo: 2 }, progress);
  expect(at(0)).toMatchObject({ temperature: 8, listed: 7 });
  expect(at(0.5)).toMatchObject({ temperature: 4, listed: 7 });
  expect(at(1)).toMatchObject({ temperature: 2, listed: 7 });
  expect(optionsAt(term, 1)).toBe(options);
});
