// plan: which losses fit a teacher, a student and the data, what an epoch with each costs, and what to begin with.

import { UserError } from "../../base/errors.ts";
import type { Interactions } from "../../data/interactions.ts";
import { parseOptions } from "../../kinds/options.ts";
import type { DistilPlan } from "../../report/plan.ts";
import { tableBytes } from "../../tables/table.ts";
import type { Parts } from "../divide.ts";
import { registry } from "../registry.ts";
import type { Surroundings } from "../surroundings.ts";
import { isModel, type Teacher } from "../teachers/teacher.ts";
import { measureEpochs, sampleOf } from "./epochs.ts";
import { fitOf } from "./fits.ts";
import { mixOf } from "./mix.ts";

/** Times epochs with every loss that fits, over some of the users; a student that cannot learn is a UserError. */
export async function planDistillation(
  teacher: Teacher,
  parts: Parts,
  student: { readonly use: string },
  around: Surroundings,
): Promise<DistilPlan> {
  const { use, ...options } = student;
  const model = registry.find("model", use, "students");
  if (model.guided.length === 0) {
    const able = registry.model.filter(({ guided }) => guided.length > 0).map(({ name }) => name);
    throw new UserError(`${use} cannot learn from a teacher; use one of ${able.join(", ")}.`);
  }
  parseOptions(model.options, options, use);
  const sample = await sampleOf(teacher, parts, around);
  const fits = registry.loss.map((loss) => fitOf(loss, model, teacher, sample.train));
  const timed = await measureEpochs(model, options, sample, fits, around);
  const scale = parts.train.indices.length / sample.train.indices.length;
  return {
    teacher: {
      ...{ method: teacher.method, gives: givenBy(teacher, sample.train) },
      ...(isModel(teacher) && {
        bytes: Object.values(teacher.recommender.tables).reduce((sum, table) => sum + tableBytes(table), 0),
      }),
    },
    student: use,
    data: { users: parts.train.users, items: parts.train.items, interactions: parts.train.indices.length },
    ...(timed.base !== undefined && { base: timed.base * scale }),
    timed: sample.train.users,
    losses: fits.map((fit) => {
      const seconds = timed.of.get(fit.loss);
      if (seconds === undefined || timed.base === undefined) return fit;
      return { ...fit, epoch: { seconds: seconds * scale, ratio: seconds / timed.base } };
    }),
    mix: mixOf(fits, model.name, teacher),
  };
}

function givenBy(teacher: Teacher, train: Interactions): string {
  if (!isModel(teacher)) return teacher.scored ? "lists with scores" : "lists in order, no scores";
  const { query, tables } = teacher.recommender;
  const width = tables.item ? `vectors of ${tables.item.cols} numbers` : "scores without vectors";
  return `${width}, by ${query === "user" ? "user" : "history"}; ranks ${train.items} items`;
}
