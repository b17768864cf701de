// Collaborative distillation on MovieLens 100K: bench/cd.ts says what is set side by side.

import { cdCase } from "../../cd.ts";

export default cdCase({
  set: "ml-100k",
  teacher: { use: "ials", d: 64, epochs: 8 },
  alone: { use: "mf", d: 10, epochs: 60, learningRate: 5e-3 },
  taught: { use: "mf", d: 10, epochs: 60, learningRate: 5e-3, decay: 5e-4 },
  published: "teacher .3917, student .3565, RD .3578, CD-TG .3805, CD-SG .3741",
});
