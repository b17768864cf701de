// Damaged and hostile files over real exports: whatever is wrong, each is one UserError or a graph that all steps of an
// import take. Nothing crashes, hangs or asks for memory that the file does not account for.

import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../base/errors.ts";
import { buildGraph } from "../graph/builder.ts";
import type { Graph, GraphBody } from "../graph/graph.ts";
import { inlineFunctions } from "../graph/inline-functions.ts";
import { printGraph } from "../graph/print.ts";
import { sortNodes } from "../graph/sort.ts";
import { verify } from "../graph/verify.ts";
import { decodeOnnx } from "./decode.ts";
import { encodeOnnx } from "./encode.ts";
import { convertOpset } from "./opset/convert.ts";
import { ModelProto } from "./schema.ts";

const files = ["onnx", "foreign"]
  .flatMap((folder) => readdirSync(`test/fixtures/${folder}`).map((name) => `test/fixtures/${folder}/${name}`))
  .filter((file) => file.endsWith(".onnx"))
  .map((file) => readFileSync(file))
  .filter((bytes) => bytes.length < 10_000);

/** What import does with a file; a UserError is a good end. */
function take(bytes: Uint8Array): void {
  try {
    const graph = decodeOnnx(bytes);
    printGraph(graph);
    decodeOnnx(encodeOnnx(graph));
    verify(graph);
    inlineFunctions(graph);
    convertOpset(graph);
    verify(graph);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message).toMatch(/^\P{Cc}+[.?]$/u);
  }
}

const place = fc.tuple(fc.nat(files.length - 1), fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }));

describe("a file that was damaged", () => {
  test("by changed bytes", () => {
    const flips = fc.tuple(place, fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 3 }));
    fc.assert(
      fc.property(flips, ([[file, at], changes]) => {
        const bytes = Uint8Array.from(files[file]!);
        const start = Math.floor(at * bytes.length);
        for (const [ahead, value] of changes) bytes[(start + ahead) % bytes.length] = value;
        take(bytes);
      }),
      { numRuns: 400 },
    );
  });

  test("by a cut, a hole or a doubled part", () => {
    fc.assert(
      fc.property(place, fc.nat(60), fc.integer({ min: 0, max: 2 }), ([file, at], length, kind) => {
        const bytes = files[file]!;
        const start = Math.floor(at * bytes.length);
        const end = kind === 0 ? bytes.length : start + length;
        take(Buffer.concat([bytes.subarray(0, kind === 2 ? end : start), bytes.subarray(kind === 2 ? start : end)]));
      }),
      { numRuns: 300 },
    );
  });
});

type Part = Record<string, unknown>;

/** Every object of a message, in depth. */
function parts(value: unknown, found: Part[] = []): Part[] {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return found;
  if (!Array.isArray(value)) found.push(value as Part);
  for (const inner of Object.values(value)) parts(inner, found);
  return found;
}

test("a file whose fields were changed to what they may not be", () => {
  const numbers = fc.constantFrom(-1, 0, 1, 7, 2 ** 31, 2 ** 40, "9223372036854775807", "-9223372036854775808");
  const texts = fc.constantFrom("", "x", "y", "../x", "__proto__", "constructor", "Reshape", "If", "é\n");
  fc.assert(
    fc.property(place, fc.nat(), numbers, texts, ([file, at], field, number, text) => {
      const message = ModelProto.toObject(ModelProto.decode(files[file]!), { longs: Number });
      const all = parts(message);
      const part = all[Math.floor(at * all.length)]!;
      const key = Object.keys(part)[field % Math.max(1, Object.keys(part).length)];
      if (key === undefined) return;
      const value = part[key];
      if (typeof value === "number") part[key] = number;
      else if (typeof value === "string") part[key] = text;
      else if (Array.isArray(value) && typeof value[0] === "number") value[0] = number;
      else if (Array.isArray(value) && typeof value[0] === "string") value[0] = text;
      else if (Array.isArray(value)) value.push(...value);
      else delete part[key];
      take(ModelProto.encode(ModelProto.fromObject(message)).finish());
    }),
    { numRuns: 200 },
  );
});

describe("what nobody would write by mistake", () => {
  const inside = (body: GraphBody, name: string): GraphBody => ({
    ...{ name, inputs: [], initializers: new Map(), outputs: body.outputs.map((v) => ({ ...v, name })) },
    nodes: [
      { name, op: "If", domain: "", inputs: ["flag"], outputs: [name], attributes: { then_branch: { graph: body } } },
    ],
  });

  function nested(depth: number): Graph {
    const b = buildGraph("g", 17);
    b.input("flag", "bool", []);
    let body: GraphBody = {
      ...{ name: "leaf", inputs: [], outputs: [{ name: "leaf", dtype: "bool", shape: [] }], initializers: new Map() },
      nodes: [{ name: "leaf", op: "Not", domain: "", inputs: ["flag"], outputs: ["leaf"], attributes: {} }],
    };
    for (let i = 0; i < depth; i++) body = inside(body, `n${i}`);
    return { ...b.graph, nodes: body.nodes, outputs: body.outputs };
  }

  test("graphs in graphs: as deep as any model goes, and no deeper", () => {
    take(encodeOnnx(nested(20)));
    const graph = decodeOnnx(encodeOnnx(nested(20)));
    convertOpset(graph);
    verify(graph);
    // A tag and a length around the file so far, again and again: graph, node, attribute, graph …
    let bytes = Uint8Array.of();
    for (let i = 0; i < 3000; i++) bytes = around([0x32, 0x2a, 0x0a][i % 3]!, bytes);
    expect(() => decodeOnnx(around(0x3a, bytes))).toThrow(/nests graphs too deeply/);
  });

  const around = (tag: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
    const length: number[] = [];
    let n = bytes.length;
    for (; n > 127; n >>>= 7) length.push((n & 127) | 128);
    return Uint8Array.of(tag, ...length, n, ...bytes);
  };

  test("a chain of nodes that is long, backwards, or closed", () => {
    const b = buildGraph("g", 21);
    b.input("v0", "float32", [2]);
    for (let i = 0; i < 20_000; i++) b.node("Neg", [`v${i}`], {}, `v${i + 1}`);
    b.output("v20000", "float32", [2]);
    verify(b.graph);
    b.graph.nodes.reverse();
    expect(() => verify(b.graph)).toThrow(/reads "v19999", which nothing before it writes/);
    sortNodes(b.graph);
    verify(b.graph);
    b.graph.nodes[0]!.inputs = ["v20000"];
    expect(() => verify(b.graph)).toThrow(/depends on itself/);
  });

  test("a tensor of a terabyte beside the model asks for no memory of ours", () => {
    const tensor = {
      ...{ name: "t", dims: [2 ** 38], data_type: 1 },
      external_data: [{ key: "location", value: "weights.bin" }],
    };
    const model = ModelProto.encode({ opset_import: [{ version: 17 }], graph: { initializer: [tensor] } }).finish();
    expect(() => decodeOnnx(model, "m.onnx", () => new Uint8Array(8))).toThrow(/has 8 of its 1099511627776 bytes/);
  });
});
