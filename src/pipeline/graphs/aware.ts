// A graph in training as passes will leave it: products are made with what they make of weights and of gathered rows, and
// what layers read is rounded to 8 bits over a range that follows the batches (kinds/aware.ts). Settled again, the graph
// holds projected weights and rows, which the passes find as they leave them, and Q → DQ with the learnt ranges.

import { must } from "../../base/errors.ts";
import { beforeDropouts, calibrate, withKnownStep } from "../../engine/int8/activations.ts";
import { chosenLayers } from "../../engine/layer-changes.ts";
import type { Model, MovingRange } from "../../engine/training/model.ts";
import { type Builder, buildGraph } from "../../graph/builder.ts";
import type { DenseLayer } from "../../graph/dense-layers.ts";
import type { Graph, GraphNode } from "../../graph/graph.ts";
import { dtypeCode } from "../../graph/infer/dtypes.ts";
import type { RunTensor, Runtime } from "../../graph/runtime.ts";
import { float32, type GraphTensor } from "../../graph/tensor.ts";
import { type Uses, usesOf } from "../../graph/uses.ts";
import type { Aware } from "../../kinds/aware.ts";
import type { LayerContext } from "../../kinds/layer-pass.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { awareOf } from "./first-steps.ts";
import type { LayerStep, Steps } from "./pack-graph.ts";
import { floatLayersOf } from "./pack-layers.ts";
import { copyOf, placed, tableOf } from "./pack-tables.ts";

export interface AwareModel {
  readonly model: Model;
  /** Steps that training knows nothing of: what they change it meets afterwards. */
  readonly unknown: readonly string[];
  /** The graph with numbers that were trained. */
  settled(trained: ReadonlyMap<string, GraphTensor>, runtime: Runtime): Promise<Graph>;
}

/** Rows that the ranges start from. */
const firstRows = 4096;

/** `model` as it learns toward the steps over the tables named and over its dense layers, but for those that refuse. */
export async function awareModel(
  model: Model,
  tables: readonly string[],
  steps: Steps,
  { observe, refused }: { readonly observe: LayerContext["observe"]; readonly refused: ReadonlySet<string> },
): Promise<AwareModel> {
  const rows = steps.tables.map((step, i) => awareOf(step, `passes[${i}]`));
  const layers = steps.layers.map((step, i) => awareOf(step, `layers[${i}]`));
  const unknown = [...steps.tables, ...steps.layers].flatMap(({ pass }, i) =>
    [...rows, ...layers][i] ? [] : [pass.name],
  );
  const graph = copyOf(model.graph);
  const uses = usesOf(graph);
  const all = [...tablePlans(graph, tables, rows.filter(projecting)), ...layerPlans(uses, steps.layers, layers)];
  const plans = all.filter(({ name }) => !refused.has(name));
  const ranges = await followedRanges(uses, layers.filter(projecting), { graph: model.graph, observe, refused });
  readIn8Bits(uses, ranges, (b, { lo, hi }) => stepOf(b, lo, hi));
  const projected = Object.fromEntries(plans.flatMap((plan) => project(uses, plan)));
  return {
    model: { ...model, graph, projected, ranges },
    unknown,
    async settled(trained, runtime) {
      const own = copyOf(model.graph);
      for (const name of own.initializers.keys()) own.initializers.set(name, trained.get(name)!);
      const found = await evaluated(plans, ranges, trained, runtime);
      for (const { name } of plans) own.initializers.set(name, found.get(name)!);
      readIn8Bits(usesOf(own), ranges, (b, { value }) =>
        ["scale", "zero"].map((end) => b.constant(end, found.get(`${value}.${end}`)!)),
      );
      return own;
    },
  };
}

type Projecting = Aware & Required<Pick<Aware, "project">>;

const projecting = (aware: Aware | undefined): aware is Projecting => aware?.project !== undefined;

