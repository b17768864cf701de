// Students of 20 dimensions on DE-RRD's split of citeULike and in its setting: BPR, leave one out, each user's held-out item
// ranked among 499 that were drawn (anew here: the authors' draw is not public). Published from the authors' logs, one
// seed, H@5: student .4486, RRD .4698, DE .4773 (arXiv 2012.04357), IR-RRD .4947 (Information Sciences 2021).

import { defineCase } from "../../case.ts";
import { distilRuns } from "../../distil-runs.ts";

/** The authors' Adam step, 1e-3 over some 370 epochs, in a third of the epochs. */
const mf = { use: "mf", learningRate: 3e-3 };
/** The authors visit a user in every batch that holds the user. */
const everyBatch = { visits: "always" };
/** With α = ½ both parts of the loss are halved; so is the decay, to weigh what it weighs in the student alone. */
const by = (...terms: readonly object[]) => ({ ...mf, d: 20, decay: 5e-4, distill: { topN: 500, alpha: 0.5, terms } });
const rrd = { use: "rrd", listed: 40, unlisted: 40, weight: 1e-3 };

export default defineCase({
  name: "citeulike-derrd-d20",
  summary:
    "RRD, DE and IR-RRD on DE-RRD's split of citeULike, 3 seeds; H@5 among 499 drawn items within .015 of theirs.",
  async run(context) {
    return distilRuns(
      {
        name: "citeulike-derrd-d20",
        dataset: { use: "lines", path: "citeulike-loo/derrd" },
        teacher: { use: "mf", d: 200, epochs: 120 },
        students: {
          student: { ...mf, d: 20 },
          rrd: { ...by(rrd), ...everyBatch },
          de: by({ use: "de", weight: 1e-2 }),
          "ir-rrd": { ...by(rrd, { use: "ir-rrd", weight: 5e-4 }), ...everyBatch },
        },
        evaluate: { ks: [5], metrics: ["recall", "ndcg"], candidates: { negatives: 499 } },
        figures: ({ quality: { metrics } }) => ({ "H@5": metrics["recall@5"]!, "N@5": metrics["ndcg@5"]! }),
      },
      context,
    );
  },
});
