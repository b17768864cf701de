// MovieLens in the three forms GroupLens has published: 100K (u.data, u.item), 1M and 10M (ratings.dat, movies.dat), and
// the CSV releases (ratings.csv, movies.csv). Columns are taken by position, for copies differ in their header's words.

import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { toEvents } from "../data/events.ts";
import { inFolder, titlesFor } from "../data/titles.ts";
import { defineDataset } from "../kinds/dataset.ts";

const forms = [
  { ratings: "u.data", format: "tsv", header: false, movies: "u.item", delimiter: "|" },
  { ratings: "ratings.dat", format: "::", header: false, movies: "movies.dat", delimiter: "::" },
  { ratings: "ratings.csv", format: "csv", header: true, movies: "movies.csv", delimiter: "," },
] as const;

export default defineDataset({
  name: "movielens",
  summary: "MovieLens in any of its releases: 100K, 1M, 10M, 20M, 25M, latest; finds out which.",
  license: "GroupLens: research use, no redistribution",
  options: z.strictObject({
    path: z.string().min(1).describe("The folder that holds u.data, ratings.dat or ratings.csv."),
  }),
  async load({ path }, { read }) {
    for (const { ratings, format, header, movies, delimiter } of forms) {
      const file = inFolder(path, ratings);
      if (!(await read.exists(file))) continue;
      const events = toEvents(await read.columns(file, { format, header, user: 0, item: 1, value: 2, time: 3 }));
      const list = { file: inFolder(path, movies), delimiter, quoted: delimiter === ",", header, id: 0, title: 1 };
      if (!(await read.exists(list.file))) return { events };
      return { events, titles: titlesFor(events.items, await read.text(list.file, "latin1"), list) };
    }
    const looked = forms.map((form) => form.ratings).join(", ");
    throw new UserError(`${path}: no MovieLens ratings here (looked for ${looked}); give the folder that holds them.`);
  },
});
