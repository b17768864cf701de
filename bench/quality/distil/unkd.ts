// What each loss does to rare items (UnKD, Chen et al., WSDM 2023, arXiv 2211.14729, whose table shows that students of most
// of them find fewer than the student alone): recall@50 overall and of items of the tail, on MovieLens 100K, leave one
// out. The default mix must not find fewer in the tail than the student alone.

import { factorMix } from "../../../src/pipeline/plan/mix.ts";
import { defineCase } from "../../case.ts";
import { distilRuns, inSlice } from "../../distil-runs.ts";
import { round } from "../../spread.ts";
import { withPairs } from "../../triples.ts";

const mf = { use: "mf", d: 10, epochs: 60, learningRate: 5e-3 };
const by = (...terms: readonly object[]) => ({ ...mf, decay: 5e-4, distill: { topN: 200, alpha: 0.5, terms } });

/** With alpha .9 and temperature 2 what `distilrec distill --plan` begins with for a factor teacher. */
const mix = (alpha: number, temperature: number) => ({ ...factorMix({ alpha, temperature }), d: 10 });

export default defineCase({
  name: "unkd",
  summary:
    "Recall@50 of every loss, overall and in the tail, on MovieLens 100K, 3 seeds; the mix's tail beside the student's.",
  async run(context) {
    const figures = await withPairs(context.data("ml-100k-loo"), (path) =>
      distilRuns(
        {
          ...{ name: "unkd", dataset: { use: "lines", path } },
          teacher: { use: "ials", d: 64, epochs: 8 },
          students: {
            student: mf,
            rd: by({ use: "rd" }),
            "cd-tg": by({ use: "cd" }),
            rrd: by({ use: "rrd", weight: 1e-2 }),
            "soft-label": by({ use: "soft-label" }),
            unkd: by({ use: "unkd" }),
            mix: mix(0.9, 2),
            "mix-of-lists": mix(1, 2),
            "mix-of-lists-at-1": mix(1, 1),
          },
          evaluate: { ks: [50], metrics: ["recall", "ndcg"] },
          figures: (measured) => ({
            "recall@50": measured.quality.metrics["recall@50"]!,
            "recall@50 (tail)": inSlice(measured, "tail", "recall@50"),
          }),
        },
        context,
      ),
    );
    const tail = (name: string) => figures[`${name} recall@50 (tail)`] as number;
    const less = (name: string) => round(tail(name) - tail("student"));
    return { ...figures, "mix less student, recall@50 (tail)": less("mix") };
  },
});
