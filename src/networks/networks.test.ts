// Each network's graph, run by ONNX Runtime, against its paper's formula in float64, row by row; and its number of
// parameters against what the BARS benchmark prints for it on Frappe.

import { expect, test } from "vitest";
import { readPage, tableRows } from "../../test/markdown.ts";
import { answers, built, mixtures, nothing, randomFeeds, randomise } from "../../test/network-runs.ts";
import { createRng } from "../base/rng.ts";
import { networkSize } from "../engine/network-size.ts";
import type { Model } from "../engine/training/model.ts";
import type { RunTensor } from "../graph/runtime.ts";
import type { NetworkInputs, NetworkMethod } from "../kinds/network.ts";
import dcnv2 from "./dcnv2.ts";
import deepfm from "./deepfm.ts";
import dlrm from "./dlrm.ts";
import finalmlp from "./finalmlp.ts";
import fm from "./fm.ts";
import { all } from "./index.ts";
import lr from "./lr.ts";
import neumf from "./neumf.ts";
import wideDeep from "./wide-deep.ts";

type Vector = readonly number[];
const sum = (x: Vector) => x.reduce((a, b) => a + b, 0);
const dot = (x: Vector, y: Vector) => sum(x.map((v, i) => v * y[i]!));
const add = (x: Vector, y: Vector) => x.map((v, i) => v + y[i]!);
const times = (x: Vector, y: Vector) => x.map((v, i) => v * y[i]!);
const relu = (x: Vector) => x.map((v) => Math.max(v, 0));
const tanh = (x: Vector) => x.map(Math.tanh);
/** Σ_{i<j} <v_i, v_j>, pair by pair. */
const pairs = (vectors: readonly Vector[]) =>
  vectors.flatMap((v, i) => vectors.slice(i + 1).map((other) => dot(v, other)));

/** A model's numbers and one row of its feeds, in the words of the formulas. */
function rowReader({ graph }: Model, inputs: NetworkInputs, feeds: Readonly<Record<string, RunTensor>>, row: number) {
  const all = (name: string) => Array.from(graph.initializers.get(name)!.data as Float32Array);
  const entry = (feed: string) => {
    const width = feeds[feed]!.dims[1]!;
    return Array.from(feeds[feed]!.data.slice(row * width, row * width + width) as ArrayLike<number>, Number);
  };
  const tableRow = (name: string, id: number): Vector => {
    const d = graph.initializers.get(name)!.dims[1]!;
    return all(name).slice(id * d, id * d + d);
  };
  /** x W, of which W is [x's length, out]. */
  const project = (x: Vector, w: Vector): Vector =>
    Array.from({ length: w.length / x.length }, (_, j) => sum(x.map((v, i) => v * w[(i * w.length) / x.length + j]!)));
  const dense = (x: Vector, name: string) => add(project(x, all(`${name}.weight`)), all(`${name}.bias`));
  const normalised = (x: Vector, name: string) => {
    const [scale, bias, mean, variance] = ["scale", "bias", "mean", "variance"].map((part) => all(`${name}.${part}`));
    return x.map((v, i) => ((v - mean![i]!) / Math.sqrt(variance![i]! + 1e-5)) * scale![i]! + bias![i]!);
  };
  const mlp = (x: Vector, layers: number, name: string, norm: boolean) => {
    let h = x;
    for (let l = 0; l < layers; l++) {
      const product = dense(h, `${name}.${l}`);
      h = relu(norm ? normalised(product, `${name}.${l}.norm`) : product);
    }
    return h;
  };
  /** Ids, lists and dense vectors, in this order. */
  const embedded = (name: string): Vector[] => [
    ...(inputs.fields ? entry("ids").map((id) => tableRow(name, id)) : []),
    ...inputs.bags.map((bag) => {
      const mask = entry(`bag.${bag.name}.mask`);
      const kept = entry(`bag.${bag.name}`).filter((_, l) => mask[l] === 1);
      const d = graph.initializers.get(`${name}.${bag.name}`)!.dims[1]!;
      const zero = Array<number>(d).fill(0);
      const total = kept.map((id) => tableRow(`${name}.${bag.name}`, id)).reduce(add, zero);
      return bag.pool === "sum" ? total : total.map((v) => v / Math.max(kept.length, 1));
    }),
    ...inputs.dense.map((vector) => project(entry(`dense.${vector.name}`), all(`${name}.${vector.name}`))),
  ];
  const numeric = inputs.numeric ? entry("numeric") : [];
  /** With one vector more a number: x · v. */
  const vectors = (): Vector[] => [
    ...embedded("embedding"),
    ...numeric.map((x, j) => tableRow("embedding.numeric", j).map((v) => x * v)),
  ];
  const linear = () => sum(embedded("linear").flat()) + (numeric.length ? dot(numeric, all("linear.numeric")) : 0);
  const head = (x: Vector, ...weights: string[]) => dot(x, weights.flatMap(all)) + all("head.bias")[0]!;
  const ids = inputs.fields ? entry("ids") : [];
  return { all, ids, tableRow, project, dense, mlp, embedded, numeric, vectors, linear, head };
}

