// A teacher's vectors of users and items, for losses that compare embeddings.

import { UserError } from "../../base/errors.ts";
import { type Interactions, rowOf } from "../../data/interactions.ts";
import { poolScale, type Recommender } from "../../recommender/recommender.ts";
import { decodeTable } from "../../tables/decode.ts";

/** A teacher's vectors, n × width each. */
export interface TeacherVectors {
  readonly width: number;
  readonly user: Float32Array;
  readonly item: Float32Array;
}

/** Throws a UserError for a teacher without a model, and one that scores without vectors or makes them by an encoder. */
export function teacherVectors(
  teacher: Recommender | undefined,
  train: Interactions,
  refusal: (why: string) => string,
): TeacherVectors {
  const refuse = (why: string): never => {
    throw new UserError(refusal(why));
  };
  if (!teacher) return refuse("has lists and no model");
  const { tables, encoder, query, pool } = teacher;
  if (encoder) return refuse("makes users' vectors by an encoder");
  if (!tables.item || query === "none") return refuse("scores items without vectors");
  const item = decodeTable(tables.item);
  const width = tables.item.cols;
  if (query === "user") return { width, user: decodeTable(tables.user!), item };
  const history = tables.history ? decodeTable(tables.history) : item;
  const user = new Float32Array(train.users * width);
  for (let u = 0; u < train.users; u++) {
    const row = rowOf(train, u);
    const scale = poolScale(pool, row.length);
    for (const h of row) for (let x = 0; x < width; x++) user[u * width + x]! += scale * history[h * width + x]!;
  }
  return { width, user, item };
}
