// teacher: fits the recipe's teacher, opens the artifact that it names, or gathers the lists of one without a model.

import type { Artifact } from "../artifact/open.ts";
import { UserError } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import type { TeacherLists } from "../kinds/guidance.ts";
import { canPickRows, pickRows } from "../recommender/pick-rows.ts";
import type { Recommender } from "../recommender/recommender.ts";
import type { Parts } from "./divide.ts";
import { type Candidate, fitModel } from "./fit.ts";
import type { Recipe, Step } from "./recipe.ts";
import type { Surroundings } from "./surroundings.ts";
import { teacherLists } from "./teacher-lists.ts";
import { combineLists } from "./teachers/combine.ts";
import { listsOfFile } from "./teachers/from-file.ts";
import { listsOfService } from "./teachers/from-http.ts";
import { learnGate } from "./teachers/gate.ts";
import {
  type ArtifactStep,
  type EnsembleStep,
  givesModel,
  learnsInEpochs,
  type SoleTeacher,
  type TeacherStep,
} from "./teachers/options.ts";
import { depthOf, type ListTeacher, listTeacher, type Teacher } from "./teachers/teacher.ts";

/** What everything else is measured against. */
export const teach = (parts: Parts, recipe: Recipe, around: Surroundings): Promise<Teacher> =>
  teachAs(recipe.teacher, "teacher", depthOf(recipe), parts, recipe.seed, around);

/** The teacher that stands at `where` in the recipe; one without a model lists `most` items of everybody. */
export function teachAs(
  teacher: TeacherStep,
  where: string,
  most: number,
  parts: Parts,
  seed: number,
  around: Surroundings,
): Promise<Teacher> {
  if (givesModel(teacher)) return teachModel(teacher, parts, seed, around);
  const n = Math.min(most, parts.train.items);
  return "ensemble" in teacher
    ? assemble(teacher, where, parts, seed, n, around)
    : gatherLists(teacher, parts, n, around);
}

/** A teacher that is a model: one of ours, fitted, or one that was sealed. */
export async function teachModel(
  teacher: Step | ArtifactStep,
  parts: Parts,
  seed: number,
  around: Surroundings,
): Promise<Candidate> {
  if (teacher.use === undefined) return openTeacher((teacher as ArtifactStep).artifact, parts, around);
  const { key, value } = await fitModel(teacher, parts, seed, undefined, `teacher ${teacher.use}`, around);
  return { name: "teacher", role: "teacher", method: teacher.use, recommender: value, key };
}

async function gatherLists(
  teacher: Exclude<SoleTeacher, Step | ArtifactStep>,
  parts: Parts,
  n: number,
  around: Surroundings,
): Promise<ListTeacher> {
  return "lists" in teacher
    ? listTeacher("lists", await listsOfFile(teacher, parts, n, around), parts.hash, teacher.lists)
    : listTeacher("http", await listsOfService(teacher, parts, n, around), parts.hash, teacher.http);
}

async function assemble(
  step: EnsembleStep,
  where: string,
  parts: Parts,
  seed: number,
  n: number,
  around: Surroundings,
): Promise<ListTeacher> {
  const { combine, checkpoints } = step;
  const members = await gatherMembers(step.ensemble, parts, seed, n, around);
  const silent = members.findIndex(({ scored }) => !scored);
  if (combine === "mean-score" && silent >= 0) {
    throw new UserError(
      `${where}.ensemble[${silent}]: some of its lists have no scores, which mean-score needs; use mean-rank.`,
    );
  }
  if (combine === "gate" && parts.validation.indices.length === 0) {
    throw new UserError(
      `${where}.combine: gate learns from the validation part, and the split gives none; use mean-rank, or a split that does.`,
    );
  }
  const listsOf = (some: typeof members) => some.map(({ lists }) => lists);
  const gate = combine === "gate" ? learnGate(listsOf(members), parts.train, parts.validation) : undefined;
  const together = (some: typeof members) => combineLists(listsOf(some), combine, n, gate);
  const easier: TeacherLists[] = [];
  for (let part = 1; part < checkpoints; part++) {
    const earlier = step.ensemble.map((one) => afterEpochs(one, part / checkpoints));
    easier.push(together(await gatherMembers(earlier, parts, seed, n, around)));
  }
  const leftOut = members.flatMap((member) => member.leftOut);
  const found = { lists: together(members), easier, scored: combine === "mean-score", leftOut };
  return listTeacher("ensemble", found, parts.hash, `${where}.ensemble`);
}

async function gatherMembers(
  ensemble: EnsembleStep["ensemble"],
  parts: Parts,
  seed: number,
  n: number,
  around: Surroundings,
): Promise<Pick<ListTeacher, "lists" | "scored" | "leftOut">[]> {
  const members: Pick<ListTeacher, "lists" | "scored" | "leftOut">[] = [];
  for (const [i, step] of ensemble.entries()) {
    if (!givesModel(step)) {
      members.push(await gatherLists(step, parts, n, around));
      continue;
    }
    const model = await teachModel(step, parts, seed, around);
    const { value } = await teacherLists(model, parts, n, around, `teacher ${i + 1}'s`);
    members.push({ lists: value, scored: true, leftOut: [] });
  }
  return members;
}

/** The teacher after a share of its epochs; one that does not learn in epochs as it is. */
const afterEpochs = (step: SoleTeacher, share: number): SoleTeacher =>
  learnsInEpochs(step) ? { ...step, epochs: Math.max(1, Math.round(step.epochs * share)) } : step;

async function openTeacher(path: string, parts: Parts, { openArtifact, progress }: Surroundings): Promise<Candidate> {
  const task = progress.start("teacher from artifact");
  const artifact = await openArtifact(path);
  const { manifest, recommender } = artifact;
  const userIds = recommender.query === "user" ? (artifact.userIds ?? []) : parts.userIds;
  const same = sameIds(artifact.itemIds, parts.itemIds) && sameIds(userIds, parts.userIds);
  const aligned = same ? recommender : picked(path, artifact, userIds, parts);
  task.end();
  return {
    name: "teacher",
    role: "teacher",
    method: manifest.method,
    recommender: aligned,
    key: sha256(JSON.stringify(manifest) + (same ? "" : parts.hash)),
  };
}

/** The rows of the data's items and users, where the artifact knows all of them under other numbers. */
function picked(path: string, artifact: Artifact, userIds: readonly string[], parts: Parts): Recommender {
  const { recommender, itemIds } = artifact;
  const items = places(itemIds, parts.itemIds);
  const users = places(userIds, parts.userIds);
  const cure = "use the data it was trained on, or train a teacher on this data";
  for (const [what, known, found, wanted] of [
    ["items", itemIds, items, parts.itemIds],
    ["users", userIds, users, parts.userIds],
  ] as const) {
    const at = found.indexOf(-1);
    if (at < 0) continue;
    const missing = `the data's ${what} include "${wanted[at]}", its ${known.length} ${what} do not`;
    throw new UserError(`${path}: ${missing}; ${cure}.`);
  }
  if (!canPickRows(recommender)) {
    throw new UserError(
      `${path}: it knows other items or users than the data, and its tables are compressed; ${cure}.`,
    );
  }
  return pickRows(recommender, items, users);
}

const places = (known: readonly string[], wanted: readonly string[]): Int32Array => {
  const at = new Map(known.map((id, index) => [id, index]));
  return Int32Array.from(wanted, (id) => at.get(id) ?? -1);
};

const sameIds = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((id, i) => id === b[i]);
