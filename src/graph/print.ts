// A graph as text for people: stable, one line a node, small constants where they are read.
//
//     graph mlp, opset 21
//       in %x: float32[batch, 8]
//       const %w: float32[8, 4] of −0.31 … 0.29
//       %y: float32[batch, 4] = MatMul(%x, %w)
//       %z = Softmax(%y) {axis: -1}
//       out %z: float32[batch, 4]
//
// A name of other characters than these is quoted. %y: type where a type is known.

import type { Attribute, Graph, GraphBody, GraphNode, GraphValue } from "./graph.ts";
import { type DType, elements, type GraphTensor, tensorBytes } from "./tensor.ts";

type KnownTypes = ReadonlyMap<string, { readonly dtype: DType; readonly dims: readonly (number | string)[] }>;

const MOST_INLINE = 8;
/** Beyond this many numbers a constant shows its size instead of its range. */
const MOST_RANGED = 2 ** 24;

/** The text of a graph. `types` (of inference) wins over what the file says of inner values. */
export function printGraph(graph: Graph, types?: KnownTypes): string {
  const sets = [`opset ${graph.opset}`, ...Object.entries(graph.domains).map(([name, v]) => `${name} ${v}`)];
  const lines = [`graph ${graph.name || "without a name"}, ${sets.join(", ")}`, ...bodyLines(graph, types)];
  for (const f of graph.functions ?? []) {
    const body = {
      name: f.name,
      inputs: [],
      outputs: [],
      initializers: new Map(),
      nodes: f.nodes,
      ...(f.values && { values: f.values }),
    };
    lines.push(
      `function ${qualified(f.domain, f.name)}(${f.inputs.map(percent).join(", ")}), opset ${f.opset}`,
      ...bodyLines(body, undefined),
      `  out ${f.outputs.map(percent).join(", ")}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

function bodyLines(body: GraphBody, types: KnownTypes | undefined): string[] {
  const shown = new Map((body.values ?? []).map((v) => [v.name, valueType(v)]));
  for (const [name, { dtype, dims }] of types ?? []) shown.set(name, typeText(dtype, dims));
  const typed = (name: string) => (shown.has(name) ? `${percent(name)}: ${shown.get(name)}` : percent(name));
  const outputs = new Set(body.outputs.map((v) => v.name));
  const inline = new Map<string, string>();
  const constants: string[] = [];
  for (const [name, tensor] of body.initializers) {
    const text = outputs.has(name) ? undefined : inlineText(tensor);
    if (text !== undefined) inline.set(name, text);
    else constants.push(`const ${percent(name)}: ${tensorText(tensor)}`);
  }
  const read = (name: string) => (name === "" ? "_" : (inline.get(name) ?? percent(name)));
  return [
    ...body.inputs.map((v) => `in ${percent(v.name)}: ${valueType(v)}`),
    ...(body.defaults ?? []).map((v) => `in ${percent(v.name)}: ${valueType(v)}, or the constant`),
    ...constants,
    ...body.nodes.flatMap((node) => nodeLines(node, typed, read, types)),
    ...body.outputs.map((v) => `out ${percent(v.name)}: ${valueType(v)}`),
  ].map((line) => `  ${line}`);
}

function nodeLines(
  node: GraphNode,
  typed: (name: string) => string,
  read: (name: string) => string,
  types: KnownTypes | undefined,
): string[] {
  const plain: string[] = [];
  const inner: string[] = [];
  for (const [name, value] of Object.entries(node.attributes)) {
    if (typeof value === "object" && ("graph" in value || "graphs" in value)) {
      for (const body of "graph" in value ? [value.graph] : value.graphs)
        inner.push(`  ${name}:`, ...bodyLines(body, types).map((line) => `  ${line}`));
    } else plain.push(`${name}: ${attributeText(value)}`);
  }
  const outputs = node.outputs.map((name) => (name === "" ? "_" : typed(name))).join(", ");
  const attributes = plain.length > 0 ? ` {${plain.join(", ")}}` : "";
  return [
    `${outputs} = ${qualified(node.domain, node.op)}(${node.inputs.map(read).join(", ")})${attributes}`,
    ...inner,
  ];
}

const qualified = (domain: string, op: string) => (domain === "" ? op : `${domain}.${op}`);
const percent = (name: string) => `%${/^[^\s"(),:{}=]+$/.test(name) ? name : JSON.stringify(name)}`;
const typeText = (dtype: DType, dims: readonly (number | string)[]) => `${dtype}[${dims.join(", ")}]`;
const valueType = ({ dtype, shape, unranked }: GraphValue) => (unranked ? `${dtype}[…]` : typeText(dtype, shape));

/** A float always shows a point or an exponent, by which it differs from an integer. */
function floatText(x: number): string {
  const text = String(Number(x.toPrecision(6)));
  return Number.isInteger(Number(text)) && !text.includes("e") ? `${Object.is(x, -0) ? "-0" : text}.0` : text;
}

/** The end of int64 is one less than the number that stands for it. */
const intText = (n: number) => (n >= 2 ** 63 ? "9223372036854775807" : String(Number.isInteger(n) ? BigInt(n) : n));

function attributeText(value: Attribute): string {
  if (typeof value === "number") return intText(value);
  if (typeof value === "string") return JSON.stringify(value);
  if ("float" in value) return floatText(value.float);
  if ("floats" in value) return `[${value.floats.map(floatText).join(", ")}]`;
  if ("strings" in value) return `[${value.strings.map((s) => JSON.stringify(s)).join(", ")}]`;
  if ("dtype" in value) return inlineText(value) ?? tensorText(value);
  if ("tensors" in value) return `[${value.tensors.map((t) => inlineText(t) ?? tensorText(t)).join(", ")}]`;
  if ("ref" in value) return `@${value.ref}`;
  if ("opaque" in value) return `${value.opaque.length} bytes`;
  return `[${(value as readonly number[]).map(intText).join(", ")}]`;
}

/** A few numbers of the two commonest types, which the text shows apart: 2 is int64, 2.0 float32. */
function inlineText({ dtype, dims, data }: GraphTensor): string | undefined {
  if ((dtype !== "int64" && dtype !== "float32") || dims.length > 1 || data.length > MOST_INLINE) return undefined;
  const items = Array.from(data as ArrayLike<number | bigint>, (x) =>
    typeof x === "bigint" ? String(x) : Number.isFinite(x) ? floatText(x) : String(x),
  );
  return dims.length === 0 ? items[0] : `[${items.join(", ")}]`;
}

function tensorText(tensor: GraphTensor): string {
  const { dtype, dims, data } = tensor;
  const type = typeText(dtype, dims);
  if (dtype === "string" || dtype === "float16" || dtype === "bfloat16" || dtype.endsWith("int4"))
    return `${type} in ${tensorBytes(tensor).length} bytes`;
  if (elements(dims) === 0) return `${type}, empty`;
  if (data.length > MOST_RANGED) return `${type} in ${data.byteLength} bytes`;
  const text = (x: number | bigint) => (dtype.startsWith("float") ? floatText(Number(x)) : String(x));
  if (data.length <= MOST_INLINE)
    return `${type} = [${Array.from(data as ArrayLike<number | bigint>, text).join(", ")}]`;
  let [least, most] = [data[0]!, data[0]!];
  for (const x of data) {
    if (x < least) least = x;
    if (x > most) most = x;
  }
  return `${type} of ${text(least)} … ${text(most)}`;
}
