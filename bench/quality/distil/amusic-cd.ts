// Collaborative distillation on Amazon Music: bench/cd.ts says what is set side by side.

import { cdCase } from "../../cd.ts";

export default cdCase({
  set: "amusic",
  teacher: { use: "ials", d: 64, epochs: 8 },
  alone: { use: "mf", d: 10, epochs: 60, learningRate: 5e-3 },
  taught: { use: "mf", d: 10, epochs: 60, learningRate: 5e-3, decay: 5e-4 },
  published: "teacher .1727, student .1217, RD .1275, CD-TG .1653, CD-SG .1681",
});
