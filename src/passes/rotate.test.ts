import { expect, test } from "vitest";
import { withKernels } from "../../test/pass-runs.ts";
import { createRng } from "../base/rng.ts";
import { numbersOf } from "../engine/factor-space.ts";
import { randomRotation } from "../engine/rotations.ts";
import { decodeTable } from "../tables/decode.ts";
import { f32Table, type Table } from "../tables/table.ts";
import levelsRow from "./levels-row.ts";
import rotate from "./rotate.ts";

const kernels = withKernels();

test("a random rotation is orthogonal to float32", () => {
  for (const n of [1, 2, 37, 200]) {
    const turn = randomRotation(n, createRng(n));
    for (let i = 0; i < n; i += 7) {
      for (let j = 0; j < n; j++) {
        let dot = 0;
        for (let c = 0; c < n; c++) dot += turn[i * n + c]! * turn[j * n + c]!;
        expect(dot).toBeCloseTo(i === j ? 1 : 0, 6);
      }
    }
  }
});

test("rows whose numbers lie in few columns lose less to their signs once they are turned", async () => {
  const rng = createRng("rotate");
  const [rows, d] = [200, 64];
  const spiky = Float32Array.from({ length: rows * d }, (_, i) => rng.normal() * (1 + (i % 16)));
  const item = f32Table(rows, d, spiky);
  const context = { kernels: kernels(), rng: createRng(1) };
  const turned = await rotate.transform({ query: "history", pool: "sum", items: rows, tables: { item } }, {}, context);
  const loss = async (table: Table) => {
    const small = (await levelsRow.encode(table, levelsRow.options.parse({ levels: 2 }), context, "item")) as Table;
    const [before, after] = [numbersOf(table), decodeTable(small)];
    return before.reduce((sum, x, i) => sum + (x - after[i]!) ** 2, 0);
  };
  expect(await loss((turned as { item: Table }).item)).toBeLessThan((await loss(item)) * 0.85);
});
