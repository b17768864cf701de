// Forms tried for real, on both runtimes, shortly: which one is the fastest is not asked here.

import { expect, test } from "vitest";
import { withKernels } from "../../../test/pass-runs.ts";
import { createRng } from "../../base/rng.ts";
import type { Runtime } from "../../graph/runtime.ts";
import { openMeter } from "../../node/meter.ts";
import { onnxRuntime } from "../../node/onnx-runtime.ts";
import { openWebRuntime } from "../../node/onnx-web.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { lowerToOnnx } from "../../recommender/lower.ts";
import type { Recommender } from "../../recommender/recommender.ts";
import { f32Table } from "../../tables/table.ts";
import { applyPasses } from "../compress.ts";
import { registry } from "../registry.ts";
import { decodePlan, encodePlan, layerPlan, tablePlan } from "./form-plan.ts";
import { planRecommender } from "./plan-recommender.ts";

const kernels = withKernels();
const rng = createRng("plan");
const items = 70;
const table = (rows: number) =>
  f32Table(
    rows,
    16,
    Float32Array.from({ length: rows * 16 }, () => rng.normal()),
  );
const quiet = { start: () => ({ step() {}, end() {} }), stop() {} };
const options = { batch: 2, smallest: false, contrib: false };

async function packed(pass: string): Promise<Recommender> {
  const plain: Recommender = { query: "user", pool: "sum", items, tables: { user: table(40), item: table(items) } };
  const steps = [{ pass: registry.find("pass", pass, pass), options: {} }];
  return (await applyPasses(plain, steps, { kernels: kernels(), rng: createRng(pass) })).recommender;
}

const bench = async (runtimes: Record<string, Runtime>) => ({
  ...{ kernels: kernels(), progress: quiet, meter: openMeter(), runtimes },
  plan: { rounds: 2, runs: 4, seconds: 0.01 },
});

test("every form is tried on every target; the plan makes the same bytes again", async () => {
  const recommender = await packed("int8-row");
  const on = await bench({ node: onnxRuntime({ threads: 1 }), wasm: (await openWebRuntime())! });
  const plan = await planRecommender({ recommender }, options, on);
  expect(plan.parts.map(({ name, tried }) => [name, tried.map(({ form }) => form)])).toEqual([
    ["item", ["packed", "integers", "float32"]],
    ["user", ["packed", "float32"]],
  ]);
  for (const { tried } of plan.parts) {
    for (const { times, apart, refused } of tried) {
      expect(Object.keys(times)).toEqual(["node", "wasm"]);
      expect(apart).toBeLessThan(1e-4);
      expect(refused).toBeUndefined();
    }
  }
  expect(plan.whole.map(({ form }) => form)).toEqual(["float32", "sealed", "planned", "fastest"]);
  const kept = decodePlan(encodePlan({ targets: ["node", "wasm"], forms: plan.forms }), "x.forms.json");
  expect(encodeOnnx(lowerToOnnx(recommender, tablePlan(kept, "x")))).toEqual(plan.model);
});

test("a runtime that answers otherwise, or refuses, loses a form and not the plan", async () => {
  const recommender = await packed("int8-row");
  const node = onnxRuntime({ threads: 1 });
  const only = encodeOnnx(lowerToOnnx(recommender)).length;
  const strange: Runtime = {
    async open(model) {
      const session = await node.open(model);
      if (model.length === only) return session;
      return { ...session, run: async () => ({ scores: { dtype: "float32", dims: [1], data: Float32Array.of(0) } }) };
    },
  };
  const { parts, forms } = await planRecommender({ recommender }, options, await bench({ node: strange }));
  expect(forms).toEqual({ item: "packed", user: "packed" });
  expect(parts[0]!.tried[1]!.refused).toBe("node: it answers 1 numbers, not 140");
});

test("a file that is no plan is one sentence", () => {
  expect(() => decodePlan("{", "a.json")).toThrow("a.json: it is no JSON");
  expect(() => decodePlan('{"format":"x"}', "a.json")).toThrow(/^a.json: format: /);
  const of = (forms: Record<string, "packed" | "look-up">) => decodePlan(encodePlan({ targets: ["node"], forms }), "a");
  expect(() => tablePlan(of({ "0.weight": "packed" }), "a")).toThrow(/^a: it is of a graph's layers/);
  expect(() => layerPlan(of({ item: "look-up" }), "a")).toThrow(/^a: a layer has no form "look-up"/);
  const odd = encodePlan({ targets: ["node"], forms: { item: "odd" as "packed" } });
  expect(() => decodePlan(odd, "a.json")).toThrow(/^a.json: forms.item: /);
});
