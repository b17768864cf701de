// citeULike's foreign teacher (BPR-MF of 200 dimensions, 24.3 MB) in few bytes without any training, at two sizes. Counted
// is the file of tables: codes, levels, scales and all. The options were chosen on the validation items.

import { must } from "../../../src/base/errors.ts";
import type { Variant } from "../../../src/report/results.ts";
import { defineCase } from "../../case.ts";
import { importedTeacher } from "../../citeulike.ts";
import { inScratch } from "../../scratch.ts";
import { round } from "../../spread.ts";

const name = "citeulike-post";
/** The least recall@50 in so many bytes, of which the file's own header takes a few. */
const bars = [
  { name: "large", bytes: 1_500_000, recall: 0.3077 },
  { name: "small", bytes: 450_000, recall: 0.2744 },
] as const;
const HEADER = 1500;

export default defineCase({
  name,
  summary:
    "The foreign teacher of citeULike compressed without training: test recall@50 ≥ .3077 in 1.5 MB and ≥ .2744 in .45 MB.",
  async run({ data }) {
    return inScratch(name, async (folder) => {
      const run = await importedTeacher(name, data("."), folder, "compress");
      const variants = bars.map((bar) => ({
        ...{ name: bar.name, of: "teacher" },
        passes: [{ use: "transform-code", bytes: bar.bytes - HEADER }],
      }));
      const found = await run({ variants, evaluate: { ks: [50], metrics: ["recall", "ndcg"] } }, "run");
      const [teacher, ...small] = ["teacher", ...bars.map((bar) => bar.name)].map((one) =>
        must(
          found.find((variant) => variant.name === one || variant.role === one),
          one,
        ),
      );
      const recall = (variant: Variant) => must(variant.metrics["recall@50"], "recall@50");
      const bytes = (variant: Variant) =>
        must(
          variant.cost.files.find(({ path }) => path.endsWith("tables.safetensors")),
          "the file of tables",
        ).raw;
      const before = must(teacher, "the teacher");
      const reached = small.map((variant, i) => bytes(variant) <= bars[i]!.bytes && recall(variant) >= bars[i]!.recall);
      const last = must(small.at(-1), "the smallest");
      return {
        ratio: round(bytes(before) / bytes(last)),
        loss: round(recall(before) - recall(last)),
        verdict: reached.every((one) => one) ? "pass" : "fail",
        ...{ "teacher recall@50": round(recall(before)), "teacher bytes": bytes(before) },
        ...Object.fromEntries(
          small.flatMap((variant, i) => [
            [`${bars[i]!.name} bytes`, bytes(variant)],
            [`${bars[i]!.name} recall@50`, round(recall(variant))],
            [`${bars[i]!.name} ndcg@50`, round(must(variant.metrics["ndcg@50"], "ndcg@50"))],
            [`${bars[i]!.name} ratio`, round(bytes(before) / bytes(variant))],
            [`${bars[i]!.name} loss`, round(recall(before) - recall(variant))],
            [`${bars[i]!.name} verdict`, reached[i] ? "pass" : "fail"],
          ]),
        ),
      };
    });
  },
});
