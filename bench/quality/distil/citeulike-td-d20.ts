// A foreign teacher of 200 dimensions and factor students of 20, on Topology Distillation's split of citeULike: the student
// alone, with FTD, with HTD (BPR, Adam, 100 epochs) and with our mix. Published from the authors' log, one seed: .2276,
// .2516, .2744 (KDD 2021, arXiv 2106.08700), HTD at 95 s an epoch on our machine.

import { defineCase } from "../../case.ts";
import { mix, studentFigures } from "../../citeulike-students.ts";

/** HTD works in every batch, as the authors'. With α = ½ both parts of the loss are halved; so is the decay, to weigh what it weighs in the student alone. */
const taught = { use: "mf", d: 20, decay: 5e-4 };
const by = (terms: readonly object[]) => ({ ...taught, distill: { topN: 1, alpha: 0.5, terms } });
const students = {
  mix: { ...mix, d: 20 },
  student: { use: "mf", d: 20 },
  ftd: by([{ use: "ftd", weight: 1e-3 }]),
  htd: by([{ use: "htd", weight: 1e-3, every: 1 }]),
};

export default defineCase({
  name: "citeulike-td-d20",
  summary: "From d=200 to d=20 on citeULike, 3 seeds; test recall@50 of the mix must reach .2744, HTD's .2744 ± .012.",
  run: (context) => studentFigures("citeulike-td-d20", students, context),
});
