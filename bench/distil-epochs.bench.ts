// What an epoch of a factor student (d = 20) costs with each distillation loss beside an epoch without, at the size of
// citeULike in Topology Distillation's split and under a teacher of 200 dimensions: seconds, and times the base epoch.

import { createRng } from "../src/base/rng.ts";
import type { Interactions } from "../src/data/interactions.ts";
import { all } from "../src/losses/index.ts";
import mf from "../src/models/mf.ts";
import { openSurroundings } from "../src/node/surroundings.ts";
import { measureEpochs } from "../src/pipeline/plan/epochs.ts";
import { fitOf } from "../src/pipeline/plan/fits.ts";
import { noStore } from "../src/pipeline/stage.ts";
import { teacherLists } from "../src/pipeline/teacher-lists.ts";
import { teacherUsers } from "../src/pipeline/teacher-users.ts";
import { f32Table } from "../src/tables/table.ts";
import type { Figures, QualityContext } from "./case.ts";

const [USERS, ITEMS, TAKEN, D, WIDTH, TOP, ROUNDS] = [5219, 25_182, 105_000, 20, 200, 100, 3];

/** Users and items by a power law. */
function interactions(): Interactions {
  const rng = createRng("distil epochs");
  const rows = Array.from({ length: USERS }, () => new Set<number>());
  const skewed = (n: number) => Math.floor(n * rng.uniform() ** 1.5);
  for (let taken = 0; taken < TAKEN; ) {
    const row = rows[skewed(USERS)]!;
    const item = skewed(ITEMS);
    if (row.has(item)) continue;
    row.add(item);
    taken++;
  }
  const indptr = new Int32Array(USERS + 1);
  rows.forEach((row, u) => {
    indptr[u + 1] = indptr[u]! + row.size;
  });
  const indices = Int32Array.from(rows.flatMap((row) => [...row].sort((a, b) => a - b)));
  return { users: USERS, items: ITEMS, indptr, indices, values: new Float32Array(TAKEN).fill(1) };
}

export async function measure({ note }: QualityContext): Promise<Figures> {
  const rng = createRng("teacher");
  const vectors = (rows: number) =>
    f32Table(
      rows,
      WIDTH,
      Float32Array.from({ length: rows * WIDTH }, () => 0.1 * rng.normal()),
    );
  const train = interactions();
  const teacher = {
    ...{ name: "teacher", role: "teacher" as const, method: "random", key: "bench" },
    recommender: {
      ...{ query: "user" as const, pool: "sum" as const, items: ITEMS },
      tables: { user: vectors(USERS), item: vectors(ITEMS) },
    },
  };
  const progress = { start: () => ({ step() {}, end() {} }), stop() {} };
  const around = await openSurroundings({ base: ".", command: "npm run bench -- distil-epochs", progress });
  try {
    const parts = { train, hash: "bench" };
    const lists = await teacherLists(teacher, parts, TOP, { ...around, store: noStore });
    const usersOf = await teacherUsers(teacher, lists, parts, TOP, { ...around, store: noStore });
    const sample = { train, teacher: teacher.recommender, lists: lists.value, usersOf: usersOf.value };
    const fits = all.map((loss) => fitOf(loss, mf, teacher, train));
    const least = new Map<string, number>();
    for (let round = 1; round <= ROUNDS; round++) {
      const { base, of } = await measureEpochs(mf, { d: D }, sample, fits, around);
      for (const [name, seconds] of [["alone", base!] as const, ...of]) {
        least.set(name, Math.min(seconds, least.get(name) ?? Number.POSITIVE_INFINITY));
      }
      note(`round ${round} of ${ROUNDS}`);
    }
    const alone = least.get("alone")!;
    const digits = (x: number) => Number(x.toPrecision(3));
    return Object.fromEntries([
      ["alone, s", digits(alone)],
      ...[...least].filter(([name]) => name !== "alone").map(([name, s]) => [`${name}, times`, digits(s / alone)]),
    ]);
  } finally {
    await around.close();
  }
}
