import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quantisedTable, toHalf } from "../../test/reference-rows.ts";
import { UserError } from "../base/errors.ts";
import { createRng } from "../base/rng.ts";
import { codebookTable } from "./codebook.ts";
import { columnCodesTable } from "./column-codes.ts";
import { checkTable, decodeRow, decodeTable, rowReader } from "./decode.ts";
import { decodeGaps, encodeGaps } from "./gaps.ts";
import { fromHalf } from "./half.ts";
import { levelsRowTable } from "./levels-row.ts";
import { decodeRans, encodeRans } from "./rans.ts";
import { decodeSparse, sparseTable } from "./sparse.ts";
import { f32Table, type Table, tableBytes } from "./table.ts";
import { turnedTable } from "./turned.ts";
import { vectorTable } from "./vector-codes.ts";

const finite = { noNaN: true, noDefaultInfinity: true };
const matrix = fc
  .record({ rows: fc.integer({ min: 0, max: 9 }), cols: fc.integer({ min: 1, max: 70 }) })
  .chain(({ rows, cols }) =>
    fc
      .array(fc.float({ ...finite, min: -100, max: 100 }), { minLength: rows * cols, maxLength: rows * cols })
      .map((numbers) => ({ rows, cols, dense: Float32Array.from(numbers) })),
  );

/** CSR of the numbers of a dense matrix that are not 0. */
function csr({ rows, cols, dense }: { rows: number; cols: number; dense: Float32Array }) {
  const indptr = new Int32Array(rows + 1);
  const indices: number[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) if (dense[r * cols + c] !== 0) indices.push(c);
    indptr[r + 1] = indices.length;
  }
  return { indptr, indices: Int32Array.from(indices), values: dense.filter((x) => x !== 0) };
}

test("binary16 to binary32 and back is the identity on all 65,536 patterns", () => {
  for (let bits = 0; bits < 65536; bits++) {
    const number = fromHalf(bits);
    if (!Number.isNaN(number)) expect(toHalf(number)).toBe(bits);
  }
  expect([0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00].map(fromHalf)).toEqual([
    1,
    -2,
    65504,
    2 ** -24,
    Number.POSITIVE_INFINITY,
  ]);
});

test("rANS returns what it was given, for every alphabet", () => {
  const streams = fc
    .integer({ min: 1, max: 256 })
    .chain((alphabet) => fc.tuple(fc.constant(alphabet), fc.uint8Array({ max: alphabet - 1, maxLength: 2000 })));
  fc.assert(
    fc.property(streams, ([alphabet, symbols]) => {
      expect(decodeRans(encodeRans(symbols, alphabet), symbols.length, alphabet, "x")).toEqual(symbols);
    }),
  );
});

test("rANS comes within 1 % and its header of the entropy", () => {
  const rng = createRng(1);
  const symbols = Uint8Array.from({ length: 100_000 }, () => Math.min(15, Math.abs(Math.round(rng.normal() * 3))));
  const counts = new Map<number, number>();
  for (const s of symbols) counts.set(s, (counts.get(s) ?? 0) + 1);
  let bits = 0;
  for (const n of counts.values()) bits -= n * Math.log2(n / symbols.length);
  expect(encodeRans(symbols, 16).length).toBeLessThan((bits / 8) * 1.01 + 40);
});

test("gaps return what they were given, up to 2^32 - 1", () => {
  const gaps = fc.array(fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 5000 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })));
  fc.assert(
    fc.property(gaps, (numbers) => {
      const list = Uint32Array.from(numbers);
      expect(decodeGaps(encodeGaps(list), list.length, "x")).toEqual(list);
    }),
  );
});

test("gaps cost at most 1 % more than the entropy of a geometric distribution", () => {
  const rng = createRng(2);
  // A tenth of all places kept: H(0.1) / 0.1 = 4.69 bits a kept number.
  const gaps = Uint32Array.from({ length: 100_000 }, () => Math.floor(Math.log(1 - rng.uniform()) / Math.log(0.9)));
  expect(encodeGaps(gaps).length * 8).toBeLessThan(gaps.length * 4.69 * 1.01);
});