type Formula = (row: ReturnType<typeof rowReader>) => number;

/** Compares the graph with the formula on seven rows of each mixture. */
async function expectFormula(network: unknown, options: object, formula: Formula, over: readonly NetworkInputs[]) {
  for (const inputs of over) {
    const model = built(network as NetworkMethod, options, inputs);
    const rng = createRng("formula");
    randomise(model, rng);
    const feeds = randomFeeds(inputs, 7, rng);
    const [answer] = await answers(model.graph, feeds);
    const logits = Array.from(answer!["logits"]!.data as Float32Array);
    for (const [row, logit] of logits.entries()) {
      const expected = formula(rowReader(model, inputs, feeds, row));
      // float32 sums of some tens of terms of size 1 to 100.
      expect(Math.abs(logit - expected)).toBeLessThan(2e-5 * (1 + Math.abs(expected)));
    }
  }
}

const { everything, fields, numbers } = mixtures as { [name: string]: NetworkInputs };
const kinds = Object.values(mixtures);
const small = { d: 4, hidden: [6, 5] };

test("lr", async () => {
  await expectFormula(lr, {}, (r) => r.linear() + r.all("bias")[0]!, kinds);
});

test("fm", async () => {
  await expectFormula(fm, { d: 3 }, (r) => r.linear() + r.all("bias")[0]! + sum(pairs(r.vectors())), kinds);
});

test.each([true, false])("deepfm, batch norm %s", async (batchNorm) => {
  const formula: Formula = (r) =>
    r.linear() + sum(pairs(r.vectors())) + r.head(r.mlp(r.vectors().flat(), 2, "mlp", batchNorm), "head.weight");
  await expectFormula(deepfm, { ...small, batchNorm }, formula, kinds);
});

test("wide-deep", async () => {
  const formula: Formula = (r) => {
    const deep = r.mlp([...r.embedded("embedding").flat(), ...r.numeric], 2, "mlp", true);
    return r.linear() + r.head(deep, "head.weight");
  };
  await expectFormula(wideDeep, small, formula, kinds);
});

const crossed = (r: ReturnType<typeof rowReader>, x0: Vector) => {
  let x = x0;
  for (const layer of [0, 1, 2]) x = add(times(x0, r.dense(x, `cross.${layer}`)), x);
  return x;
};
const mixed = (r: ReturnType<typeof rowReader>, x0: Vector, rank: number, experts: number) => {
  let x = x0;
  for (const layer of [0, 1, 2]) {
    const [v, c, u, bias] = ["v", "c", "u", "bias"].map((part) => r.all(`cross.${layer}.${part}`));
    const open = r.project(x, r.all("cross.gate")).map(Math.exp);
    let next = x;
    for (let k = 0; k < experts; k++) {
      // V_k is columns, C_k a slice and U_k rows [k · rank, (k + 1) · rank) of what the graph holds.
      const into = tanh(r.project(x, v!).slice(k * rank, (k + 1) * rank));
      const inside = tanh(r.project(into, c!.slice(k * rank * rank, (k + 1) * rank * rank)));
      const out = r.project(inside, u!.slice(k * rank * x.length, (k + 1) * rank * x.length));
      next = add(
        next,
        times(x0, add(out, bias!)).map((e) => (e * open[k]!) / sum(open)),
      );
    }
    x = next;
  }
  return x;
};

test.each([
  { structure: "parallel", rank: 0 },
  { structure: "stacked", rank: 0 },
  { structure: "parallel", rank: 2 },
  { structure: "stacked", rank: 3 },
])("dcnv2, $structure, rank $rank", async ({ structure, rank }) => {
  const formula: Formula = (r) => {
    const x = [...r.embedded("embedding").flat(), ...r.numeric];
    const cross = rank ? mixed(r, x, rank, 3) : crossed(r, x);
    if (structure === "stacked") return r.head(r.mlp(cross, 2, "mlp", true), "head.weight");
    return r.head([...cross, ...r.mlp(x, 2, "mlp", true)], "head.weight.0", "head.weight.1");
  };
  const options = { d: 3, hidden: [6, 5], crossLayers: 3, structure, rank, experts: 3 };
  // Cubes of sums of eight standard normals lose more than the tolerance; three columns do not.
  await expectFormula(dcnv2, options, formula, [fields!, numbers!, mixtures["lists and a vector"]!]);
});

test.each(["dot", "concat"])("dlrm, %s", async (interaction) => {
  const formula: Formula = (r) => {
    const bottom = r.numeric.length ? [relu(r.dense(r.mlp(r.numeric, 1, "bottom", true), "bottom.last"))] : [];
    const all = [...bottom, ...r.embedded("embedding")];
    const read = interaction === "dot" ? [...bottom.flat(), ...pairs(all)] : all.flat();
    return r.head(r.mlp(read, 2, "mlp", true), "head.weight");
  };
  const options = { ...small, bottom: [5], interaction };
  await expectFormula(dlrm, options, formula, [fields!, numbers!, everything!, mixtures["lists and a vector"]!]);
});

