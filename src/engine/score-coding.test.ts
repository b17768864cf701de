import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { type CodedNumbers, type CodingSide, codeForScores } from "./score-coding.ts";

const rng = createRng("score-coding");
const [rows, others, cols, width] = [300, 500, 20, 12];
const normal = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
const side: CodingSide = {
  ...{ rows, cols, data: normal(rows * cols), others: normal(others * cols) },
  partners: Int32Array.from({ length: rows * width }, () => rng.below(others)),
};
const steps = new Float64Array(cols).fill(1);
const read = ({ levels, indices }: CodedNumbers) => Float32Array.from(indices, (k, i) => levels[i % cols]![k]!);

/** The mean of (o · e)² over the partners of each row, e its error. */
function lossOf(coded: CodedNumbers): number {
  const after = read(coded);
  let sum = 0;
  for (let at = 0; at < rows * width; at++) {
    const row = Math.floor(at / width);
    let apart = 0;
    for (let c = 0; c < cols; c++) {
      apart += side.others[side.partners[at]! * cols + c]! * (after[row * cols + c]! - side.data[row * cols + c]!);
    }
    sum += apart * apart;
  }
  return sum / (rows * width);
}

test("scores with a row's partners suffer much less than by rounding to the nearest, for few bits more", () => {
  const nearest = codeForScores({ ...side, partners: new Int32Array(0) }, steps, 0);
  const chosen = codeForScores(side, steps, 0);
  expect(lossOf(chosen)).toBeLessThan(lossOf(nearest) * 0.6);
  expect(chosen.bits).toBeLessThan(nearest.bits * 1.1);
});

test("bits that cost more are saved, at a loss", () => {
  const [dear, cheap] = [codeForScores(side, steps, 0.2), codeForScores(side, steps, 0.01)];
  expect(dear.bits).toBeLessThan(cheap.bits * 0.95);
  expect(lossOf(dear)).toBeGreaterThan(lossOf(cheap));
});

test("bits are the entropy of the columns, and levels only those in use", () => {
  const { levels, indices, bits } = codeForScores(side, steps, 0.05);
  let expected = 0;
  for (let c = 0; c < cols; c++) {
    const counts = new Float64Array(levels[c]!.length);
    for (let r = 0; r < rows; r++) counts[indices[r * cols + c]!]!++;
    expect(counts.every((n) => n > 0)).toBe(true);
    expect(levels[c]).toEqual(levels[c]!.slice().sort());
    for (const n of counts) expected -= n * Math.log2(n / rows);
  }
  expect(bits).toBeCloseTo(expected, 3);
});

test("constant columns, no rows and no partners are fine", () => {
  const flat = { ...side, data: side.data.map((x, i) => (i % cols === 3 ? 2.5 : x)) };
  expect(codeForScores(flat, steps, 0.05).levels[3]).toEqual(Float32Array.of(2.5));
  const none = { rows: 0, cols, data: new Float32Array(0), others: side.others, partners: new Int32Array(0) };
  expect(codeForScores(none, steps, 0.05)).toMatchObject({ bits: 0, indices: new Uint8Array(0) });
});
