// Quality against true bytes on citeULike, in one chart: the foreign teacher in fewer and fewer bits, narrow students alone
// and distilled, and distilled ones in few bits. The run stays in runs/curve-citeulike, whose report.html draws it.

import { mkdir, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { defineCase } from "../../case.ts";
import { importedTeacher } from "../../citeulike.ts";
import { mix } from "../../citeulike-students.ts";
import { round } from "../../spread.ts";

const folder = resolve("runs/curve-citeulike");
const widths = [10, 20, 40, 80];
const few = (of: string, chains: Readonly<Record<string, readonly object[]>>) =>
  Object.entries(chains).map(([name, passes]) => ({ name: `${of}-${name}`, of, passes }));
const rows = { int8: [{ use: "int8-row" }], int4: [{ use: "int4-row" }] };
const rotated = { "2-bit": [{ use: "rotate" }, { use: "levels-row", levels: 4 }] };
const signs = { "1-bit": [{ use: "rotate" }, { use: "levels-row", levels: 2 }] };

export default defineCase({
  name: "curve-citeulike",
  summary:
    "Recall@50 on test against bytes: the teacher quantised, students of 10 to 80 dimensions alone, distilled, and distilled in int8 and int4; one seed.",
  async run({ data, note }) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const run = await importedTeacher("curve-citeulike", data("."), folder, "distil");
    const students = widths.flatMap((d) => [
      { name: `alone-${d}`, use: "mf", d },
      { name: `distilled-${d}`, ...mix, d },
    ]);
    const variants = [
      ...few("teacher", { ...rows, ...rotated, ...signs }),
      ...widths.flatMap((d) => few(`distilled-${d}`, rows)),
    ];
    const found = await run({ students, variants, evaluate: { ks: [20, 50], metrics: ["recall", "ndcg"] } }, "run");
    note(`report: ${folder}/run/report.html`);
    return Object.fromEntries(
      found.flatMap(({ name, metrics, cost }) => [
        [`${name} recall@50`, round(metrics["recall@50"]!)],
        [`${name} MB`, Math.round(cost.bytes.raw / 1e4) / 100],
      ]),
    );
  },
});