describe("row formats", () => {
  for (const bits of [8, 4, 2] as const) {
    test(`int${bits}-row decodes to within half a step, and rows alone equal rows together`, () => {
      fc.assert(
        fc.property(matrix, ({ rows, cols, dense }) => {
          const table = quantisedTable(bits, rows, cols, dense, fromHalf);
          const decoded = decodeTable(table);
          for (let r = 0; r < rows; r++) {
            const row = dense.subarray(r * cols, (r + 1) * cols);
            const [min, max] = [Math.min(...row), Math.max(...row)];
            // Half a step, and for binary16 scale and bias their rounding (2^-11 of each, 200 at most here).
            const allowed = (max - min) / (2 ** bits - 1) / 2 + (bits === 8 ? 1e-4 : 0.3);
            for (const [c, x] of row.entries())
              expect(Math.abs(decoded[r * cols + c]! - x)).toBeLessThanOrEqual(allowed);
            expect(decodeRow(table, r)).toEqual(decoded.slice(r * cols, (r + 1) * cols));
          }
        }),
        { numRuns: 50 },
      );
    });
  }
  test("take FBGEMM's bytes: d = 64 is 72, 36 and 20 bytes a row", () => {
    const sizes = ([8, 4, 2] as const).map((b) =>
      tableBytes(quantisedTable(b, 10, 64, new Float32Array(640), fromHalf)),
    );
    expect(sizes).toEqual([720, 360, 200]);
    expect(tableBytes(quantisedTable(4, 10, 7, new Float32Array(70), fromHalf))).toBe(80);
  });
  test("read low nibbles first, then scale, then bias", () => {
    const data = Uint8Array.of(0x21, 0x0f, 0x00, 0x38, 0x00, 0xbc); // 1, 2, 15 · 0.5 - 1
    const table = { encoding: "int4-row", rows: 1, cols: 3, tensors: { data } };
    expect([...decodeTable(table)]).toEqual([-0.5, 0, 6.5]);
  });
});

test("codebook decodes to the levels of its indices, in f32 and f16", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.integer({ min: 1, max: 256 }), (raw, size) => {
      const indices = raw.map((i) => i % size);
      const levels = Float32Array.from({ length: size }, (_, i) => i / 8 - 3);
      const expected = Float32Array.from(indices, (i) => levels[i]!);
      expect(decodeTable(codebookTable(1, indices.length, levels, indices))).toEqual(expected);
      const halves = Uint16Array.from(levels, toHalf);
      expect(decodeTable(codebookTable(indices.length, 1, halves, indices))).toEqual(expected);
    }),
  );
});

test("sparse keeps exactly the numbers it is given, and decodes as CSR and dense", () => {
  fc.assert(
    fc.property(matrix, fc.integer({ min: 0, max: 100 }), ({ rows, cols, dense }, limit) => {
      const pruned = { rows, cols, dense: dense.map((x) => (Math.abs(x) < limit ? 0 : x)) };
      const table = sparseTable(rows, cols, csr(pruned));
      expect(decodeTable(table)).toEqual(pruned.dense.map((x) => x + 0));
      expect(decodeSparse(table)).toEqual(csr(pruned));
      if (rows > 1) expect(decodeRow(table, 1)).toEqual(decodeTable(table).slice(cols, 2 * cols));
    }),
  );
});

