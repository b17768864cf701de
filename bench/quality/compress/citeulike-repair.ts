// A foreign BPR-MF of 200 dimensions (24.3 MB) as one table of bits on Topology Distillation's split of citeULike: items
// in 1 bit a number that learn as they ship, from the teacher's lists and from the histories; users are pooled. Bytes are
// those of all tables, with scales, levels and ranges.

import { must } from "../../../src/base/errors.ts";
import type { Variant } from "../../../src/report/results.ts";
import { defineCase, type Figures } from "../../case.ts";
import { importedTeacher } from "../../citeulike.ts";
import { fewBits } from "../../citeulike-students.ts";
import { inScratch } from "../../scratch.ts";
import { round, spread } from "../../spread.ts";

const seeds = [1, 2, 3];

const budgets = [
  { name: "0.9 MB", bytes: 0.9e6, reach: 0.3108, student: fewBits(272, { learningRate: 0.0015, epochs: 6 }) },
  { name: "0.6 MB", bytes: 0.6e6, reach: 0.3, student: fewBits(176, { learningRate: 0.002, epochs: 8 }) },
  { name: "0.24 MB", bytes: 0.24e6, reach: 0.2744, student: fewBits(64, { learningRate: 0.006, epochs: 12 }) },
];

const called = ({ d }: { readonly d: number }) => `d${d}`;
const recallOf = ({ metrics }: Variant) => must(metrics["recall@50"], "recall@50");
const bytesOf = ({ cost }: Variant) => cost.tables.reduce((sum, table) => sum + table.raw, 0);

export default defineCase({
  name: "citeulike-repair",
  summary:
    "A BPR-MF of 24.3 MB on citeULike in bits, 3 seeds: test recall@50 ≥ .3108 (none lost) in .9 MB, ≥ .3 in .6 MB, ≥ .2744 in .24 MB.",
  async run({ data, note }) {
    return inScratch("citeulike-repair", async (folder) => {
      const run = await importedTeacher("citeulike-repair", data("."), folder, "compress");
      const found: Variant[][] = budgets.map(() => []);
      let before: Variant | undefined;
      for (const seed of seeds) {
        const students = budgets.map(({ student }) => ({ name: called(student), ...student }));
        const recipe = { seed, students, evaluate: { ks: [50], metrics: ["recall", "ndcg"] } };
        const variants = await run(recipe, "run");
        before = variants.find(({ role }) => role === "teacher");
        for (const [b, { name, student }] of budgets.entries()) {
          const variant = must(
            variants.find((one) => one.name === called(student)),
            name,
          );
          found[b]!.push(variant);
          note(`seed ${seed}: ${name} ${round(recallOf(variant))}`);
        }
      }
      const teacher = must(before, "the teacher");
      const figures = budgets.map(({ bytes, reach }, b): Figures => {
        const recalls = found[b]!.map(recallOf);
        const mean = recalls.reduce((sum, one) => sum + one, 0) / recalls.length;
        const weighs = Math.max(...found[b]!.map(bytesOf));
        return {
          ratio: round(bytesOf(teacher) / weighs),
          loss: round(1 - mean / recallOf(teacher)),
          verdict: mean >= reach && weighs <= bytes ? "pass" : "fail",
          bytes: weighs,
          ...spread("recall@50", recalls),
          ...spread(
            "ndcg@50",
            found[b]!.map(({ metrics }) => must(metrics["ndcg@50"], "ndcg@50")),
          ),
        };
      });
      const named = figures.map((one, b) =>
        Object.fromEntries(Object.entries(one).map(([figure, value]) => [`${budgets[b]!.name}: ${figure}`, value])),
      );
      const of = { "teacher recall@50": round(recallOf(teacher)), "teacher bytes": bytesOf(teacher) };
      return Object.assign({ ...figures[0], ...of }, ...named.slice(1));
    });
  },
});
