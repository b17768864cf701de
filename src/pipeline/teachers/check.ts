// What a teacher that has lists and no model cannot be asked for, said before anything runs.

import { UserError } from "../../base/errors.ts";
import type { Recipe } from "../recipe.ts";
import { registry } from "../registry.ts";
import { givesModel, givesScores, learnsInEpochs } from "./options.ts";

/** Throws a UserError for the first thing in the recipe that needs more than the teacher's lists. */
export function checkListTeacher(recipe: Recipe, source: string): void {
  const { teacher, students, variants, evaluate, gates } = recipe;
  if (givesModel(teacher)) return;
  const fail = (where: string, what: string): never => {
    throw new UserError(`${source}: ${where}${where && " "}${what}`);
  };
  const ranked = "ensemble" in teacher && teacher.combine === "mean-score" ? teacher.ensemble : [];
  const silent = ranked.findIndex((member) => !givesScores(member));
  if (silent >= 0) {
    fail(`teacher.ensemble[${silent}]:`, "gives ranks only, and mean-score needs scores; use mean-rank.");
  }
  if ("ensemble" in teacher && teacher.combine === "gate" && evaluate.part === "validation") {
    fail("teacher.combine:", "gate learns from the validation part, so evaluate.part must be test; or use mean-rank.");
  }
  if ("ensemble" in teacher && teacher.checkpoints > 1 && !teacher.ensemble.some(learnsInEpochs)) {
    fail("teacher.checkpoints:", "none of the ensemble's teachers learns in epochs here; leave checkpoints out.");
  }
  if (students.length === 0) fail("", "a teacher that has lists and no model ships nothing; give it students.");
  for (const [i, { name, distill }] of students.entries()) {
    for (const [t, { use }] of (distill?.terms ?? []).entries()) {
      const loss = registry.find("loss", use, "loss");
      const at = `students[${i}] (${name}): distill.terms[${t}] (${use})`;
      const instead = "use a loss over ranks, such as rrd";
      if (loss.sees === "embeddings") {
        fail(at, `compares embeddings, and the teacher has lists and no model; ${instead}.`);
      } else if (loss.sees !== "logits" && loss.needs === "scores" && !givesScores(teacher)) {
        fail(at, `compares scores, and the teacher gives ranks only; ${instead}, or a teacher with scores.`);
      }
    }
  }
  const ofTeacher = variants.findIndex(({ of }) => of === "teacher");
  if (ofTeacher >= 0) {
    fail(
      `variants[${ofTeacher}] (${variants[ofTeacher]!.name}):`,
      "the teacher has lists and no model to compress; compress a student.",
    );
  }
  for (const name of evaluate.metrics ?? []) {
    if (registry.find("metric", name, "metric").needs !== "places") continue;
    fail("evaluate.metrics:", `${name} needs a score of every item, and the teacher has lists; leave ${name} out.`);
  }
  for (const [g, gate] of gates.entries()) {
    const drift = Object.keys(gate).find((key) => key.startsWith("drift@"));
    if (drift)
      fail(`gates[${g}]:`, `${drift} compares models' scores, and the teacher has lists; limit overlap or rbo.`);
  }
}
