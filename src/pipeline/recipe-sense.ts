// What no schema can say of a recipe: that names are unique and point to something, and that the parts fit each other.

import { suggest, UserError } from "../base/errors.ts";
import { gateable, parseGates } from "./gates.ts";
import type { Recipe, Student } from "./recipe.ts";
import { registry } from "./registry.ts";
import { checkListTeachers } from "./teachers/check.ts";

/** Throws a UserError for the first thing in the recipe that cannot work. */
export function checkSense(recipe: Recipe, source: string): void {
  const known = ["teacher"];
  const declare = (name: string, where: string) => {
    const twin = known.find((other) => other.toLowerCase() === name.toLowerCase());
    if (twin)
      fail(
        `${where}: the name "${name}" is taken${twin === name ? "" : ` by "${twin}"`}; every student and variant needs its own.`,
      );
    known.push(name);
  };
  const fail = (message: string): never => {
    throw new UserError(`${source}: ${message}`);
  };
  recipe.students.forEach((student, i) => {
    declare(student.name, `students[${i}]`);
    checkGuidance(student, `students[${i}] (${student.name})`, fail);
  });
  recipe.variants.forEach((variant, i) => {
    if (!known.includes(variant.of))
      fail(`variants[${i}] (${variant.name}): there is no "${variant.of}" before it. ${suggest(variant.of, known)}`);
    declare(variant.name, `variants[${i}]`);
  });
  recipe.evaluate.metrics?.forEach((name) => {
    registry.find("metric", name, `${source}: evaluate.metrics`);
  });
  checkListTeachers(recipe, source);
  const { metrics, ks } = recipe.evaluate;
  const measured = registry.metric.filter(({ name }) => metrics?.includes(name) ?? true);
  parseGates(recipe.gates, gateable(measured, ks), `${source}: gates`);
}

function checkGuidance(student: Student, where: string, fail: (message: string) => never): void {
  if (!student.distill) return;
  const { guided } = registry.find("model", student.use, where);
  const able = (sees?: string) =>
    registry.model.filter((model) => (sees ? model.guided.includes(sees as never) : model.guided.length > 0));
  const named = (sees?: string) =>
    able(sees)
      .map(({ name }) => name)
      .join(", ");
  if (guided.length === 0) {
    fail(`${where}: ${student.use} cannot learn from a teacher; drop distill or use one of ${named()}.`);
  }
  student.distill.terms.forEach(({ use, weight: _, coolTo, ...options }, t) => {
    const loss = registry.find("loss", use, where);
    const at = `${where}: distill.terms[${t}] (${use})`;
    if (loss.sees === "logits") fail(`${at} compares logits, which networks of a click recipe have and models do not.`);
    if (!guided.includes(loss.sees)) {
      fail(`${at} compares ${loss.sees}, by which ${student.use} cannot learn; use one of ${named(loss.sees)}.`);
    }
    if (coolTo !== undefined && !("temperature" in options && loss.sees === "candidates")) {
      fail(`${at} cannot cool: it has no temperature for candidates; drop coolTo, or use soft-label.`);
    }
    if (loss.sees !== "candidates" && loss.sees !== "users") return;
    const { listed } = loss.candidates(options);
    const { topN } = student.distill ?? { topN: 0 };
    if (listed > topN) {
      fail(`${at} looks at ${listed} of what the teacher lists, topN is ${topN}; raise topN or lower listed.`);
    }
  });
}
