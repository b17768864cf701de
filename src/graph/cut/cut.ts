// Takes positions out of a graph (a column of its input, the weights of a head or an expert) and everything that they
// lead to: what is gone is followed from node to node, constants are sliced, and where sums lose a part, what that was on
// average takes its place. A graph in which it cannot be followed is refused, and stays.

import { UserError } from "../../base/errors.ts";
import { readsOf } from "../bodies.ts";
import type { Attribute, Graph } from "../graph.ts";
import { inferGraph } from "../infer/index.ts";
import { type InferContext, nodeName } from "../infer/rule.ts";
import { elements, float32, type GraphTensor, int64 } from "../tensor.ts";
import { usesOf } from "../uses.ts";
import { addConstant, type Building, place } from "./building.ts";
import * as elementwise from "./elementwise.ts";
import { axesOf, beyond, dimsLeft, type Gone, type GoneAxes, keptOf, sliceTensor, union } from "./gone.ts";
import * as layout from "./layout.ts";
import { type CutContext, type CutRule, free, isFree, refuse } from "./rule.ts";
import { sink } from "./sink.ts";
import * as sums from "./sums.ts";

const rules = new Map<string, CutRule>([elementwise, layout, sums].flatMap((family) => Object.entries(family)));

export interface CutOptions {
  /** What is gone to begin with: of inputs, constants, or values between nodes. */
  readonly gone: ReadonlyMap<string, Gone>;
  /**
   * What a value is on average over rows, with 1 in place of free dimensions `dims`; without it nothing takes the place of
   * what goes.
   */
  readonly mean?: ((value: string, dims: readonly number[]) => GraphTensor) | undefined;
}

/** The graph without what is gone, as a new one. A UserError says where it cannot be followed. */
export function cutGraph(graph: Graph, options: CutOptions): Graph {
  const once = follow(graph, options, false);
  if (!once.shared) return once.cut;
  // What several nodes read is best sliced where all of them lose the same.
  const twice = follow(graph, options, true);
  return bytesOf(twice.cut) < bytesOf(once.cut) ? twice.cut : once.cut;
}

const bytesOf = ({ initializers }: Graph): number =>
  [...initializers.values()].reduce((sum, { data }) => sum + data.byteLength, 0);

/** What is gone of each value in the end. */
export const goneBy = (graph: Graph, gone: ReadonlyMap<string, Gone>): ReadonlyMap<string, Gone> =>
  follow(graph, { gone }, false).gone;

interface Followed {
  readonly cut: Graph;
  readonly gone: ReadonlyMap<string, Gone>;
  /** Whether something was picked from values that several nodes read. */
  readonly shared: boolean;
}

function follow(graph: Graph, { gone: begun, mean }: CutOptions, twice: boolean): Followed {
  const named = Object.fromEntries(
    graph.inputs.flatMap(({ shape }) => shape.filter((d) => typeof d === "string").map((d) => [d, free] as const)),
  );
  const { types, constants } = inferGraph(graph, named);
  const before = usesOf(graph);
  const cut: Graph = { ...graph, nodes: [], initializers: new Map(graph.initializers), values: [] };
  const names = usesOf(graph);
  const gone = new Map<string, Gone>(begun);
  const building: Building = {
    ...{ cut, before, unique: names.unique, origins: new Map(), writers: new Map(), narrowed: new Map(), twice },
    dims(name) {
      const type = types.get(name);
      return type && dimsLeft(type.dims, axesOf(gone.get(name)));
    },
    ranks: new Map([...types].map(([name, { dims }]) => [name, dims.length])),
  };
  const sliced = new Map<string, string>();
  const isFixed = (name: string) => before.constant(name) !== undefined || foldsAlone(constants.get(name));
  const sliceConstant = (name: string, want: GoneAxes): string => {
    const key = `${name} ${[...want].map(([axis, own]) => `${axis}:${keptOf(own)}`).sort()}`;
    const known = sliced.get(key) ?? addConstant(building, name, sliceTensor(constants.get(name)!, want));
    sliced.set(key, known);
    return known;
  };
  const isConstant = (name: string) => constants.has(name) && isFixed(name);
  const plain = (name: string): string =>
    isConstant(name) && axesOf(gone.get(name)).size > 0 ? sliceConstant(name, axesOf(gone.get(name))) : name;

  for (const node of graph.nodes) {
    const own = node.outputs.map((name) => gone.get(name));
    const reads = [...readsOf(node)];
    if (!reads.some((name) => gone.has(name)) && own.every((one) => one === undefined)) {
      place(building, { ...node, inputs: [...node.inputs], outputs: [...node.outputs] });
      continue;
    }
    const rule = node.domain === "" ? rules.get(node.op) : undefined;
    if (!rule || reads.some((name) => gone.has(name) && !node.inputs.includes(name)))
      refuse(node, "what would be left of what it reads is not known for this operator.");
    const infer: InferContext = {
      ...{ node, opset: graph.opset },
      inputs: node.inputs.map((name) => types.get(name)),
      constant: (i) => constants.get(node.inputs[i] ?? ""),
    };
    const context: CutContext = {
      ...infer,
      dims: types.get(node.outputs[0]!)!.dims,
      gone: (i) => gone.get(node.inputs[i] ?? ""),
      fixed: (i) => (isFixed(node.inputs[i] ?? "") ? constants.get(node.inputs[i]!) : undefined),
      without(i, want) {
        const name = node.inputs[i]!;
        const have = axesOf(gone.get(name));
        if (isConstant(name)) return want.size > 0 ? sliceConstant(name, union(want, have)) : plain(name);
        return [...beyond(want, have)].reduce((value, [axis, lost]) => narrowed(building, value, axis, lost), name);
      },
      mean(i) {
        const type = types.get(node.inputs[i]!)!;
        if (!mean || type.dtype !== "float32") return undefined;
        return mean(
          node.inputs[i]!,
          type.dims.map((d) => (isFree(d) ? 1 : d)),
        );
      },
      put: (label, tensor) => addConstant(building, label, tensor),
      emit(op, inputs, attributes = {}, outputs = [building.unique(`${node.outputs[0]}/${op}`)]) {
        for (const name of outputs) building.ranks.set(name, context.dims.length);
        const name = op === node.op ? node.name : building.unique(`${node.name || node.outputs[0]}/${op}`);
        place(building, { name, op, domain: "", inputs: inputs.map(plain), outputs: [...outputs], attributes });
        return outputs[0]!;
      },
      keep(inputs = node.inputs, attributes = node.attributes, outputs = node.outputs) {
        place(building, { ...node, inputs: inputs.map(plain), outputs: [...outputs], attributes });
      },
    };
    const found = rule(context);
    for (const [i, name] of node.outputs.entries()) {
      const now = found[i];
      if (now === "all") building.cut.nodes = building.cut.nodes.filter(({ outputs }) => !outputs.includes(name));
      if (now !== undefined) gone.set(name, now);
    }
  }
  return { cut: finished(building, graph, gone), gone, shared: [...building.narrowed.values()].includes(undefined) };
}

