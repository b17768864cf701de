// distil: fits the students. A guided one sees its teacher's best items of every user and starts from it; that is the
// recipe's teacher or one of its own; where its own has no model, it starts from the recipe's.

import { UserError } from "../base/errors.ts";
import type { Guidance } from "../kinds/guidance.ts";
import type { Parts } from "./divide.ts";
import { type Candidate, fitModel } from "./fit.ts";
import type { Recipe, Student } from "./recipe.ts";
import { registry } from "./registry.ts";
import type { Surroundings } from "./surroundings.ts";
import { teachAs } from "./teach.ts";
import { teacherLists } from "./teacher-lists.ts";
import { teacherUsers } from "./teacher-users.ts";
import { firstOf, isModel, type Teacher } from "./teachers/teacher.ts";

/** The recipe's students, fitted. */
export async function distil(
  teacher: Teacher,
  parts: Parts,
  recipe: Recipe,
  around: Surroundings,
): Promise<Candidate[]> {
  const students: Candidate[] = [];
  for (const student of recipe.students) {
    const { name, distill: guide, ...step } = student;
    const where = `students (${name})`;
    const own = guide?.from
      ? await teachAs(guide.from, `${where}.distill.from`, guide.topN, parts, recipe.seed, around)
      : teacher;
    if (guide && !isModel(own) && !own.scored) refuseScores(guide, where);
    const prepared = guide && (await guidance(guide, own, modelOf(own) ?? modelOf(teacher), parts, around));
    const { key, value } = await fitModel(step, parts, recipe.seed, prepared, `student ${name}`, around);
    students.push({
      name,
      role: "student",
      method: step.use,
      ...(guide && { of: own === teacher ? teacher.name : `a teacher of its own (${own.method})` }),
      recommender: value,
      key,
    });
  }
  return students;
}

const modelOf = (teacher: Teacher): Candidate | undefined => (isModel(teacher) ? teacher : undefined);

/** `model` is where a student may start from. */
async function guidance(
  guide: NonNullable<Student["distill"]>,
  teacher: Teacher,
  model: Candidate | undefined,
  parts: Parts,
  around: Surroundings,
) {
  const lists = isModel(teacher)
    ? await teacherLists(teacher, parts, guide.topN, around)
    : { key: teacher.key, value: firstOf(teacher.lists, guide.topN) };
  const terms = guide.terms.map(({ use, weight, coolTo, ...options }) => ({
    loss: registry.find("loss", use, "loss"),
    ...{ options, weight, ...(coolTo !== undefined && { coolTo }) },
  }));
  const usersOf = terms.some(({ loss }) => loss.sees === "users")
    ? await teacherUsers(teacher, lists, parts, guide.topN, around)
    : undefined;
  return {
    plan: guide,
    inputs: [
      teacher.key,
      ...(model && model !== teacher ? [model.key] : []),
      lists.key,
      ...(usersOf ? [usersOf.key] : []),
    ],
    make: (): Guidance => ({
      lists: lists.value,
      ...(!isModel(teacher) && { easier: teacher.easier?.map((one) => firstOf(one, guide.topN)) ?? [] }),
      ...(usersOf && { usersOf: usersOf.value }),
      ...{ alpha: guide.alpha, after: guide.after, ramp: guide.ramp },
      terms,
      teacher: model?.recommender,
    }),
  };
}

/** What a recipe cannot say, the answers of a service may: that the teacher has no scores. */
function refuseScores({ terms }: NonNullable<Student["distill"]>, where: string): void {
  for (const { use } of terms) {
    const loss = registry.find("loss", use, where);
    if ((loss.sees !== "candidates" && loss.sees !== "users") || loss.needs !== "scores") continue;
    throw new UserError(
      `${where}: ${use} compares scores, and the teacher gave none; use a loss over ranks, such as rrd.`,
    );
  }
}
