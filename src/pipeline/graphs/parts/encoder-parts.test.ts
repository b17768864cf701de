// Heads and blocks that go from the encoder of a SASRec.

import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { runGraph } from "../../../../test/run-graph.ts";
import { UserError } from "../../../base/errors.ts";
import { createRng } from "../../../base/rng.ts";
import { toInteractions } from "../../../data/interactions.ts";
import { onnxRuntime } from "../../../node/onnx-runtime.ts";
import { openKernels } from "../../../node/threads.ts";
import { decodeOnnx } from "../../../onnx/decode.ts";
import { openEncoder } from "../../../recommender/encoder/run.ts";
import { recognizeSequence } from "../../../recommender/foreign/sequence.ts";
import { lowerEncoder } from "../../../recommender/lower.ts";
import type { Recommender } from "../../../recommender/recommender.ts";
import { importSequence } from "../../import-sequence.ts";
import { parseRecipe } from "../../recipe.ts";
import { cutEncoder } from "./encoder-parts.ts";

const runtime = onnxRuntime({ threads: 1 });
const kernels = await openKernels(1);
afterAll(() => kernels.close());

async function sasrec(): Promise<Recommender> {
  const graph = decodeOnnx(readFileSync("test/fixtures/foreign/sasrec.script.onnx"), "sasrec");
  const plan = recognizeSequence(graph);
  if ("why" in plan) throw new Error(plan.why);
  const made = await importSequence(graph, plan, runtime, createRng(1));
  if ("why" in made) throw new Error(made.why);
  return made.recommender;
}

const rng = createRng("histories");
const events = Array.from({ length: 300 }, (_, i) => ({ user: i % 40, item: rng.below(60) }));
const histories = toInteractions({
  users: Array.from({ length: 40 }, (_, u) => `${u}`),
  items: Array.from({ length: 60 }, (_, i) => `${i}`),
  user: Int32Array.from(events, ({ user }) => user),
  item: Int32Array.from(events, ({ item }) => item),
  value: new Float32Array(300).fill(1),
  time: Float64Array.from(events, (_, i) => i),
});

test("half of the heads and a block go, and what is left runs on histories of every length", async () => {
  const whole = await sasrec();
  const { recommender, parts } = await cutEncoder(whole, { heads: 0.5, blocks: 0.25 }, histories, runtime);
  const count = (kind: string) => parts.filter((part) => part.kind === kind && part.gone).length;
  expect([count("heads"), count("blocks")]).toEqual([2, 1]);
  const numbers = ({ encoder }: Recommender) =>
    Object.values(encoder!.weights).reduce((n, { data, dtype }) => n + (dtype === "float32" ? data.length : 0), 0);
  expect(numbers(recommender)).toBeLessThan(numbers(whole) - 200);
  const { encoder } = recommender;
  const scope = kernels.scope();
  for (const length of [1, 3, encoder!.length]) {
    const rows = Float32Array.from({ length: 2 * length * encoder!.width }, () => rng.normal());
    const mask = new Float32Array(2 * length).fill(1);
    const ours = openEncoder(kernels, encoder!, scope)(rows, mask, 2);
    const graph = lowerEncoder(encoder!);
    const dims = [2, length, encoder!.width];
    const feeds = {
      rows: { dtype: "float32", dims, data: rows },
      mask: { dtype: "float32", dims: [2, length], data: mask },
    } as const;
    const theirs = Object.values(await runGraph(graph, feeds))[0]!;
    expect(Math.max(...theirs.map((x, i) => Math.abs(x - ours[i]!)))).toBeLessThan(1e-4);
  }
  scope.free();
  const names = (kind: string) => parts.flatMap((part) => (part.kind === kind && part.gone ? [part.name] : []));
  const named = await cutEncoder(whole, { heads: names("heads"), blocks: names("blocks") }, histories, runtime);
  expect(named.recommender.encoder).toEqual(encoder);
});

test("a model without an encoder has neither, and a recipe says so of what it may ask for", async () => {
  const { encoder: _, ...plain } = await sasrec();
  await expect(cutEncoder(plain, { heads: 0.5 }, histories, runtime)).rejects.toThrow(UserError);
  await expect(cutEncoder(await sasrec(), { heads: ["none/0"] }, histories, runtime)).rejects.toThrow(
    /it has no heads called "none\/0"/,
  );
  const recipe = (variant: object) =>
    parseRecipe(
      {
        name: "x",
        dataset: { use: "world" },
        split: { use: "random" },
        teacher: { use: "sasrec" },
        variants: [{ name: "small", of: "teacher", ...variant }],
      },
      "x.yaml",
    ).variants[0];
  expect(recipe({ heads: 0.5 })).toEqual({ name: "small", of: "teacher", heads: 0.5 });
  expect(() => recipe({})).toThrow(/give it either passes, heads or blocks, or progressive/);
  expect(() => recipe({ heads: 1 })).toThrow(/heads/);
});