test("levels-row decodes to scale times level, for every number of levels, with scales in two bytes or one", () => {
  const shapes = fc.record({
    base: fc.integer({ min: 2, max: 16 }),
    rows: fc.nat(6),
    cols: fc.integer({ min: 1, max: 20 }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(shapes, ({ base, rows, cols, seed }) => {
      const draw = createRng(seed);
      const levels = Uint16Array.from({ length: base }, () => toHalf(draw.normal()));
      const indices = Uint8Array.from({ length: rows * cols }, () => draw.below(base));
      const bytes = Uint8Array.from({ length: rows }, () => draw.below(256));
      const range = Float32Array.of(0.5, 0.25);
      const wide = { scales: Uint16Array.from(bytes, (b) => toHalf(0.5 + b * 0.25)) };
      const expected = Float32Array.from(
        indices,
        (k, i) => (0.5 + bytes[Math.floor(i / cols)]! * 0.25) * fromHalf(levels[k]!),
      );
      for (const scales of [wide, { scales: bytes, range }]) {
        const table = levelsRowTable(rows, cols, levels, scales, indices);
        expect(decodeTable(table)).toEqual(expected);
        if (rows > 1) expect(decodeRow(table, 1)).toEqual(expected.slice(cols, 2 * cols));
      }
    }),
  );
});

test("levels-row packs 8, 5, 4, 3 and 2 digits a byte, the first the least", () => {
  const one = (base: number, digits: number[]) => {
    const scales = { scales: Uint16Array.of(0x3c00) };
    return levelsRowTable(1, digits.length, new Uint16Array(base), scales, Uint8Array.from(digits)).tensors["data"];
  };
  expect(one(2, [1, 0, 1, 1, 0, 0, 0, 0, 1])).toEqual(Uint8Array.of(0b1101, 1));
  expect(one(3, [2, 1, 0, 0, 1, 2])).toEqual(Uint8Array.of(2 + 3 + 81, 2));
  expect(one(4, [3, 2, 0, 1])).toEqual(Uint8Array.of(0b01_00_10_11));
  expect(one(6, [5, 5, 5, 1])).toEqual(Uint8Array.of(215, 1));
  expect(one(16, [15, 2, 7])).toEqual(Uint8Array.of(0x2f, 7));
});

test("codebooks of 8 bits lie around 128, with a scale for each", () => {
  const books = [
    { numbers: Uint8Array.of(128, 129, 1, 255), scale: 0.5 },
    { numbers: Uint8Array.of(0, 127, 130, 128), scale: 2 },
  ];
  const codes = Uint8Array.of(0, 1, 1, 0);
  expect([...decodeTable(vectorTable("pq", [2, 4], 2, codes, books))]).toEqual([0, 0.5, 4, 0, -63.5, 63.5, -256, -2]);
  expect([...decodeTable(vectorTable("rq", [2, 2], 2, codes, books))]).toEqual([4, 0.5, -319.5, 61.5]);
});

test("turned rows are those within times the rotation", () => {
  const values = f32Table(2, 2, Float32Array.of(1, 2, -3, 0));
  const halves = { numbers: Uint16Array.from([0, 0.5, -1, 2], toHalf) };
  expect([...decodeTable(turnedTable(values, halves))]).toEqual([-2, 4.5, 0, -1.5]);
  const bytes = turnedTable(values, { numbers: Uint8Array.of(128, 129, 126, 132), scale: 0.5 });
  expect([...decodeTable(bytes)]).toEqual([-2, 4.5, 0, -1.5]);
  expect([...decodeRow(bytes, 1)]).toEqual([0, -1.5]);
  const fails = (table: Table, message: RegExp) => expect(() => checkTable(table)).toThrow(message);
  fails(
    { ...bytes, values: f32Table(2, 1, new Float32Array(2)) },
    /its values are missing, not dense or of another shape/,
  );
  fails({ ...bytes, values: bytes }, /its values are missing, not dense or of another shape/);
  fails({ ...bytes, tensors: { rotation: new Uint8Array(4) } }, /"scale" is missing/);
  fails({ ...bytes, tensors: { rotation: new Uint16Array(3) } }, /must hold 4 numbers/);
});

test("column-codes decodes each column by its own levels, times the row's scale where there is one", () => {
  const shapes = fc.record({
    rows: fc.nat(9),
    cols: fc.integer({ min: 1, max: 12 }),
    scaled: fc.boolean(),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(shapes, ({ rows, cols, scaled, seed }) => {
      const draw = createRng(seed);
      const columns = Array.from({ length: cols }, () => {
        const count = 1 + draw.below(draw.below(4) ? 4 : 255);
        const levels = Uint16Array.from({ length: count }, () => toHalf(draw.normal()));
        return { levels, indices: Uint8Array.from({ length: rows }, () => draw.below(count)) };
      });
      const scales = Uint16Array.from({ length: rows }, () => toHalf(draw.uniform()));
      const table = columnCodesTable(rows, columns, scaled ? { scales } : undefined);
      const expected = Float32Array.from({ length: rows * cols }, (_, i) => {
        const { levels, indices } = columns[i % cols]!;
        const row = Math.floor(i / cols);
        return fromHalf(levels[indices[row]!]!) * (scaled ? fromHalf(scales[row]!) : 1);
      });
      expect(decodeTable(table)).toEqual(expected);
      if (rows > 1) expect(decodeRow(table, 1)).toEqual(expected.slice(cols, 2 * cols));
      if (rows > 1) expect(rowReader(table)(1)).toEqual(expected.slice(cols, 2 * cols));
    }),
  );
});

describe("hostile tables are one clear UserError", () => {
  const dense = Float32Array.from({ length: 640 }, (_, i) => Math.sin(i));
  const kept = sparseTable(10, 64, csr({ rows: 10, cols: 64, dense: dense.map((x) => (x < 0.5 ? 0 : x)) }));
  const sound: Table[] = [
    f32Table(10, 64, dense),
    { encoding: "f16", rows: 10, cols: 64, tensors: { data: Uint16Array.from(dense, toHalf) } },
    { encoding: "bf16", rows: 10, cols: 64, tensors: { data: new Uint16Array(640) } },
    ...([8, 4, 2] as const).map((bits) => quantisedTable(bits, 10, 64, dense, fromHalf)),
    codebookTable(
      10,
      64,
      dense.slice(0, 20),
      Uint8Array.from(dense, (_, i) => (i * i) % 20),
    ),
    levelsRowTable(
      10,
      64,
      Uint16Array.of(toHalf(-1), 0, toHalf(1)),
      { scales: new Uint16Array(10) },
      new Uint8Array(640),
    ),
    columnCodesTable(
      10,
      Array.from({ length: 64 }, () => ({ levels: new Uint16Array(2), indices: new Uint8Array(10).fill(1, 5) })),
      { scales: new Uint8Array(10), range: new Float32Array(2) },
    ),
    kept,
  ];
  const fails = (table: Table, message: RegExp) => {
    expect(() => decodeTable(table)).toThrow(UserError);
    expect(() => decodeTable(table)).toThrow(message);
  };
  for (const table of sound) {
    test(`${table.encoding}: wrong shape, missing, extra and wrong tensors`, () => {
      expect(() => checkTable(table)).not.toThrow();
      // More rows are sound where the others are empty.
      fails({ ...table, rows: table === kept ? 3 : table.rows + 7 }, /must hold|damaged|cannot keep/);
      fails({ ...table, rows: -1 }, /rows must be/);
      fails({ ...table, cols: 0.5 }, /cols must be/);
      fails({ ...table, tensors: {} }, /is missing/);
      fails({ ...table, tensors: { ...table.tensors, more: new Uint8Array(1) } }, /does not belong/);
      const wrong = Object.fromEntries(Object.keys(table.tensors).map((name) => [name, new Int32Array(640)]));
      fails({ ...table, tensors: wrong }, /wrong number type/);
    });
  }
  test("levels-row: too few or too many levels, and whatever bytes", () => {
    const table = sound.find(({ encoding }) => encoding === "levels-row")!;
    const of = (levels: number) => ({
      ...table,
      cols: 0,
      tensors: { ...table.tensors, levels: new Uint16Array(levels), data: new Uint8Array(0) },
    });
    fails(of(1), /it has 2 to 16 levels, got 1/);
    fails(of(17), /it has 2 to 16 levels, got 17/);
    const data = (table.tensors["data"] as Uint8Array).map((_, i) => i * 7);
    const scales = new Uint16Array(10).fill(0x3c00);
    const read = decodeTable({ ...table, tensors: { ...table.tensors, data, scales } });
    expect(read.every((x) => [-1, 0, 1].includes(x))).toBe(true);
  });
  test("pq whose layout does not fit", () => {
    const books = Array.from({ length: 3 }, () => ({ numbers: new Uint16Array(4 * 2) }));
    const table = vectorTable("pq", [10, 6], 3, new Uint8Array(30).fill(255), books);
    expect(decodeTable(table)).toEqual(new Float32Array(60));
    const of = (...layout: number[]) => ({ ...table, tensors: { ...table.tensors, layout: Int32Array.from(layout) } });
    for (const layout of [
      [2, 4, 3],
      [0, 4, 3],
      [3, 257, 3],
      [3, 4, 2],
      [3, -4, 3],
      [7, 4, 7],
    ])
      fails(of(...layout), /its layout does not fit its codes/);
    fails({ ...table, rows: 11 }, /its layout does not fit its codes/);
    const codebooks = new Uint8Array(24);
    fails({ ...table, tensors: { ...table.tensors, codebooks } }, /"scales" is missing/);
    const eight = { ...table, tensors: { ...table.tensors, codebooks, scales: new Float32Array(2) } };
    fails(eight, /its layout does not fit its codes/);
  });
  test("column-codes whose parts do not fit together", () => {
    const table = sound.at(-2)!;
    const of = (tensors: Table["tensors"]) => ({ ...table, tensors: { ...table.tensors, ...tensors } });
    const { counts, lengths } = table.tensors;
    fails(of({ counts: (counts as Uint8Array).map((n, c) => (c === 3 ? n - 1 : n)) }), /do not fit together/);
    fails(of({ counts: (counts as Uint8Array).map((n, c) => (c === 3 ? 0 : c === 4 ? 4 : n)) }), /do not fit together/);
    const moved = (lengths as Int32Array).map((n, c) => (c === 3 ? -n : c === 4 ? 3 * n : n));
    fails(of({ lengths: moved }), /do not fit together/);
    fails(
      of({ streams: new Uint8Array((table.tensors["streams"] as Uint8Array).length) }),
      /entropy-coded stream is damaged/,
    );
  });
  test("unknown encodings and rows", () => {
    fails({ ...sound[0]!, encoding: "int8-rows" }, /No table encoding named "int8-rows". Did you mean "int8-row"\?/);
    fails({ ...sound[0]!, encoding: "constructor" }, /No table encoding/);
    expect(() => decodeRow(sound[0]!, 10)).toThrow(/has no row 10/);
    expect(() => decodeRow(sound[0]!, Number.NaN)).toThrow(UserError);
  });
  test("any changed or cut byte of a coded stream either fails clearly or still decodes within its shape", () => {
    const levels = Uint16Array.of(toHalf(1), toHalf(2), toHalf(3));
    const coded = codebookTable(
      8,
      16,
      levels,
      Uint8Array.from({ length: 128 }, (_, i) => (i * 7) % 3),
    );
    for (const [table, name] of [
      [coded, "indices"],
      [kept, "positions"],
    ] as const) {
      const stream = table.tensors[name] as Uint8Array;
      const hostile = fc.oneof(
        fc
          .tuple(fc.nat(stream.length - 1), fc.integer({ min: 1, max: 255 }))
          .map(([at, flip]) => stream.map((b, i) => (i === at ? b ^ flip : b))),
        fc.nat(stream.length - 1).map((length) => stream.slice(0, length)),
        fc.uint8Array({ maxLength: 60 }),
      );
      fc.assert(
        fc.property(hostile, (bytes) => {
          try {
            expect(decodeTable({ ...table, tensors: { ...table.tensors, [name]: bytes } }).length).toBe(
              table.rows * table.cols,
            );
          } catch (error) {
            expect(error).toBeInstanceOf(UserError);
          }
        }),
        { numRuns: 500 },
      );
    }
  });
  test("a stream that claims 2^60 symbols, and a sparse table of too many places", () => {
    const none = { ...sound[6]!, rows: 2 ** 31 - 1, cols: 2 ** 31 - 1 };
    fails(none, /too large|must be/);
    expect(() => sparseTable(2 ** 20, 2 ** 20, csr({ rows: 0, cols: 1, dense: new Float32Array(0) }))).toThrow(
      UserError,
    );
    fails({ ...kept, values: { ...kept.values!, rows: 1 } }, /must hold|rows of 64/);
    fails({ ...kept, values: kept }, /not dense/);
  });
});
