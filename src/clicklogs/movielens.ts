// MovieLens 100K as clicks: a rating of at least the threshold is 1. Users' age, gender and occupation and items' year and
// genres come with it.

import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { splitLine, splitLines } from "../data/delimited.ts";
import { inFolder } from "../data/describing.ts";
import { holdOut, holdoutOptions } from "../data/holdout.ts";
import { genreNames as genres } from "../data/movielens.ts";
import { columnOf, type Lists, type RawColumn, type Words, wordsOf } from "../data/raw-table.ts";
import { targets } from "../data/targets.ts";
import { defineClickLog } from "../kinds/clicklog.ts";

export default defineClickLog({
  name: "movielens",
  summary: "MovieLens 100K as clicks (rating at least 4), with users' and items' features.",
  license: "GroupLens: research use, no redistribution",
  options: z.strictObject({
    path: z.string().min(1).describe("The folder that holds u.data, u.user and u.item."),
    threshold: z.number().default(4).describe("Ratings of at least this are 1, smaller ones 0."),
    holdout: holdoutOptions,
  }),
  async load({ path, threshold, holdout }, { read, rng }) {
    const ratings = await read.rows(inFolder(path, "u.data"), {
      format: "tsv",
      header: false,
      columns: [
        { name: "user", from: 0, as: "words" },
        { name: "item", from: 1, as: "words" },
        { name: "rating", from: 2, as: "numbers" },
        { name: "time", from: 3, as: "times" },
      ],
    });
    const list = async (name: string, fields: number) => {
      const file = inFolder(path, name);
      return byId(await read.text(file, "latin1"), file, fields);
    };
    const people = await list("u.user", 5);
    const films = await list("u.item", 5 + genres.length);
    const user = columnOf(ratings, "user", "movielens") as Words;
    const item = columnOf(ratings, "item", "movielens") as Words;
    const features: [string, RawColumn][] = [
      ["age", spread(user, (id) => people.get(id)?.[1])],
      ["gender", spread(user, (id) => people.get(id)?.[2])],
      ["occupation", spread(user, (id) => people.get(id)?.[3])],
      ["year", spread(item, (id) => films.get(id)?.[2]?.slice(-4))],
      ["genres", spreadLists(item, (id) => genres.filter((_, g) => films.get(id)?.[5 + g] === "1"))],
    ];
    const table = { n: ratings.n, columns: new Map([...ratings.columns, ...features]) };
    const target = { label: "rating", threshold, group: "user", time: "time" };
    return {
      table,
      part: holdOut(table.n, holdout, rng.fork("holdout"), targets(table, target).time),
      target,
      columns: [
        { kind: "category", column: "user" },
        { kind: "category", column: "item" },
        { kind: "category", column: "gender" },
        { kind: "category", column: "occupation" },
        { kind: "buckets", column: "age" },
        { kind: "buckets", column: "year" },
        { kind: "tags", column: "genres", length: genres.length },
      ],
    };
  },
});

/** The fields of each line of a "|" list, by the first of them. */
function byId(text: string, file: string, width: number): Map<string, string[]> {
  const lines = splitLines(text).map((line) => splitLine(line, "|", false));
  const bad = lines.findIndex((fields) => fields.length !== width);
  if (bad >= 0) {
    throw new UserError(
      `${file}: line ${bad + 1}: expected ${width} fields separated by "|", got ${lines[bad]!.length}.`,
    );
  }
  return new Map(lines.map((fields) => [fields[0]!, fields]));
}

/** A feature of each row's id; ids without one are missing. */
function spread({ words, code }: Words, feature: (id: string) => string | undefined): Words {
  const own = wordsOf(words.map((id) => feature(id) ?? null));
  return { ...own, code: code.map((c) => (c < 0 ? -1 : own.code[c]!)) };
}

function spreadLists({ words, code }: Words, feature: (id: string) => string[]): Lists {
  const lists = words.map(feature);
  const start = new Uint32Array(code.length + 1);
  for (const [r, c] of code.entries()) start[r + 1] = start[r]! + (lists[c]?.length ?? 0);
  return { kind: "lists", start, of: wordsOf(Array.from(code, (c) => lists[c] ?? []).flat()) };
}
