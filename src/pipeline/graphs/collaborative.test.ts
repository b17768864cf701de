// Training toward 8 bits keeps what earlier steps made of layers: zeros (PQAT), clusters (CQAT), both (PCQAT).

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { around, clicks, fetchFrom, runtime } from "../../../test/fine-tuning.ts";
import { type ForeignArtifact, openForeign } from "../../artifact/foreign.ts";
import { parseOptions } from "../../kinds/options.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { importModel } from "../import-model.ts";
import { registry } from "../registry.ts";
import { finetune } from "./finetune.ts";
import { finetuneOptions } from "./options.ts";

const name = "deepfm.dynamo";
const graph = decodeOnnx(readFileSync(`test/fixtures/foreign/${name}.onnx`), name);
const imported = await importModel({ name, file: name, bytes: new Uint8Array(0), graph, roles: {} }, runtime);
const artifact = await openForeign(fetchFrom(imported.files));
const rows = { file: "rows.csv", table: clicks(800, 26, "fields", "rows"), label: "click" };
const options = parseOptions(finetuneOptions, { learningRate: 0.02, epochs: 2, batch: 128 }, "finetune");

async function tuned(from: ForeignArtifact, ...steps: readonly [use: string, options: object][]) {
  const layers = steps.map(([use, given]) => ({ pass: registry.findForLayers(use, "layers"), options: given }));
  const found = await finetune(
    { artifact: from, name: "tuned", ...rows, options, steps: { tables: [], layers } },
    around,
  );
  return { ...found, artifact: await openForeign(fetchFrom(found.files)) };
}

/** The first layer's weight, [outs, ins]. */
const weightOf = ({ graph: of }: ForeignArtifact) => of.initializers.get("mlp.0.weight")!.data as Float32Array;
/** The same in 8 bits, which is kept as [ins, outs]. */
function int8Of({ graph: of }: ForeignArtifact): Int8Array {
  const { dims, data } = of.initializers.get("mlp.0.weight.int8")!;
  const [ins, outs] = dims as [number, number];
  return Int8Array.from(data as Int8Array, (_, i) => data[(i % ins) * outs + Math.floor(i / ins)] as number);
}
const zeros = (weight: ArrayLike<number>) => Array.from(weight).flatMap((w, i) => (w === 0 ? [i] : []));

const prune = ["prune-weights", { sparsity: 0.5 }] as const;
const cluster = ["cluster-weights", { clusters: 8 }] as const;
const int8 = ["quantize-static", { perChannel: false }] as const;

test.each([
  ["PQAT", [prune]],
  ["CQAT", [cluster]],
  ["PCQAT", [prune, cluster]],
] as const)("%s", async (_, first) => {
  const made = await tuned(artifact, ...first.map(([use, given]): [string, object] => [use, given]));
  const [before, was] = [weightOf(artifact), weightOf(made.artifact)];
  const isClustered = first.some(([use]) => use === "cluster-weights");
  const isPruned = first.some(([use]) => use === "prune-weights");
  if (isPruned) expect(zeros(was).length).toBe(before.length / 2);
  if (isClustered) expect(new Set(was).size).toBeLessThanOrEqual(8);
  expect(Array.from(was).some((w) => w !== 0 && !before.includes(w))).toBe(true);
  // What was made by one command is kept by the next, which trains toward 8 bits.
  const { artifact: last, notes, packed } = await tuned(made.artifact, [...int8]);
  const now = int8Of(last);
  if (isPruned) expect(zeros(was).every((i) => now[i] === 0)).toBe(true);
  if (isClustered) {
    expect(new Set(now).size).toBeLessThanOrEqual(8);
    const level = new Map<number, number>();
    for (const [i, w] of was.entries()) expect(level.set(w, level.get(w) ?? now[i]!).get(w)).toBe(now[i]);
  }
  const scale = (last.graph.initializers.get("mlp.0.weight.scales")!.data as Float32Array)[0]!;
  expect(Math.max(...Array.from(was, (w, i) => Math.abs(w - now[i]! * scale)))).toBeGreaterThan(2 * scale);
  expect(packed.layers[0]).toMatchObject({ name: "mlp.0.weight", encoding: "int8, static" });
  expect(notes.slice(1)).toEqual([
    ...(isPruned ? ["Pruned numbers of mlp.0.weight stay 0."] : []),
    ...(isClustered ? ["Equal numbers of mlp.0.weight stay equal."] : []),
  ]);
});