/** What becomes of one constant. */
interface Plan {
  readonly name: string;
  /** Along which the outputs of a layer lie. */
  readonly axis: number;
  readonly by: readonly Projecting[];
  readonly isTable: boolean;
}

const tablePlans = (graph: Graph, tables: readonly string[], by: readonly Projecting[]): Plan[] =>
  by.length === 0
    ? []
    : tables.flatMap((name) => ("refused" in tableOf(graph, name) ? [] : [{ name, axis: 1, by, isTable: true }]));

function layerPlans(uses: Uses, steps: readonly LayerStep[], aware: readonly (Aware | undefined)[]): Plan[] {
  const plans = new Map<string, Plan>();
  for (const [i, by] of aware.entries()) {
    if (!projecting(by)) continue;
    const found =
      steps[i]!.pass.kind === "layer-pass"
        ? denseLayersFor(uses, by).map(({ name, transposed }) => ({ name, axis: transposed ? 0 : 1 }))
        : floatLayersOf(uses.graph).map((name) => ({ name, axis: 1 }));
    for (const { name, axis } of found)
      plans.set(name, { name, axis, by: [...(plans.get(name)?.by ?? []), by], isTable: false });
  }
  return [...plans.values()];
}

const denseLayersFor = (uses: Uses, { least = 0 }: Aware): readonly DenseLayer[] =>
  chosenLayers(uses, { opset: 13, least }).layers;

const projectedBy = (b: Builder, value: string, { by, axis }: Plan): string =>
  by.reduce((at, aware) => aware.project(b, at, axis), value);

/** Puts what is made of a constant in the way of its readers; returns what stands for what in training. */
function project(uses: Uses, plan: Plan): [string, string][] {
  const { name, isTable } = plan;
  const b = buildGraph(name, uses.graph.opset);
  const result = projectedBy(b, "value", plan);
  const constants = new Map<string, string>();
  const nodesFrom = (value: string, by: string, at: GraphNode) =>
    placed(uses, {
      name,
      constants,
      made: b.graph,
      known: new Map([
        ["value", value],
        [result, by],
      ]),
      at,
    });
  if (isTable)
    return uses.readers(name).map((gather) => {
      const [out] = gather.outputs as [string];
      const rows = uses.unique(`${out}/rows`);
      uses.replaceNode(gather, [{ ...gather, outputs: [rows] }, ...nodesFrom(rows, out, gather)]);
      return [rows, out];
    });
  const [first] = uses.readers(name);
  const by = uses.unique(`${name}/projected`);
  uses.replaceAllUses(name, by);
  uses.insertBefore(first!, nodesFrom(name, by, first!));
  return [[name, by]];
}

/** The range of what each layer in 8 bits reads, where the graph does not say it. */
async function followedRanges(
  uses: Uses,
  aware: readonly Aware[],
  { graph, observe, refused }: { graph: Graph; observe: LayerContext["observe"]; refused: ReadonlySet<string> },
): Promise<Followed[]> {
  const by = aware.find(({ averaging }) => averaging !== undefined);
  if (!by) return [];
  const original = usesOf(graph);
  const layers = denseLayersFor(original, by)
    .map((layer) => withKnownStep(original, layer))
    .filter(({ name, known }) => !known && !refused.has(name))
    .map((layer) => ({ ...layer, x: beforeDropouts(original, layer.x) }));
  const options = { method: "minmax", percentile: 100, averaging: 1, rows: firstRows } as const;
  const found = await calibrate(graph, layers, options, { observe });
  return [...found].map(([value, ends]) => {
    const [lo, hi] = (["lo", "hi"] as const).map((end, i) => {
      const name = uses.unique(`${value}/${end}`);
      uses.graph.initializers.set(name, float32([], Float32Array.of(ends[i]!)));
      return name;
    }) as [string, string];
    const own = layers.filter(({ x }) => x === value).map(({ name }) => name);
    return { value, lo, hi, averaging: by.averaging!, layers: own };
  });
}

interface Followed extends MovingRange {
  /** The weights of those that read it. */
  readonly layers: readonly string[];
}

