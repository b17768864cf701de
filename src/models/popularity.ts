// Popularity: everybody gets what most users took. The floor that every other model must beat.

import { z } from "zod";
import { takenCounts } from "../data/interactions.ts";
import { defineModel } from "../kinds/model.ts";
import { f32Table } from "../tables/table.ts";

export default defineModel({
  name: "popularity",
  summary: "Scores every item by how many users took it.",
  options: z.strictObject({}),
  guided: [],
  // score_j = number of users with j
  async fit(train) {
    const counts = Float32Array.from(takenCounts(train));
    return { query: "none", pool: "sum", items: train.items, tables: { bias: f32Table(1, train.items, counts) } };
  },
});
