// Collaborative distillation's table (Lee et al., ICDM 2019, arXiv 1911.05276) on a set of which the same parts are public:
// leave one out, the whole catalogue ranked, H@50 and N@50. Its models are CDAE, ours factor models, so figures are set
// side by side and not expected to agree.

import type { QualityCase } from "./case.ts";
import { defineCase } from "./case.ts";
import { distilRuns } from "./distil-runs.ts";
import { withPairs } from "./triples.ts";

export interface CdTable {
  readonly set: "amusic" | "ml-100k";
  readonly teacher: object;
  /** The student alone; `taught` where it has a teacher, but for the terms. */
  readonly alone: object;
  readonly taught: object;
  /** H@50 of teacher, student, RD, CD by the teacher and CD by the student, as published. */
  readonly published: string;
}

export const cdCase = ({ set, teacher, alone, taught, published }: CdTable): QualityCase =>
  defineCase({
    name: `${set}-cd`,
    summary: `RD and CD by either guide to d=10 on ${set}, 3 seeds, beside CD's table of CDAE: ${published}.`,
    async run(context) {
      const by = (...terms: readonly object[]) => ({ ...taught, distill: { topN: 200, alpha: 0.5, terms } });
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