test("dlrm needs a second column for a dot product", () => {
  const one = mixtures["one field"]!;
  expect(() => built(dlrm as unknown as NetworkMethod, {}, one)).toThrow(/^dlrm: one column .*concat.*\.$/);
  built(dlrm as unknown as NetworkMethod, { interaction: "concat" }, one);
});

test.each([
  { gates: false, context1: [], context2: [] },
  { gates: true, context1: [], context2: [] },
  { gates: true, context1: ["user"], context2: ["item", "hour"] },
])("finalmlp, gates $gates, contexts $context1 and $context2", async ({ gates, context1, context2 }) => {
  const heads = 2;
  const formula: Formula = (r) => {
    const x = r.vectors().flat();
    const first: Readonly<Record<string, number>> = { user: 0, item: 5, hour: 12 };
    const stream = (name: string, context: readonly string[]) => {
      const own = context.map((c) =>
        r.tableRow(`${name}.gate.${c}`, r.ids[Object.keys(first).indexOf(c)]! - first[c]!),
      );
      const read = own.length ? own.flat() : gates ? r.all(`${name}.gate.context`) : [];
      const open = gates
        ? r.dense(r.mlp(read, 1, `${name}.gate`, false), `${name}.gate.last`).map((v) => 2 / (1 + Math.exp(-v)))
        : x.map(() => 1);
      return r.mlp(times(x, open), 1, name, true);
    };
    const [one, two] = [stream("mlp1", context1), stream("mlp2", context2)];
    const [m, n] = [one.length / heads, two.length / heads];
    const w = r.all("bilinear");
    let joined = 0;
    for (let i = 0; i < one.length; i++) {
      for (let j = 0; j < two.length; j++) {
        if (Math.floor(i / m) === Math.floor(j / n)) joined += one[i]! * w[i * n + (j % n)]! * two[j]!;
      }
    }
    return r.head([...one, ...two], "head.weight.0", "head.weight.1") + joined;
  };
  const options = { d: 3, hidden1: [6], hidden2: [4], gateHidden: [5], heads, gates, context1, context2 };
  await expectFormula(finalmlp, options, formula, context1.length ? [fields!, everything!] : kinds);
});

test("finalmlp says which heads and columns do not fit", () => {
  const network = finalmlp as unknown as NetworkMethod;
  expect(() => built(network, { heads: 3 }, fields!)).toThrow(/^finalmlp: heads must divide .* 400 and 100; got 3\.$/);
  expect(() => built(network, { context1: ["usr"] }, fields!)).toThrow(/^finalmlp: .*"usr". Did you mean "user"\?$/);
  expect(() => built(network, { context2: ["user"] }, numbers!)).toThrow(/^finalmlp: .*"user"/);
});

test("neumf", async () => {
  const formula: Formula = (r) => {
    const [p, q] = r.embedded("factors");
    const deep = r.mlp(r.embedded("embedding").flat(), 2, "mlp", false);
    return r.head([...times(p!, q!), ...deep], "head.weight.0", "head.weight.1");
  };
  await expectFormula(neumf, { d: 3, mlpD: 4, hidden: [6, 5] }, formula, [mixtures["user and item"]!]);
});

test("neumf takes two single-valued columns and nothing else", () => {
  for (const [name, inputs] of Object.entries(mixtures)) {
    if (name === "user and item") continue;
    expect(() => built(neumf as unknown as NetworkMethod, {}, inputs)).toThrow(/^neumf: .*two single-valued.*\.$/);
  }
});

// BARS's logs list vocabularies of 5,389 rows in all; those of FinalMLP, made by a later version, 5,399.
const frappe: NetworkInputs = { ...nothing, fields: 10, rows: 5389 };
const later: NetworkInputs = {
  ...frappe,
  rows: 5399,
  places: [
    { name: "user", first: 0, rows: 956 },
    { name: "item", first: 956, rows: 4084 },
  ],
};

test.each<[string, unknown, object, number, NetworkInputs?]>([
  ["LR", lr, {}, 5390],
  ["FM", fm, {}, 59_280],
  ["DeepFM", deepfm, {}, 423_280],
  ["WideDeep", wideDeep, {}, 423_280],
  ["DCNv2", dcnv2, {}, 458_391],
  ["DLRM", dlrm, { interaction: "concat" }, 417_891],
  // BARS's code has a bias a stream; the paper, one.
  ["FinalMLP", finalmlp, { context1: ["user"], context2: ["item"] }, 253_392 - 1, later],
])("%s has the parameters that BARS prints on Frappe", (_, network, options, parameters, inputs = frappe) => {
  const { weights, tables } = networkSize(built(network as NetworkMethod, options, inputs));
  expect(weights + tables).toBe(parameters);
});

test("docs/networks.md says what each weighs by its defaults on Frappe", () => {
  const pair: NetworkInputs = { ...nothing, fields: 2, rows: 5040 };
  const rows = all.map((network) => {
    const size = networkSize(built(network as unknown as NetworkMethod, {}, network.name === "neumf" ? pair : frappe));
    return [network.name, ...[size.weights, size.tables, size.flops].map((n) => n.toLocaleString("en"))];
  });
  expect(tableRows(readPage("docs/networks.md").prose, "size of").sort()).toEqual(rows.sort());
});
