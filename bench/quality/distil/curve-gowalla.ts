// Quality against true bytes on Gowalla, in one chart: the teacher in fewer and fewer bits, and students without a user
// table of 16 to 64 dimensions, alone, distilled and distilled in int8 and int4. The run stays in runs/curve-gowalla,
// whose report.html draws it.

import { defineCase } from "../../case.ts";
import { curveFigures, curveFolder, inBits, inBytes } from "../../curve.ts";
import { gowallaRun, teacherNote } from "../../gowalla.ts";

const widths = [16, 32, 64];
const base = { use: "cosine", epochs: 8, negatives: 2048 };
const distill = { topN: 100, alpha: 0.5, terms: [{ use: "soft-label", listed: 100, unlisted: 100 }] };

export default defineCase({
  name: "curve-gowalla",
  summary: `NDCG@20 on test against bytes: LightGCN of d=64 quantised, students of 16 to 64 dimensions alone, distilled and distilled in int8 and int4; one seed. ${teacherNote}`,
  async run({ data, note }) {
    const students = widths.flatMap((d) => [
      { name: `alone-${d}`, ...base, d },
      { name: `distilled-${d}`, ...base, d, startPower: 0.1, distill },
    ]);
    const variants = [...inBytes("teacher"), ...inBits("teacher"), ...widths.flatMap((d) => inBytes(`distilled-${d}`))];
    const folder = curveFolder("curve-gowalla");
    const { variants: found } = await gowallaRun("curve-gowalla", "distil", data("."), { students, variants }, folder);
    note(`report: ${folder}/report.html`);
    return { ...curveFigures(found, "ndcg@20"), ...curveFigures(found, "recall@20") };
  },
});
