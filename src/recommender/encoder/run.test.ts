// Whole encoders: one request, many, and the ONNX export agree; what comes from a file is refused before it runs.

import fc from "fast-check";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, test } from "vitest";
import { fromRows } from "../../../test/boards.ts";
import { UserError } from "../../base/errors.ts";
import { createRng } from "../../base/rng.ts";
import { type Interactions, sequenceOf } from "../../data/interactions.ts";
import { causalBias, layerNorm, transformerBlock } from "../../engine/layers/attention.ts";
import { normal } from "../../engine/layers/init.ts";
import { answeringGraph, learningModel, type SequenceBody } from "../../engine/sequences/sequence-model.ts";
import { toEncoder } from "../../engine/sequences/to-encoder.ts";
import { float32, int64 } from "../../graph/tensor.ts";
import type { TablePass } from "../../kinds/pass.ts";
import { openKernels } from "../../node/threads.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { all as passes } from "../../passes/index.ts";
import { f32Table, type Table } from "../../tables/table.ts";
import { checkRecommender } from "../check.ts";
import { lowerToOnnx } from "../lower.ts";
import { recommendAll } from "../recommend-all.ts";
import type { Recommender } from "../recommender.ts";
import { openScorer, scorerBytes } from "../scorer.ts";
import type { Encoder, EncoderNode } from "./encoder.ts";
import { checkEncoder, encoderCost } from "./run.ts";

const kernels = await openKernels(2);
afterAll(() => kernels.close());

const [items, d, length] = [30, 16, 6];
const rng = createRng("encoders");
const random = (rows: number, cols: number) =>
  f32Table(
    rows,
    cols,
    Float32Array.from({ length: rows * cols }, () => rng.normal() / 4),
  );

function encoderOf(body: SequenceBody): Encoder {
  const start = { d, length, items, itemInit: normal(0.1), rng: createRng("weights") };
  return toEncoder(answeringGraph(body, start, learningModel(body, start).graph), { length, width: d, d });
}

/** Blocks of two heads over places counted from the last, as SASRec has. */
const attention = encoderOf((c) => {
  const all = c.weight("positions", [length, d], normal(1));
  const positions = c.g.node("Slice", [all, c.g.neg(c.places), c.g.ints(length), c.g.ints(0)]);
  const x = c.g.add(c.rows, positions);
  return layerNorm(c, transformerBlock(c, x, causalBias(c), { heads: 2, dropout: 0.5, name: "block" }), "norm");
});

const node = (op: string, inputs: string[], outputs: string[], attributes: EncoderNode["attributes"] = {}) => ({
  ...{ op, inputs, outputs, attributes },
});
const weight = (dims: readonly number[]) =>
  float32(
    dims,
    Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => rng.normal() / 3),
  );

/** A pool of rows wider than the query, as a variational autoencoder has. */
const width = 20;
const pooled: Encoder = {
  ...{ length, width, d },
  nodes: [
    node("ReduceSum", ["mask", "axis"], ["count"], { keepdims: 1 }),
    node("Max", ["count", "one"], ["some"]),
    node("Sqrt", ["some"], ["root"]),
    node("ReduceSum", ["rows", "axis"], ["sum"], { keepdims: 0 }),
    node("Div", ["sum", "root"], ["mean"]),
    node("Tanh", ["mean"], ["hidden"]),
    node("Gemm", ["hidden", "w", "b"], ["query"]),
  ],
  weights: { axis: int64(1), one: float32([], Float32Array.of(1)), w: weight([width, d]), b: weight([d]) },
};

/** A GRU without biases, whose state stays 0 while its input is. */
const recurrent: Encoder = {
  ...{ length, width: d, d },
  nodes: [
    node("Transpose", ["rows"], ["steps"], { perm: [1, 0, 2] }),
    node("GRU", ["steps", "w", "r"], ["", "last"], { hidden_size: d, linear_before_reset: 1 }),
    node("Squeeze", ["last", "axis"], ["query"]),
  ],
  weights: { axis: int64(0), w: weight([1, 3 * d, d]), r: weight([1, 3 * d, d]) },
};

/** Users whose histories are empty, short, as long as the encoder reads and longer, in an order that is not the items'. */
const histories: Interactions = (() => {
  const rows = [0, 1, 3, length, length + 5, 2].map((n) =>
    [...rng.shuffle(Int32Array.from({ length: items }, (_, i) => i))].slice(0, n).sort((a, b) => a - b),
  );
  const board = fromRows(rows, items);
  return { ...board, times: Float64Array.from(board.indices, () => Math.floor(rng.uniform() * 9)) };
})();

