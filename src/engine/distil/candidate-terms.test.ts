import { afterAll, beforeAll, expect, test } from "vitest";
import { fromRows } from "../../../test/boards.ts";
import { createRng } from "../../base/rng.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import type { Guidance } from "../../kinds/guidance.ts";
import irRrd from "../../losses/ir-rrd.ts";
import rrd from "../../losses/rrd.ts";
import { openKernels } from "../../node/threads.ts";
import { candidateTerms } from "./candidate-terms.ts";
import { createFactorTable } from "./factor-table.ts";

const [users, items, d] = [6, 9, 3];
const train = fromRows([[0], [1, 2], [3], [], [8], [4, 5]], items);
const lists = {
  n: 2,
  items: Int32Array.of(1, 2, 0, 3, 5, 4, 6, -1, 7, 0, 8, 2),
  scores: new Float32Array(12).fill(1),
};
const usersOf = {
  n: 2,
  items: Int32Array.of(3, 1, 0, 2, 4, -1, 5, 0, 1, 2, 3, 0, 2, 1, 4, 5, 0, 1),
  scores: new Float32Array(18).fill(1),
};
const term = (loss: typeof rrd | typeof irRrd) => ({
  ...{ loss: loss as never, weight: 2 },
  options: loss.options.parse({ listed: 2, unlisted: 2, spread: 0 }),
});
const guidance: Guidance = { lists, usersOf, alpha: 0.5, terms: [term(rrd), term(irRrd)], teacher: undefined };

let kernels: Kernels;
beforeAll(async () => {
  kernels = await openKernels(1);
});
afterAll(() => kernels.close());

const normal = (name: string) => {
  const rng = createRng(name);
  return Float32Array.from({ length: (users + items) * d }, () => rng.normal());
};

test.each(["candidates", "users"] as const)("%s: the gradient is the one that finite differences find", (sees) => {
  const [rows, way] = [normal("rows"), normal("way")];
  const at = (step: number) => {
    const scope = kernels.scope();
    const table = createFactorTable(kernels, scope, [{ rows: users + items }], d);
    for (let x = 0; x < rows.length; x++) table.rows[x] = rows[x]! + step * way[x]!;
    const { visit } = candidateTerms(kernels, scope, guidance, train, table, d, createRng(3), sees);
    let value = 0;
    for (let own = 0; own < (sees === "users" ? items : users); own++) value += visit(own, 1);
    const slope = table.gradient.reduce((sum, x, i) => sum + x * way[i]!, 0);
    scope.free();
    return { value, slope };
  };
  const { slope } = at(0);
  expect(Math.abs((at(1e-3).value - at(-1e-3).value) / 2e-3 - slope)).toBeLessThan(1e-2 * (1 + Math.abs(slope)));
});

test("an item's listed users rise and others fall, by the item's row alone", () => {
  const scope = kernels.scope();
  const table = createFactorTable(kernels, scope, [{ rows: users + items }], d);
  table.rows.set(normal("rows"));
  candidateTerms(kernels, scope, guidance, train, table, d, createRng(3), "users").visit(0, 1);
  const along = (user: number) => {
    let [dot, size] = [0, 0];
    for (let x = 0; x < d; x++) {
      dot += table.gradient[user * d + x]! * table.rows[users * d + x]!;
      size += table.gradient[user * d + x]! ** 2;
    }
    return size === 0 ? 0 : Math.sign(dot);
  };
  expect([along(3), along(0)]).toEqual([-1, 0]);
  expect(Array.from({ length: items - 1 }, (_, i) => table.gradient[(users + 1 + i) * d]!)).toEqual(
    new Array(items - 1).fill(0),
  );
  scope.free();
});