/** Puts Q → DQ between values and the layers that read them, in place; the scale and the zero are what `step` appends. */
function readIn8Bits(
  uses: Uses,
  ranges: readonly Followed[],
  step: (b: Builder, range: Followed) => readonly string[],
): void {
  const { graph } = uses;
  for (const range of ranges) {
    const { value } = range;
    const readers = graph.nodes.filter((node) => readsFor(uses, node, value, range.layers));
    const b = buildGraph(value, graph.opset);
    const by = step(b, range);
    const result = b.node("DequantizeLinear", [b.node("QuantizeLinear", [value, ...by]), ...by]);
    const out = uses.unique(`${value}/in 8 bits`);
    const names = new Map([[result, out], ...[value, range.lo, range.hi].map((name) => [name, name] as const)]);
    const nodes = placed(uses, { name: value, constants: new Map(), made: b.graph, known: names, at: readers[0]! });
    const producer = uses.producer(value);
    const next = graph.nodes[producer ? graph.nodes.indexOf(producer) + 1 : 0]!;
    uses.insertBefore(next, nodes);
    for (const node of readers) {
      const inputs = node.inputs.map((name, i) => (i === 0 ? out : name));
      uses.replaceNode(node, [{ ...node, inputs }]);
    }
  }
}

/** Whether a node is the product of one of the layers, or a Dropout before one. */
function readsFor(uses: Uses, { op, inputs, outputs }: GraphNode, value: string, layers: readonly string[]): boolean {
  if (inputs[0] !== value) return false;
  const [out] = outputs as [string];
  return op === "Dropout"
    ? uses.readers(out).some((next) => readsFor(uses, next, out, layers))
    : layers.includes(inputs[1] ?? "");
}

/** s = (hi - lo) / 255, 1 where that is 0;  z = clip(round(-lo / s)). */
function stepOf(b: Builder, lo: string, hi: string): [scale: string, zero: string] {
  const number = (x: number) => b.constant("number", float32([], Float32Array.of(x)));
  const width = b.node("Div", [b.node("Sub", [hi, lo]), number(255)]);
  const scale = b.node("Where", [b.node("Equal", [width, number(0)]), number(1), width]);
  const zero = b.node("Round", [b.node("Div", [b.node("Neg", [lo]), scale])]);
  return [scale, b.node("Cast", [b.node("Clip", [zero, number(0), number(255)])], { to: dtypeCode.uint8 })];
}

/** What the plans make of the trained numbers, and each range's scale and zero, as ONNX Runtime computes them. */
async function evaluated(
  plans: readonly Plan[],
  ranges: readonly Followed[],
  trained: ReadonlyMap<string, GraphTensor>,
  runtime: Runtime,
): Promise<Map<string, GraphTensor>> {
  const b = buildGraph("settled", 21);
  const names = new Map<string, string>();
  const feeds: Record<string, RunTensor> = {};
  const input = (name: string) => {
    const { dims, data } = must(trained.get(name), name);
    feeds[name] = { dtype: "float32", dims, data: data as Float32Array };
    return b.input(name, "float32", [...dims]);
  };
  const output = (value: string, name: string, dtype: "float32" | "uint8", dims: readonly number[]) => {
    names.set(value, name);
    b.output(value, dtype, [...dims]);
  };
  for (const plan of plans)
    output(projectedBy(b, input(plan.name), plan), plan.name, "float32", trained.get(plan.name)!.dims);
  for (const { value, lo, hi } of ranges) {
    const [scale, zero] = stepOf(b, input(lo), input(hi));
    output(scale, `${value}.scale`, "float32", []);
    output(zero, `${value}.zero`, "uint8", []);
  }
  if (names.size === 0) return new Map();
  const session = await runtime.open(encodeOnnx(b.graph));
  try {
    const found = await session.run(feeds);
    return new Map([...names].map(([value, name]) => [name, found[value] as GraphTensor]));
  } finally {
    await session.close();
  }
}