async function encoded(name: string, table: Table): Promise<Table> {
  const pass = (passes as readonly unknown[] as readonly TablePass[]).find((one) => one.name === name);
  if (!pass) return table;
  const result = await pass.encode(table, pass.options.parse({}), { kernels, rng: createRng(1) }, "item");
  return "refused" in result ? table : result;
}

/** The export's scores of a history with so many places of padding before it. */
async function openExport(recommender: Recommender) {
  const session = await InferenceSession.create(encodeOnnx(lowerToOnnx(recommender)), { intraOpNumThreads: 1 });
  return async (history: Int32Array, padding: number) => {
    const ids = BigInt64Array.from([...new Array<number>(padding).fill(-1), ...history], BigInt);
    const { scores } = await session.run({ history: new Tensor("int64", ids, [1, ids.length]) });
    return scores!.data as Float32Array;
  };
}

function expectClose(ours: ArrayLike<number>, theirs: ArrayLike<number>) {
  expect(ours).toHaveLength(theirs.length);
  const most = Math.max(1e-3, ...Array.from(theirs, Math.abs));
  for (let i = 0; i < ours.length; i++) expect(Math.abs(ours[i]! - theirs[i]!)).toBeLessThan(1e-4 * most);
}

describe.each(["f32", "fp16", "bf16", "int8-row", "int4-row"])("tables in %s", (encoding) => {
  test.each(Object.entries({ attention, pooled, recurrent }))("%s", async (name, encoder) => {
    const tables = {
      item: await encoded(encoding, random(items, d)),
      ...(name === "pooled" && {
        history: await encoded(encoding, random(items, width)),
        bias: random(1, items),
        gain: random(1, items),
      }),
    };
    const recommender: Recommender = { query: "history", pool: "sum", items, encoder, tables };
    checkRecommender(recommender);
    const users = Int32Array.from({ length: histories.users }, (_, u) => u);
    const exclude = fromRows(
      [...users].map(() => []),
      items,
    );
    const lists = await recommendAll(kernels, recommender, { users, histories, exclude, k: items });
    const scorer = openScorer(kernels, recommender);
    const exported = await openExport(recommender);
    for (const user of users) {
      const sequence = sequenceOf(histories, user);
      const ours = scorer.score({ history: sequence }).slice();
      const many = new Float32Array(items);
      for (let at = user * items; at < (user + 1) * items; at++) many[lists.items[at]!] = lists.scores[at]!;
      expectClose(many, ours);
      const latest = sequence.slice(-length);
      // An empty history is a row of padding: a sequence of no places has no last one.
      for (const padding of [latest.length ? 0 : 1, length - latest.length]) {
        expectClose(await exported(latest, padding), ours);
      }
    }
    scorer.free();
  });
});

test("the latest items count, in their order", () => {
  const recommender: Recommender = {
    ...{ query: "history", pool: "sum", items, encoder: attention },
    tables: { item: random(items, d) },
  };
  const scorer = openScorer(kernels, recommender);
  const score = (history: number[]) => [...scorer.score({ history: Int32Array.from(history) })];
  expect(score([9, 8, 7, 6, 5, 4, 3, 2, 1])).toEqual(score([6, 5, 4, 3, 2, 1]));
  expect(score([1, 2, 3])).not.toEqual(score([2, 1, 3]));
  scorer.free();
});

test.each(Object.entries({ attention, pooled, recurrent }))(
  "%s takes no more kernel memory than it says",
  (_, encoder) => {
    const recommender: Recommender = {
      ...{ query: "history", pool: "sum", items, encoder },
      tables: { item: random(items, d), history: random(items, encoder.width) },
    };
    let [bytes, most] = [0, 0];
    const counting = new Proxy(kernels, {
      get(target, name: keyof typeof kernels) {
        if (name !== "scope") return target[name];
        return () => {
          const scope = target.scope();
          let own = 0;
          const counted = <A extends { byteLength: number }>(array: A): A => {
            own += Math.ceil(array.byteLength / 64) * 64;
            bytes += Math.ceil(array.byteLength / 64) * 64;
            most = Math.max(most, bytes);
            return array;
          };
          return {
            ...{ f32: (n: number) => counted(scope.f32(n)), i32: (n: number) => counted(scope.i32(n)) },
            ...{ u8: (n: number) => counted(scope.u8(n)), copy: (a: Float32Array) => counted(scope.copy(a)) },
            free() {
              bytes -= own;
              scope.free();
            },
          };
        };
      },
    });
    const scorer = openScorer(counting, recommender);
    scorer.recommend({ history: Int32Array.from({ length }, (_, i) => i) }, 5);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(scorerBytes(recommender));
    scorer.free();
  },
);

