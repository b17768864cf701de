// A generated world whose truth is known (src/data/world): for demos, tests, and questions that real logs cannot answer.

import { z } from "zod";
import { createRng } from "../base/rng.ts";
import { pick } from "../data/events.ts";
import { generateWorld } from "../data/world/world.ts";
import { defineDataset } from "../kinds/dataset.ts";

const count = z.number().int();

export default defineDataset({
  name: "world",
  summary: "A seeded synthetic world: drifting tastes, power-law popularity, sessions in time, readable titles.",
  license: "none needed: generated",
  options: z.strictObject({
    users: count.min(10).max(1e6).default(6000).describe("How many people."),
    items: count.min(20).max(1e6).default(4000).describe("How many items."),
    clicks: count.min(50).max(1e8).default(600_000).describe("How many clicks to aim at in all."),
    categories: count.min(1).max(20).default(16).describe("How many categories of items."),
    days: count.min(1).max(3650).default(90).describe("Length of the log."),
    drift: z.number().min(0).max(5).default(0.5).describe("How far tastes move over the log, in lengths of a taste."),
    skew: z.number().min(0).max(3).default(1).describe("Zipf exponent of popularity."),
    explore: z.number().min(0).max(1).default(0.1).describe("Share of exposures drawn uniformly from the catalogue."),
    seed: z.union([z.number(), z.string()]).default(1).describe("Of the world; a run's own seed leaves it as it is."),
  }),
  async load({ seed, ...options }) {
    const { events, titles, category, categories } = generateWorld(options, createRng(`world/${seed}`));
    const words = { kind: "words", words: categories, code: category } as const;
    const itemFeatures = { n: titles.length, columns: new Map([["category", words]]) };
    return pick({ events, titles, itemFeatures }, Uint32Array.from(events.user.keys()));
  },
});
