// Takes positions out of a value by slicing what computes it, instead of picking from what was computed in vain.

import type { GraphNode } from "../graph.ts";
import { intAttribute } from "../infer/rule.ts";
import { addConstant, type Building, place } from "./building.ts";
import { sliceTensor } from "./gone.ts";

const alone = new Set(
  "Abs Cast Clip Dropout Elu Erf Exp Gelu Identity LeakyRelu Neg Relu Sigmoid Softplus Sqrt Tanh".split(" "),
);
const two = new Set(["Add", "Sub", "Mul", "Div"]);

/** The name of `value` without what is lost of `axis`; undefined where what computes it cannot be sliced. */
export function sink(building: Building, value: string, axis: number, lost: Uint8Array): string | undefined {
  const node = building.writers.get(value);
  if (node?.outputs.length !== 1 || building.before.readers(value).length > 1) return undefined;
  const inputs = inputsWithout(building, node, axis, lost);
  if (!inputs) return undefined;
  const name = building.unique(`${value}/kept`);
  place(building, { ...node, name: building.unique(node.name || name), inputs, outputs: [name] });
  building.ranks.set(name, building.ranks.get(value)!);
  return name;
}

function inputsWithout(building: Building, node: GraphNode, axis: number, lost: Uint8Array): string[] | undefined {
  const { cut, ranks } = building;
  const rank = ranks.get(node.outputs[0]!)!;
  const constant = (name: string | undefined, at: number) => {
    const tensor = cut.initializers.get(name ?? "");
    if (!tensor || tensor.dims[at] !== lost.length) return undefined;
    return addConstant(building, name!, sliceTensor(tensor, new Map([[at, lost]])));
  };
  const deeper = (name: string) => sink(building, name, axis, lost);
  const [first = "", second = "", third = ""] = node.inputs;
  if (node.domain !== "") return undefined;
  if (alone.has(node.op)) {
    const x = deeper(first);
    return x === undefined ? undefined : [x, ...node.inputs.slice(1)];
  }
  if (two.has(node.op)) {
    const both = [first, second].map((name) => {
      const tensor = cut.initializers.get(name);
      if (!tensor) return ranks.get(name) === rank ? deeper(name) : undefined;
      const at = axis - rank + tensor.dims.length;
      return at < 0 || tensor.dims[at] === 1 ? name : constant(name, at);
    });
    return both.every((name) => name !== undefined) ? both : undefined;
  }
  if (node.op === "BatchNormalization" && axis === 1) {
    const x = deeper(first);
    const own = node.inputs.slice(1).map((name) => constant(name, 0));
    return x !== undefined && own.every((name) => name !== undefined) ? [x, ...own] : undefined;
  }
  if ((node.op !== "MatMul" && node.op !== "Gemm") || axis !== rank - 1) return undefined;
  if (cut.initializers.get(second)?.dims.length !== 2) return undefined;
  const weight = constant(second, intAttribute(node, "transB", 0) ? 0 : 1);
  if (weight === undefined) return undefined;
  if (!third) return [first, weight];
  const dims = cut.initializers.get(third)?.dims;
  if (!dims) return undefined;
  const bias = dims.at(-1) === 1 || dims.length === 0 ? third : constant(third, dims.length - 1);
  return bias === undefined ? undefined : [first, weight, bias];
}
