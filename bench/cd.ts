// Collaborative distillation's table (Lee et al., ICDM 2019, arXiv 1911.05276) on a set of which the same parts are public:
// leave one out, the whole catalogue ranked, H@50 and N@50. Its models are CDAE, ours factor models, so figures are set
// side by side and not expected to agree.

import type { QualityCase } from "./case.ts";
import { defineCase } from "./case.ts";
import { distilRuns } from "./distil-runs.ts";
import { withPairs } from "./triples.ts";

export interface CdTable {
  readonly set: "amusic" | "ml-100k";
  /** H@50 of teacher, student, RD, CD by the teacher and CD by the student, as published. */
  readonly published: string;
}

const teacher = { use: "ials", d: 64, epochs: 8 };
/** The student; where it has a teacher both parts of the loss are halved, and its decay. */
const alone = { use: "mf", d: 10, epochs: 60, learningRate: 5e-3 };

export const cdCase = ({ set, published }: CdTable): QualityCase =>
  defineCase({
    name: `${set}-cd`,
    summary: `RD and CD by either guide to d=10 on ${set}, 3 seeds, beside CD's table of CDAE: ${published}.`,
    async run(context) {
      const by = (...terms: readonly object[]) => ({
        ...alone,
        decay: 5e-4,
        distill: { topN: 200, alpha: 0.5, terms },
      });
      const students = {
        student: alone,
        rd: by({ use: "rd" }),
        "cd-tg": by({ use: "cd" }),
        "cd-sg": by({ use: "cd", guide: "student" }),
        rrd: by({ use: "rrd", weight: 0.01 }),
      };
      return withPairs(context.data(`${set}-loo`), (path) =>
        distilRuns(
          {
            ...{ name: `${set}-cd`, dataset: { use: "lines", path }, teacher, students },
            evaluate: { ks: [50], metrics: ["recall", "ndcg"] },
            figures: ({ quality: { metrics } }) => ({ "H@50": metrics["recall@50"]!, "N@50": metrics["ndcg@50"]! }),
          },
          context,
        ),
      );
    },
  });
