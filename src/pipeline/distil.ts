// distil: fits the students. A guided one sees the teacher's best items of every user and starts from the teacher.

import type { Guidance, TeacherLists } from "../kinds/guidance.ts";
import type { Parts } from "./divide.ts";
import { type Candidate, fitModel } from "./fit.ts";
import type { Recipe, Student } from "./recipe.ts";
import { registry } from "./registry.ts";
import { type Keyed, runStage } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";
import { teacherLists } from "./teacher-lists.ts";

const listsVersion = 1;

/** The recipe's students, fitted. */
export async function distil(
  teacher: Candidate,
  parts: Parts,
  recipe: Recipe,
  around: Surroundings,
): Promise<Candidate[]> {
  const students: Candidate[] = [];
  for (const student of recipe.students) {
    const { name, distill: guide, ...step } = student;
    const prepared = guide && (await guidance(guide, teacher, parts, around));
    const { key, value } = await fitModel(step, parts, recipe.seed, prepared, `student ${name}`, around);
    students.push({
      name,
      role: "student",
      method: step.use,
      ...(guide && { of: teacher.name }),
      recommender: value,
      key,
    });
  }
  return students;
}

async function guidance(
  guide: NonNullable<Student["distill"]>,
  teacher: Candidate,
  parts: Parts,
  around: Surroundings,
) {
  const lists = await listTeacher(teacher, parts, guide.topN, around);
  return {
    plan: guide,
    inputs: [teacher.key, lists.key],
    make: (): Guidance => ({
      lists: lists.value,
      alpha: guide.alpha,
      terms: guide.terms.map(({ use, weight, ...options }) => ({
        loss: registry.find("loss", use, "loss"),
        options,
        weight,
      })),
      teacher: teacher.recommender,
    }),
  };
}

/** The teacher's `n` best items of every user that train does not hold. */
const listTeacher = (teacher: Candidate, parts: Parts, n: number, around: Surroundings): Promise<Keyed<TeacherLists>> =>
  runStage(
    {
      ...{ stage: "lists", version: listsVersion, label: `teacher's top ${n}`, options: { n } },
      inputs: [teacher.key, parts.hash],
      encode: ({ items, scores }) => ({ items: bytesOf(items), scores: bytesOf(scores) }),
      decode: (files) => {
        const items = new Int32Array(bufferOf(files["items"]!));
        return { n: items.length / parts.train.users, items, scores: new Float32Array(bufferOf(files["scores"]!)) };
      },
      compute: (step) => teacherLists(around.kernels, teacher.recommender, parts.train, n, step),
    },
    around,
  );

const bytesOf = (values: Int32Array | Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const bufferOf = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
