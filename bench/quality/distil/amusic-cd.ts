// Collaborative distillation on Amazon Music: bench/cd.ts says what is set side by side.

import { cdCase } from "../../cd.ts";

export default cdCase({
  set: "amusic",
  published: "teacher .1727, student .1217, RD .1275, CD-TG .1653, CD-SG .1681",
});
