// MovieTweetings: ratings of films tweeted from IMDb (Dooms et al., CrowdRec 2013). user::imdb::rating(0-10)::time.

import { z } from "zod";
import { describe, inFolder, titlesAndFeatures } from "../data/describing.ts";
import { toEvents } from "../data/events.ts";
import { defineDataset } from "../kinds/dataset.ts";

export default defineDataset({
  name: "movietweetings",
  summary: "MovieTweetings: tweeted film ratings with times, titles and genres (ratings.dat, movies.dat).",
  license: "MIT",
  options: z.strictObject({
    path: z.string().min(1).describe("The folder that holds ratings.dat and, for titles and genres, movies.dat."),
  }),
  async load({ path }, { read }) {
    const mapping = { format: "::", header: false, user: 0, item: 1, value: 2, time: 3 } as const;
    const events = toEvents(await read.columns(inFolder(path, "ratings.dat"), mapping));
    const file = inFolder(path, "movies.dat");
    if (!(await read.exists(file))) return { events };
    const list = {
      ...{ file, delimiter: "::", quoted: false, header: false, id: 0 },
      columns: [
        { name: "title", at: 1 },
        { name: "genres", at: 2, separator: "|" },
      ],
    };
    return { events, ...titlesAndFeatures(events.items, describe(events.items, await read.text(file), list)) };
  },
});
