import { expect, test } from "vitest";
import { checkGradient } from "../../../test/gradient-check.ts";

const cases: [string, ...number[][]][] = [
  ["ij,jk->ik", [2, 3], [3, 4]],
  ["bij,bkj->bik", [2, 3, 4], [2, 2, 4]],
  ["bld,dh->blh", [2, 3, 2], [2, 4]],
  ["bhqd,bhkd->bhqk", [2, 2, 3, 2], [2, 2, 2, 2]],
  ["bi,bj->bij", [2, 3], [2, 2]],
  ["i,i->", [3], [3]],
  ["ij,jk", [2, 3], [3, 2]],
  // j is summed out of the first input alone.
  ["ij,k->ik", [2, 3], [4]],
  ["ij->", [2, 3]],
  ["ij->j", [2, 3]],
  ["ijk->kij", [2, 3, 4]],
  ["...ij,...jk->...ik", [2, 1, 2, 3], [1, 3, 3, 2]],
  ["...i,...->...i", [2, 2, 3], [2, 2]],
  ["bi,bj,bk->bijk", [2, 2], [2, 3], [2, 2]],
  ["bfd,bgd,fg->bfg", [2, 3, 2], [2, 2, 2], [3, 2]],
];

test.each(cases)("Einsum %s", (equation, ...shapes: number[][]) =>
  checkGradient({ op: "Einsum", attributes: { equation }, inputs: shapes.map((dims) => ({ dims })) }),
);

test("Einsum: a diagonal is refused", () =>
  expect(
    checkGradient({ op: "Einsum", attributes: { equation: "ii->i" }, inputs: [{ dims: [2, 2] }] }),
  ).rejects.toThrow('Einsum y: "ii" repeats an index, which has no gradient rule; take the diagonal before.'));