/** What is known before anything runs, and does not count a free dimension. */
const foldsAlone = (tensor: GraphTensor | undefined): boolean =>
  tensor !== undefined &&
  (!/int/.test(tensor.dtype) || !Array.from(tensor.data as ArrayLike<number | bigint>, Number).some(isFree));

/** A value without positions of an axis: what computes it is sliced where that is known how, else they are picked. */
function narrowed(building: Building, value: string, axis: number, lost: Uint8Array): string {
  const sunk = sink(building, value, axis, lost);
  if (sunk !== undefined) return sunk;
  const ids = addConstant(building, `${value}.kept`, int64(...keptOf(lost)));
  const name = building.unique(`${value}/kept`);
  const attributes: Record<string, Attribute> = { axis };
  place(building, { name, op: "Gather", domain: "", inputs: [value, ids], outputs: [name], attributes });
  building.ranks.set(name, building.ranks.get(value)!);
  return name;
}

function finished(building: Building, graph: Graph, gone: ReadonlyMap<string, Gone>): Graph {
  const { cut, origins } = building;
  for (const { name } of graph.outputs) {
    if (gone.has(name)) throw new UserError(`output "${name}" would lose a part of what it answers.`);
  }
  cut.inputs = graph.inputs.flatMap((input) => {
    const own = gone.get(input.name);
    if (own === undefined) return [input];
    const reader = cut.nodes.find((node) => readsOf(node).has(input.name));
    if (own === "all" && reader) throw new UserError(`${nodeName(reader)}: it still reads "${input.name}".`);
    if (own === "all") return [];
    const sizes = dimsLeft(
      input.shape.map((d) => (typeof d === "number" ? d : free)),
      own,
    );
    return [{ ...input, shape: input.shape.map((d, axis) => (typeof d === "number" ? sizes[axis]! : d)) }];
  });
  usesOf(cut).removeUnused();
  // A constant of which a part was taken keeps its name where nothing reads the whole one any more.
  const renamed = new Map<string, string>();
  const taken = new Set([...cut.initializers.keys(), ...cut.nodes.flatMap(({ outputs }) => outputs)]);
  for (const [name, origin] of origins) {
    if (!cut.initializers.has(name) || taken.has(origin)) continue;
    taken.add(origin);
    renamed.set(name, origin);
  }
  cut.initializers = new Map([...cut.initializers].map(([name, tensor]) => [renamed.get(name) ?? name, tensor]));
  for (const node of cut.nodes) node.inputs = node.inputs.map((name) => renamed.get(name) ?? name);
  return cut;
}

/** The values whose means take the place of what goes, with their dims, 1 for free ones; throws as cutGraph does. */
export function meansOf(graph: Graph, gone: ReadonlyMap<string, Gone>): Map<string, readonly number[]> {
  const wanted = new Map<string, readonly number[]>();
  const mean = (value: string, dims: readonly number[]) => {
    wanted.set(value, dims);
    return float32(dims, new Float32Array(elements(dims)));
  };
  cutGraph(graph, { gone, mean });
  return wanted;
}
