// The doctor's look at a graph's constants: what they hold, whether something reads them, whether they are there twice.

import { formatBytes, formatCount } from "../../base/format.ts";
import { isProduct } from "../../graph/dense-layers.ts";
import { intAttribute } from "../../graph/infer/rule.ts";
import { elements, type GraphTensor, tensorBytes } from "../../graph/tensor.ts";
import type { EmbeddingTable } from "../../recommender/foreign/embedding-tables.ts";
import type { GraphView } from "../../recommender/foreign/view.ts";
import type { Finding } from "../../report/diagnosis.ts";
import { formatShare } from "../../report/figures.ts";
import { countZeros, examineDense, examineTable, type Matrix, type Zeros } from "./numbers.ts";
import { largeShare } from "./tables.ts";

/** Smaller constants are shapes, axes and biases. */
const leastBytes = 1024;
const packedTypes = new Set(["int8", "uint8", "int4", "uint4", "float16", "bfloat16"]);

export function examineConstants(view: GraphView, tables: readonly EmbeddingTable[]): Finding[] {
  const constants = [...view.graph.initializers].filter(([, tensor]) => tensorBytes(tensor).length >= leastBytes);
  // What only a computation picks from is a codebook, or shared by hashes.
  const picked = ({ pickers }: EmbeddingTable) => pickers.length === 0 || pickers.some(({ computed }) => !computed);
  const tableNames = new Set(tables.filter(picked).map(({ name }) => name));
  const copies = new Set(tables.flatMap((table) => table.copies));
  return [
    ...constants.flatMap(([name, tensor]) => {
      if (isUnread(view, name)) return [unread(name, tensor)];
      const matrix = matrixOf(name, tensor);
      if (!matrix || copies.has(name)) return [];
      const zeros = countZeros(matrix);
      const own = tableNames.has(name) ? examineTable(matrix, zeros) : masked(view, matrix, zeros);
      return [...own, ...examineDense(matrix, zeros)];
    }),
    ...exempt(view, tables),
    ...twice(constants, tables),
  ];
}

function matrixOf(name: string, tensor: GraphTensor): Matrix | undefined {
  const [rows, cols] = tensor.dims;
  if (tensor.dims.length !== 2 || tensor.dtype !== "float32") return undefined;
  const data = tensor.data as Float32Array;
  return { name, rows: rows!, cols: cols!, data, bytes: data.byteLength };
}

const isUnread = ({ graph, readers }: GraphView, name: string) =>
  readers(name).length === 0 && !graph.outputs.some((output) => output.name === name);

const unread = (name: string, tensor: GraphTensor): Finding => ({
  ...{ kind: "constant-unused", where: name, bytes: tensorBytes(tensor).length },
  what: `${formatBytes(tensorBytes(tensor).length)} that no node reads.`,
  mend: "distilrec compress and finetune write a graph without it; or leave it out of the export.",
});

/** Neurons that a mask has emptied are computed, and kept, like the others. */
function masked(view: GraphView, matrix: Matrix, zeros: Zeros): Finding[] {
  const reader = view.readers(matrix.name).find((node) => isProduct(node) && node.inputs[1] === matrix.name);
  if (!reader) return [];
  const transposed = reader.op === "Gemm" && intAttribute(reader, "transB", 0) === 1;
  const [ins, outs] = transposed ? [matrix.cols, matrix.rows] : [matrix.rows, matrix.cols];
  const [noIns, noOuts] = transposed ? [zeros.cols, zeros.rows] : [zeros.rows, zeros.cols];
  if (zeros.kept === 0 || noIns + noOuts === 0) return [];
  const left = ((ins - noIns) * (outs - noOuts)) / (ins * outs);
  return [
    {
      ...{ kind: "masked-not-sliced", where: matrix.name, bytes: Math.round(matrix.bytes * (1 - left)) },
      what: `of its ${formatCount(outs)} outputs ${formatCount(noOuts)} are 0 whatever comes in, and ${formatCount(noIns)} of ${formatCount(ins)} inputs do nothing; all are kept and multiplied.`,
      mend: "distilrec compress --neurons 0 slices neurons that change no answer out of it and of the layer beside it.",
    },
  ];
}

/** A large table left in full precision where others, or layers, are packed. */
function exempt({ graph }: GraphView, tables: readonly EmbeddingTable[]): Finding[] {
  const all = [...graph.initializers];
  const packed = all.filter(([, { dtype, dims }]) => packedTypes.has(dtype) && elements(dims) >= leastBytes);
  const [largest] = packed.sort(([, a], [, b]) => elements(b.dims) - elements(a.dims));
  const total = all.reduce((sum, [, tensor]) => sum + tensorBytes(tensor).length, 0);
  if (!largest) return [];
  return tables
    .filter(({ name, bytes, cols }) => {
      return graph.initializers.get(name)?.dtype === "float32" && cols >= 4 && bytes >= largeShare * total;
    })
    .map(({ name, bytes }) => ({
      ...{ kind: "exempt-table" as const, where: name, bytes: Math.round(bytes * 0.7) },
      what: `a table in float32, ${formatShare(bytes / total)} of all bytes, while ${largest[0]} is ${largest[1].dtype}.`,
      mend: "distilrec compress --passes int8-row (or int4-row) packs tables; general quantisers skip what Gather reads.",
    }));
}

/** The same numbers under two names. */
function twice(constants: readonly (readonly [string, GraphTensor])[], tables: readonly EmbeddingTable[]): Finding[] {
  const known = new Map<string, [string, GraphTensor][]>();
  const found: Finding[] = tables.flatMap(({ name, copies, bytes }) => copies.map((copy) => again(copy, name, bytes)));
  const told = new Set(found.map(({ where }) => where));
  for (const [name, tensor] of constants) {
    const key = `${tensor.dtype} ${tensor.dims.join("×")}`;
    const alike = known.get(key) ?? [];
    known.set(key, alike);
    const first = alike.find(([, other]) => sameBytes(tensorBytes(other), tensorBytes(tensor)));
    if (!first) alike.push([name, tensor]);
    else if (!told.has(name) && !told.has(first[0])) found.push(again(name, first[0], tensorBytes(tensor).length));
  }
  return found;
}

const again = (copy: string, name: string, bytes: number): Finding => ({
  ...{ kind: "constant-twice", where: copy, bytes },
  what: `holds the numbers of ${name} again.`,
  mend: "let both readers read one constant: tie the weights before the export, or import it as a recommender.",
});

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
