// What a teacher that has lists and no model cannot be asked for, said before anything runs.

import { UserError } from "../../base/errors.ts";
import type { EvaluateOptions } from "../evaluate-options.ts";
import type { Recipe, Student } from "../recipe.ts";
import { registry } from "../registry.ts";
import { givesModel, givesScores, learnsInEpochs, type TeacherStep } from "./options.ts";

type Fail = (where: string, what: string) => never;

/** Throws a UserError for the first thing in the recipe that needs more than lists of a teacher that has no model. */
export function checkListTeachers(recipe: Recipe, source: string): void {
  const { teacher, students, evaluate } = recipe;
  const fail: Fail = (where, what) => {
    throw new UserError(`${source}: ${where}${where && " "}${what}`);
  };
  checkEnsemble(teacher, "teacher", evaluate.part, fail);
  if (students.length === 0 && !givesModel(teacher)) {
    fail("", "a teacher that has lists and no model ships nothing; give it students.");
  }
  for (const [i, { name, distill }] of students.entries()) {
    const at = `students[${i}] (${name}): distill`;
    if (distill?.from) checkEnsemble(distill.from, `${at}.from`, evaluate.part, fail);
    if (distill) checkTerms(distill, distill.from ?? teacher, at, fail);
  }
  if (!givesModel(teacher)) checkReference(recipe, fail);
}

function checkEnsemble(teacher: TeacherStep, where: string, part: EvaluateOptions["part"], fail: Fail): void {
  if (givesModel(teacher) || !("ensemble" in teacher)) return;
  const { ensemble, combine, checkpoints } = teacher;
  const silent = combine === "mean-score" ? ensemble.findIndex((member) => !givesScores(member)) : -1;
  if (silent >= 0) {
    fail(`${where}.ensemble[${silent}]:`, "gives ranks only, and mean-score needs scores; use mean-rank.");
  }
  if (combine === "gate" && part === "validation") {
    fail(`${where}.combine:`, "gate learns from the validation part, so evaluate.part must be test; or use mean-rank.");
  }
  if (checkpoints > 1 && !ensemble.some(learnsInEpochs)) {
    fail(`${where}.checkpoints:`, "none of the ensemble's teachers learns in epochs here; leave checkpoints out.");
  }
}

function checkTerms({ terms }: NonNullable<Student["distill"]>, teacher: TeacherStep, where: string, fail: Fail): void {
  if (givesModel(teacher)) return;
  for (const [t, { use }] of terms.entries()) {
    const loss = registry.find("loss", use, "loss");
    const at = `${where}.terms[${t}] (${use})`;
    const instead = "use a loss over ranks, such as rrd";
    if (loss.sees === "embeddings") {
      fail(at, `compares embeddings, and the teacher has lists and no model; ${instead}.`);
    } else if (loss.sees !== "logits" && loss.needs === "scores" && !givesScores(teacher)) {
      fail(at, `compares scores, and the teacher gives ranks only; ${instead}, or a teacher with scores.`);
    }
  }
}

/** What is measured against lists. */
function checkReference({ variants, evaluate, gates }: Recipe, fail: Fail): void {
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
