import { defineCase } from "../../case.ts";
import { gowallaRun, teacherNote } from "../../gowalla.ts";
import { round } from "../../spread.ts";

const base = { use: "cosine", epochs: 8, negatives: 2048 };
const distill = { topN: 100, alpha: 0.5, terms: [{ use: "soft-label", listed: 100, unlisted: 100 }] };
const students = [16, 32].flatMap((d) => [
  { name: `d=${d}`, ...base, d },
  { name: `d=${d} distilled`, ...base, d, startPower: 0.1, distill },
]);

/** Students of 16 and 32 dimensions without a user table, in float32, alone and taught by soft labels. */
export default defineCase({
  name: "gowalla",
  summary: `LightGCN of d=64 to students of d=16 and d=32 on Gowalla, distilled against undistilled. ${teacherNote}`,
  async run({ data }) {
    const { variants } = await gowallaRun("gowalla", "distil", data("."), { students });
    return Object.fromEntries(
      variants.flatMap(({ name, metrics, cost }) => [
        [`${name} recall@20`, round(metrics["recall@20"]!)],
        [`${name} ndcg@20`, round(metrics["ndcg@20"]!)],
        [`${name} bytes`, cost.bytes.raw],
      ]),
    );
  },
});
