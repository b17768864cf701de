// MovieLens in the three forms GroupLens has published: 100K (u.data, u.item), 1M and 10M (ratings.dat, movies.dat), and
// the CSV releases (ratings.csv, movies.csv). Columns are taken by position, for copies differ in their header's words.

import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { type DescribingList, describe, inFolder, titlesAndFeatures } from "../data/describing.ts";
import { toEvents } from "../data/events.ts";
import { genreNames } from "../data/movielens.ts";
import { defineDataset } from "../kinds/dataset.ts";

type List = Pick<DescribingList, "file" | "delimiter" | "columns">;

const genres = { name: "genres", at: 2, separator: "|" };
const flags = { name: "genres", at: 5, flags: genreNames };
const numbered = (...names: string[]) => names.map((name, n) => ({ name, at: n + 1 }));

const forms = [
  {
    ratings: "u.data",
    format: "tsv",
    header: false,
    movies: { file: "u.item", delimiter: "|", columns: [flags] },
    people: { file: "u.user", delimiter: "|", columns: numbered("age", "gender", "occupation") },
  },
  {
    ratings: "ratings.dat",
    format: "::",
    header: false,
    movies: { file: "movies.dat", delimiter: "::", columns: [genres] },
    people: { file: "users.dat", delimiter: "::", columns: numbered("gender", "age", "occupation") },
  },
  {
    ratings: "ratings.csv",
    format: "csv",
    header: true,
    movies: { file: "movies.csv", delimiter: ",", columns: [genres] },
    people: undefined,
  },
] as const;

export default defineDataset({
  name: "movielens",
  summary: "MovieLens in any of its releases: 100K, 1M, 10M, 20M, 25M, latest; finds out which.",
  license: "GroupLens: research use, no redistribution",
  options: z.strictObject({
    path: z.string().min(1).describe("The folder that holds u.data, ratings.dat or ratings.csv."),
  }),
  async load({ path }, { read }) {
    for (const { ratings, format, header, movies, people } of forms) {
      const file = inFolder(path, ratings);
      if (!(await read.exists(file))) continue;
      const events = toEvents(await read.columns(file, { format, header, user: 0, item: 1, value: 2, time: 3 }));
      const described = async (ids: readonly string[], { file, delimiter, columns }: List) => {
        const at = inFolder(path, file);
        if (!(await read.exists(at))) return undefined;
        const list = { ...{ file: at, delimiter, quoted: delimiter === ",", header, id: 0 }, columns };
        return describe(ids, await read.text(at, "latin1"), list);
      };
      const title = { name: "title", at: 1 };
      const items = await described(events.items, { ...movies, columns: [title, ...movies.columns] });
      const users = people && (await described(events.users, people));
      return { events, ...(items && titlesAndFeatures(events.items, items)), ...(users && { userFeatures: users }) };
    }
    const looked = forms.map((form) => form.ratings).join(", ");
    throw new UserError(`${path}: no MovieLens ratings here (looked for ${looked}); give the folder that holds them.`);
  },
});