describe("an encoder from a file", () => {
  const change = (changes: Partial<Encoder>): Encoder => ({ ...pooled, ...changes });
  const first = (changes: Partial<EncoderNode>) =>
    change({ nodes: [{ ...pooled.nodes[0]!, ...changes }, ...pooled.nodes.slice(1)] });
  test.each<[string, Encoder, RegExp]>([
    ["an operator that is none", first({ op: "Loop" }), /Loop is not an operator of encoders/],
    ["an operator of all objects", first({ op: "constructor" }), /constructor is not an operator/],
    ["a value from later", first({ inputs: ["query", "axis"] }), /reads "query", which nothing before it writes/],
    ["a value of itself", first({ inputs: ["count", "axis"] }), /reads "count", which nothing before/],
    ["a weight that is missing", change({ weights: {} }), /reads "axis", which nothing/],
    ["a value written twice", first({ outputs: ["w"] }), /writes "w" a second time/],
    ["an input written over", first({ outputs: ["rows"] }), /writes "rows" a second time/],
    ["a weight in an input's place", change({ weights: { ...pooled.weights, rows: weight([1]) } }), /called "rows"/],
    ["too few inputs", first({ inputs: [] }), /ReduceSum reads ;/],
    ["an axis that is not there", change({ weights: { ...pooled.weights, axis: int64(5) } }), /has no axis 5 of 2/],
    [
      "matrices that do not meet",
      change({ weights: { ...pooled.weights, w: weight([d, d]) } }),
      /Gemm of \[1, 20\] and/,
    ],
    ["a query of another width", change({ d: 3 }), /must write a query of \[1, 3\] numbers, got one of \[1, 16\]/],
    ["no query", change({ nodes: pooled.nodes.slice(0, -1) }), /must write a query of \[1, 16\] numbers, got none/],
    [
      "an attribute that changes the meaning",
      first({ attributes: { keepdims: 1, noop_with_empty_axes: 1 } }),
      /has noop/,
    ],
    ["no length", change({ length: 0 }), /must be 1 or more, got 0/],
    ["a length beyond all memory", change({ length: 2 ** 40 }), /makes numbers of/],
  ])("%s", (_, encoder, message) => {
    expect(() => checkEncoder(encoder)).toThrow(message);
    expect(() => checkEncoder(encoder)).toThrow(UserError);
  });

  test("doubling itself until memory ends", () => {
    const doubled = Array.from({ length: 60 }, (_, i) =>
      node("Concat", [i ? `x${i}` : "rows", i ? `x${i}` : "rows"], [`x${i + 1}`], { axis: 1 }),
    );
    expect(() => checkEncoder(change({ nodes: [...doubled, ...pooled.nodes] }))).toThrow(UserError);
  });

  test("any change of any part is refused in a sentence or costs what it says", () => {
    const source = [attention, pooled, recurrent];
    const value = fc.oneof(fc.constantFrom("", "rows", "mask", "query", "axis"), fc.integer({ min: -3, max: 9 }));
    const mutation = fc.record({ which: fc.nat(2), at: fc.nat(99), what: fc.nat(4), slot: fc.nat(5), value });
    fc.assert(
      fc.property(mutation, ({ which, at, what, slot, value }) => {
        const encoder = structuredClone(source[which]!) as unknown as {
          nodes: { op: string; inputs: string[]; outputs: string[]; attributes: Record<string, unknown> }[];
          weights: Record<string, { dims: number[] }>;
        };
        const one = encoder.nodes[at % encoder.nodes.length]!;
        if (what === 0) one.inputs[slot % (one.inputs.length + 1)] = String(value);
        if (what === 1) one.outputs[0] = String(value);
        if (what === 2) one.op = encoder.nodes[slot % encoder.nodes.length]!.op;
        if (what === 3)
          one.attributes[["axis", "perm", "start", "transA"][slot % 4]!] = slot % 4 === 1 ? [value, 0] : value;
        const weights = Object.values(encoder.weights).filter(({ dims }) => dims.length > 1);
        if (what === 4 && weights.length) weights[at % weights.length]!.dims.reverse();
        try {
          expect(encoderCost(encoder as unknown as Encoder).numbers).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 600 },
    );
  });
});
