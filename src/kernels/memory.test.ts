import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Heap, openScope } from "./memory.ts";

const memory = (pages = 1, maximum = 64) => new WebAssembly.Memory({ initial: pages, maximum });
const rounded = (bytes: number) => Math.max(64, Math.ceil(bytes / 64) * 64);

/** A walk of allocations and releases: a number allocates that many bytes, `free` gives back one of the live blocks. */
const walk = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ bytes: fc.nat(3000) }) },
    { weight: 2, arbitrary: fc.record({ free: fc.nat() }) },
  ),
  { maxLength: 80 },
);

describe("Heap", () => {
  test("blocks are aligned, inside the memory, after the base, and never overlap", () => {
    fc.assert(
      fc.property(walk, fc.nat(1000), (steps, base) => {
        const heap = new Heap(memory(), base, true);
        const live: { at: number; bytes: number }[] = [];
        for (const step of steps) {
          if ("free" in step) {
            const [block] = live.length ? live.splice(step.free % live.length, 1) : [];
            if (block) heap.release(block.at, block.bytes);
            continue;
          }
          const block = { at: heap.alloc(step.bytes), bytes: step.bytes };
          expect(block.at % 64).toBe(0);
          expect(block.at).toBeGreaterThanOrEqual(base);
          expect(block.at + block.bytes).toBeLessThanOrEqual(heap.memory.buffer.byteLength);
          for (const other of live) {
            const apart = block.at + block.bytes <= other.at || other.at + rounded(other.bytes) <= block.at;
            expect(apart, `${JSON.stringify(block)} overlaps ${JSON.stringify(other)}`).toBe(true);
          }
          live.push(block);
        }
      }),
    );
  });

  test("the peak is how far blocks have reached, freed ones too", () => {
    const heap = new Heap(memory(), 100, true);
    expect(heap.peak).toBe(0);
    const [a, b] = [heap.alloc(100), heap.alloc(64)];
    expect(heap.peak).toBe(128 + 64);
    heap.release(b, 64);
    heap.release(a, 100);
    heap.alloc(10);
    expect(heap.peak).toBe(128 + 64);
  });

  test("once all is released, in whatever order, the next block starts where the first did", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(3000), { minLength: 1, maxLength: 30 }).chain((sizes) =>
          fc.tuple(
            fc.constant(sizes),
            fc.shuffledSubarray(
              sizes.map((_, i) => i),
              { minLength: sizes.length },
            ),
          ),
        ),
        ([sizes, order]) => {
          const heap = new Heap(memory(), 100, true);
          const blocks = sizes.map((bytes) => ({ at: heap.alloc(bytes), bytes }));
          for (const i of order) heap.release(blocks[i]!.at, blocks[i]!.bytes);
          const grown = heap.memory.buffer.byteLength;
          const whole = sizes.reduce((sum, bytes) => sum + rounded(bytes), 0);
          expect(heap.alloc(whole)).toBe(blocks[0]!.at);
          expect(heap.memory.buffer.byteLength).toBe(grown);
        },
      ),
    );
  });

  test("a hole between live blocks is used again, and neighbouring holes as one", () => {
    const heap = new Heap(memory(), 0, true);
    const at = [0, 1, 2, 3].map(() => heap.alloc(128));
    heap.release(at[1]!, 128);
    heap.release(at[2]!, 128);
    expect(heap.alloc(256)).toBe(at[1]);
    expect(heap.alloc(64)).toBe(at[3]! + 128);
  });

  test("grows by pages when it may, says so in words when it may not or cannot", () => {
    const heap = new Heap(memory(1, 2), 0, true);
    heap.alloc(100_000);
    expect(heap.memory.buffer.byteLength).toBe(131_072);
    expect(() => heap.alloc(100_000)).toThrow("100032 more bytes do not fit beside the 100032 in use");
    expect(heap.alloc(64)).toBe(100_032);
    expect(() => new Heap(memory(), 0, false).alloc(100_000)).toThrow("this memory has a fixed size");
  });
});

describe("Scope", () => {
  test("hands out zeroed arrays whose byteOffset is their address", () => {
    const heap = new Heap(memory(), 64, true);
    const first = openScope(heap);
    first.u8(4096).fill(255);
    first.free();
    const scope = openScope(heap);
    const arrays = [scope.f32(7), scope.f64(7), scope.i32(7), scope.u32(7), scope.u8(7)];
    for (const array of arrays) {
      expect(array.length).toBe(7);
      expect(array.every((x) => x === 0)).toBe(true);
      expect(array.buffer).toBe(heap.memory.buffer);
    }
    scope.free();
    const again = openScope(heap);
    expect(again.f32(7).byteOffset).toBe(arrays[0]!.byteOffset);
    again.free();
  });

  test("copies every element type, of length 0 too", () => {
    const scope = openScope(new Heap(memory(), 0, true));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.float32Array({ maxLength: 40 }),
          fc.float64Array({ maxLength: 40 }),
          fc.int32Array({ maxLength: 40 }),
          fc.uint32Array({ maxLength: 40 }),
          fc.uint8Array({ maxLength: 40 }),
        ),
        (values) => {
          const inside = scope.copy(values);
          expect(inside.constructor).toBe(values.constructor);
          expect(inside).toEqual(values);
          expect(inside.buffer).not.toBe(values.buffer);
        },
      ),
    );
    scope.free();
  });

  test("free() twice gives each block back once", () => {
    const heap = new Heap(memory(), 0, true);
    const scope = openScope(heap);
    scope.f32(16);
    scope.free();
    const other = openScope(heap);
    const kept = other.f32(16);
    scope.free();
    expect(openScope(heap).f32(16).byteOffset).not.toBe(kept.byteOffset);
  });
});
