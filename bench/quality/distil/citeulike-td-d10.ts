// As citeulike-td-d20, with students of 10 dimensions: alone and with our mix. Published for HTD, one seed: .2282.

import { defineCase } from "../../case.ts";
import { mix, studentFigures } from "../../citeulike-students.ts";

const students = { mix: { ...mix, d: 10 }, student: { use: "mf", d: 10 } };

export default defineCase({
  name: "citeulike-td-d10",
  summary: "From d=200 to d=10 on citeULike, 3 seeds; test recall@50 of the mix must reach .2282.",
  run: (context) => studentFigures("citeulike-td-d10", students, context),
});
