// A form is kept where its answers are right, all of them.

import { expect, test } from "vitest";
import type { Runtime } from "../../graph/runtime.ts";
import { tryForms } from "./try-forms.ts";

/** Models are the number of an answer that is no number; 9 is none. */
const runtime: Runtime = {
  open: async ([wrong]) => ({
    ...{ inputs: [], outputs: ["y"] },
    run: async () => ({
      y: { dtype: "float32", dims: [3], data: Float32Array.from([1, 2, 3], (y, i) => (i === wrong ? Number.NaN : y)) },
    }),
    close: async () => {},
  }),
};

test.each([0, 1, 2])("answers of which number %i is none are not right", async (wrong) => {
  const trials = [9, wrong].map((at) => ({ form: `${at}`, model: Uint8Array.of(at) }));
  const exam = { feeds: [{}], answers: [{ y: Float32Array.of(1, 2, 3) }], tolerance: 1e-4 };
  let now = 0;
  const bench = {
    ...{ runtimes: { node: runtime }, meter: { clock: () => (now += 1e-3), elsewhere: () => 0 } },
    plan: { rounds: 2, runs: 4, seconds: 0.01 },
  };
  const [right, other] = await tryForms(trials, "9", exam, bench);
  expect([right!.refused, other!.refused]).toEqual([undefined, "its answers are not right"]);
});
