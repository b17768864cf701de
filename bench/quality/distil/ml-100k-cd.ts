// Collaborative distillation on MovieLens 100K: bench/cd.ts says what is set side by side.

import { cdCase } from "../../cd.ts";

export default cdCase({
  set: "ml-100k",
  published: "teacher .3917, student .3565, RD .3578, CD-TG .3805, CD-SG .3741",
});
