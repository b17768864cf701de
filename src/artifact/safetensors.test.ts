import fc from "fast-check";
import { expect, test } from "vitest";
import { UserError } from "../base/errors.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

/** A file of this header and this many bytes after it. */
function fileOf(header: unknown, bodyBytes: number, headerBytes?: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + bodyBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes ?? json.length), true);
  file.set(json, 8);
  return file;
}

const f32 = (start: number, end: number, length = (end - start) / 4) => ({
  dtype: "F32",
  shape: [length],
  data_offsets: [start, end],
});

test("what is written reads as it was, aligned, with a header of whole 8 bytes", () => {
  const tensor = fc.oneof(fc.uint8Array(), fc.float32Array(), fc.int32Array(), fc.uint16Array());
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), tensor, { noNullPrototype: true }), (tensors) => {
      const named = new Map(
        Object.entries(tensors).filter(([name]) => name !== "__proto__" && name !== "__metadata__"),
      );
      const file = writeSafetensors(named);
      expect(Number(new DataView(file.buffer).getBigUint64(0, true)) % 8).toBe(0);
      expect(readSafetensors(file, "x")).toEqual(named);
    }),
  );
});

test("the bytes are those of the format", () => {
  const file = writeSafetensors(new Map([["t", Uint8Array.of(1, 2, 3)]]));
  const header = '{"t":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}   ';
  expect(new TextDecoder().decode(file.subarray(8, 64))).toBe(header);
  expect([...file.subarray(0, 8), ...file.subarray(64)]).toEqual([56, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]);
});

test.each([
  ["shorter than its length field", Uint8Array.of(1, 2, 3)],
  ["a header longer than the file", fileOf({}, 0, 200)],
  ["a huge header", fileOf({}, 0, 2 ** 50)],
  ["no JSON", fileOf("{", 0)],
  ["no object", fileOf([], 0)],
  ["an unknown dtype", fileOf({ a: { ...f32(0, 4), dtype: "F64" } }, 4)],
  ["two dimensions", fileOf({ a: { ...f32(0, 4), shape: [1, 1] } }, 4)],
  ["a negative offset", fileOf({ a: f32(-4, 0) }, 4)],
  ["an offset out of bounds", fileOf({ a: f32(0, 400) }, 4)],
  ["offsets that do not fit the shape", fileOf({ a: f32(0, 8, 1) }, 8)],
  ["tensors that overlap", fileOf({ a: f32(0, 8), b: f32(4, 12) }, 12)],
  ["a gap", fileOf({ a: f32(0, 4), b: f32(8, 12) }, 12)],
  ["bytes of no tensor", fileOf({ a: f32(0, 4) }, 8)],
  ["an entry that is no object", fileOf({ a: null }, 0)],
])("a file with %s is one UserError", (_, file) => {
  expect(() => readSafetensors(file, "tables.safetensors")).toThrow(UserError);
  expect(() => readSafetensors(file, "tables.safetensors")).toThrow(/^tables.safetensors: .*damaged.*\.$/);
});
