// Whether a loss can teach this student by this teacher, and the reason where it cannot.

import { UserError } from "../../base/errors.ts";
import type { Interactions } from "../../data/interactions.ts";
import { teacherVectors } from "../../engine/distil/teacher-vectors.ts";
import type { LossMethod } from "../../kinds/loss.ts";
import type { ModelMethod } from "../../kinds/model.ts";
import type { Fit } from "../../report/plan.ts";
import { registry } from "../registry.ts";
import { isModel, type Teacher } from "../teachers/teacher.ts";

export function fitOf(loss: LossMethod, model: ModelMethod, teacher: Teacher, train: Interactions): Fit {
  const no = (why: string): Fit => ({ loss: loss.name, fits: false, why });
  if (loss.sees === "logits") return no("compares logits of rows, which networks of click recipes have");
  if (!model.guided.includes(loss.sees)) {
    const able = registry.model.filter(({ guided }) => guided.includes(loss.sees)).map(({ name }) => name);
    return no(`compares ${loss.sees}, by which ${model.name} cannot learn; ${able.join(", ")} can`);
  }
  if (loss.sees === "candidates" || loss.sees === "users") {
    if (loss.needs === "scores" && !isModel(teacher) && !teacher.scored) {
      return no("compares scores, and the teacher gives only an order");
    }
    return { loss: loss.name, fits: true, why: loss.sees === "users" ? `${loss.needs} of users` : loss.needs };
  }
  try {
    teacherVectors(isModel(teacher) ? teacher.recommender : undefined, train, (why) => why);
  } catch (error) {
    if (error instanceof UserError) return no(`compares vectors, and the teacher ${error.message}`);
    throw error;
  }
  return { loss: loss.name, fits: true, why: "embeddings" };
}
