// Quality against true bytes on citeULike, in one chart: the foreign teacher in fewer and fewer bits, narrow students alone
// and distilled, those in few bits, and wide students that learn in one. The run stays in runs/curve-citeulike, whose
// report.html draws it.

import { makeFolder } from "../../../src/node/disk.ts";
import { defineCase } from "../../case.ts";
import { importedTeacher } from "../../citeulike.ts";
import { fewBits, mix } from "../../citeulike-students.ts";
import { curveFigures, curveFolder, inBits, inBytes } from "../../curve.ts";

const widths = [10, 20, 40, 80];

export default defineCase({
  name: "curve-citeulike",
  summary:
    "Recall@50 on test against bytes: the teacher quantised, students of 10 to 80 dimensions alone, distilled and distilled in int8 and int4, wide ones of 1 bit; one seed.",
  async run({ data, note }) {
    const folder = curveFolder("curve-citeulike");
    await makeFolder(folder);
    const run = await importedTeacher("curve-citeulike", data("."), folder, "distil");
    const students = [
      ...widths.flatMap((d) => [
        { name: `alone-${d}`, use: "mf", d },
        { name: `distilled-${d}`, ...mix, d },
      ]),
      { name: "1-bit-272", ...fewBits(272, { learningRate: 0.0015, epochs: 6 }) },
      { name: "1-bit-64", ...fewBits(64, { learningRate: 0.006, epochs: 12 }) },
    ];
    const variants = [...inBytes("teacher"), ...inBits("teacher"), ...widths.flatMap((d) => inBytes(`distilled-${d}`))];
    const found = await run({ students, variants, evaluate: { ks: [20, 50], metrics: ["recall", "ndcg"] } }, "run");
    note(`report: ${folder}/run/report.html`);
    return curveFigures(found, "recall@50");
  },
});
