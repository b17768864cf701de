import { expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import type { NetworkResult } from "../../report/clicks/results.ts";
import { clickGatesOf } from "./gates.ts";
import { judgeNetworks } from "./judge-networks.ts";
import { parseClickRecipe } from "./recipe.ts";

const rng = createRng("judged networks");
const n = 4000;
const truth = Float64Array.from({ length: n }, () => rng.normal() - 1);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const label = Float32Array.from(truth, (x) => (rng.uniform() < sigmoid(x) ? 1 : 0));
const group = Int32Array.from({ length: n }, () => rng.below(400));
// On its first 1,000 rows the small network knows nothing.
const scores = {
  big: Float32Array.from(truth, sigmoid),
  small: Float32Array.from(truth, (x, r) => (r < 1000 ? 0.3 : sigmoid(x))),
};
const slices = [{ column: "day", name: "day = first", rows: Uint32Array.from({ length: 1000 }, (_, r) => r) }];

const recipeOf = (gates: readonly object[]) =>
  parseClickRecipe(
    {
      ...{
        name: "judged",
        clicklog: { use: "table", path: "x.csv", label: "y", columns: [{ kind: "category", column: "a" }] },
      },
      networks: Object.keys(scores).map((name) => ({ name, use: "lr" })),
      gates,
    },
    "judged.yaml",
  );
function judged(gates: readonly object[], known: { group?: Int32Array } = { group }) {
  const recipe = recipeOf(gates);
  const cost = { bytes: { raw: 5000, gzip: 4000, brotli: 3000 } };
  const measured = recipe.networks.map((network) => ({
    network,
    predictions: { label, score: scores[network.name as keyof typeof scores], ...known },
  }));
  const sealed = recipe.networks.map(({ name }) => ({
    result: { name, cost } as unknown as NetworkResult,
    stage: { stage: "", key: "" },
  }));
  const found = judgeNetworks(sealed, measured, clickGatesOf(recipe, { slices }), { slices }, recipe);
  return Object.fromEntries(found.map(({ result }) => [result.name, result.gates]));
}

test("against the first network or the one named, over all rows and on a slice, users as units", () => {
  const { big, small } = judged([
    { metric: "auc", maxDrop: "1%" },
    { metric: "auc", maxDrop: "15%", slice: "day = first" },
    { metric: "brier", maxDrop: 0.05, against: "small" },
    { ece: "≤ 0.1" },
    { bytes: "≤ 6 KB" },
  ]);
  expect(small!.map(({ verdict }) => verdict)).toEqual(["fail", "fail", "pass", "pass"]);
  expect(small![0]!.users).toBe(400);
  expect(small![0]!.words).toMatch(/^AUC drops by [\d.]+ % over 400 users, and with 95 % confidence by more than/);
  // of the big network: the drop against small, and the limits
  expect(big!.map(({ gate, verdict }) => `${gate}: ${verdict}`)).toEqual([
    ...["Brier score rises at most 0.05: pass", "Calibration error (ECE) at most 0.1: pass"],
    "Bytes to ship at most 6.00 KB: pass",
  ]);
});

test("without users rows are the units, and what needs users rests on nothing", () => {
  const { small } = judged(
    [
      { metric: "log-loss", maxDrop: 1 },
      { metric: "gauc", maxDrop: "5%" },
    ],
    {},
  );
  expect(small!.map(({ verdict, users }) => [verdict, users])).toEqual([
    ["pass", 4000],
    ["undecided", 0],
  ]);
  expect(small![1]!.words).toBe("GAUC rests on no rows here, so that nothing is shown.");
});

test("no gates, no outcomes", () => expect(judged([])).toEqual({ big: undefined, small: undefined }));

test.each([
  [{ metric: "ndcg@20", maxDrop: "1%" }, 'judged.yaml: gates[0]: there is no metric "ndcg@20" here.'],
  [{ metric: "auc", maxDrop: "1%", against: "huge" }, 'gates[0].against: there is no "huge" to compare with.'],
  [{ "overlap@10": 0.5 }, 'there is no "overlap@10" here to limit.'],
])("%j is refused", (gate, message) => {
  expect(() => recipeOf([gate])).toThrow(message);
});

test("a slice that the log has not is refused", () => {
  expect(() => judged([{ metric: "auc", maxDrop: "1%", slice: "day = frist" }])).toThrow('Did you mean "day = first"?');
});
