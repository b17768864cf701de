// A run's results as a real one gives them, for tests of the report; figures are plausible, not measured.

import type { Results, Sample, Variant } from "../../src/report/results.ts";
import { sampleCost } from "./sample-cost.ts";
import { sampleFidelity, sampleGates } from "./sample-evidence.ts";

const variant = (
  name: string,
  role: Variant["role"],
  method: string,
  ndcg: number,
  raw: number,
  more: Partial<Variant> = {},
): Variant => ({
  name,
  role,
  method,
  metrics: {
    "ndcg@20": ndcg,
    "recall@20": ndcg * 1.42,
    "mrr@20": ndcg * 1.05,
    "hit@20": ndcg * 2.6,
    "precision@20": ndcg * 0.31,
    "map@20": ndcg * 0.62,
    "ndcg@10": ndcg * 0.86,
    "coverage@20": 0.31 + raw / 1e8,
  },
  standardError: { "ndcg@20": 0.0016, "recall@20": 0.0021, "mrr@20": 0.0024 },
  pairedError: { "ndcg@20": 0.0009, "recall@20": 0.0013, "mrr@20": 0.0015 },
  slices: (
    [
      ["head", "items", 1.9],
      ["mid", "items", 0.74],
      ["tail", "items", 0.28],
      ["cold", "users", 0.8],
    ] as const
  ).map(([name, of, by]) => ({
    ...{ name, of, users: 9_000 },
    metrics: { "ndcg@20": ndcg * by, "recall@20": ndcg * 1.42 * by },
    standardError: { "ndcg@20": 0.002, "recall@20": 0.003 },
    pairedError: { "ndcg@20": 0.0011, "recall@20": 0.0017 },
  })),
  ...(role !== "teacher" && {
    fidelity: sampleFidelity(0.86 - 4 * Math.abs(0.1975 - ndcg)),
    gates: sampleGates(1 - ndcg / 0.195, raw),
  }),
  cost: sampleCost(raw),
  artifact: `artifacts/${name}`,
  ...more,
});

const pass = (use: string, changed: string[], refused: [string, string][] = []) => ({
  use,
  changed,
  refused: refused.map(([table, reason]) => ({ table, reason })),
});

const titles = [
  "Gravity (2013)",
  "Her (2013)",
  "The Lego Movie (2014)",
  "Interstellar (2014)",
  "Whiplash (2014)",
  "Gone Girl (2014)",
  "The Grand Budapest Hotel (2014)",
  "12 Years a Slave (2013)",
  "The Secret Life of Walter Mitty (2013)",
  "Guardians of the Galaxy (2014)",
  "Captain Phillips (2013)",
  "Birdman or (The Unexpected Virtue of Ignorance) (2014)",
];
const turned = (by: number, n = 10) => Array.from({ length: n }, (_, i) => titles[(i * 5 + by) % titles.length]!);

const sample = (user: string, by: number): Sample => ({
  user,
  history: turned(by + 3, 5),
  truth: [titles[by]!, titles[(by + 7) % 12]!, titles[(by + 2) % 12]!],
  lists: { "teacher-ease": turned(by), student: turned(by + 4), "student-int4": turned(by + 5) },
});

/** Results of a whole run: a teacher, two students and six variants. */
export function sampleResults(): Results {
  return {
    recipe: "movietweetings-ease-student",
    seed: 42,
    dataset: {
      name: "movietweetings",
      users: 15_108,
      items: 7_021,
      interactions: 601_412,
      fingerprint: "9b2f41c07d5e88a1f0c34d9be5a0712c6b8fd3379e21cc5a04f7d6b1a2938e5f",
      dropped: [
        {
          step: "duplicates",
          dropped: 1_204,
          left: 919_796,
          why: "the same user rated the same film again; the last one stays",
        },
        { step: "rating ≥ 6", dropped: 201_388, left: 718_408, why: "a rating below 6 of 10 is not a liking" },
        { step: "bots", dropped: 8_110, left: 710_298, why: "3 users rated more than 500 films in a day" },
        {
          step: "5-core",
          dropped: 108_886,
          left: 601_412,
          why: "users and films with fewer than 5 ratings, until none is left",
        },
      ],
    },
    split: {
      use: "random-by-user",
      train: 481_130,
      validation: 0,
      test: 120_282,
      hash: "4c11d0ffb2a6e9953fd08b7723ce14a5917e6ab2f30d1c88e5cba6174d2093ef",
    },
    variants: [
      variant("teacher-ease", "teacher", "ease", 0.195, 23_040_000),
      variant("student", "student", "inductive", 0.1961, 1_797_000, { of: "teacher-ease" }),
      variant("student-fp16", "variant", "inductive", 0.1961, 901_000, {
        of: "student",
        passes: [pass("fp16", ["history", "item", "bias"])],
      }),
      variant("student-int8", "variant", "inductive", 0.196, 509_000, {
        of: "student",
        passes: [
          pass(
            "int8-row",
            ["history", "item"],
            [["bias", "one row of 7,021 numbers would share one scale; its error would be 40 times the others'"]],
          ),
        ],
      }),
      variant("student-int4", "variant", "inductive", 0.1954, 96_500, {
        of: "student",
        passes: [pass("int4-row", ["history", "item"])],
      }),
      variant("student-codebook", "variant", "inductive", 0.1921, 71_200, {
        of: "student",
        passes: [pass("kmeans-codebook", ["history", "item"])],
      }),
      variant("student-pruned", "variant", "inductive", 0.1893, 46_900, {
        of: "student",
        passes: [pass("prune-magnitude", ["history", "item"]), pass("int8-row", ["history", "item"])],
      }),
      variant("student-tiny", "student", "inductive", 0.1806, 161_000, { of: "teacher-ease" }),
      variant("popularity", "student", "popularity", 0.1012, 28_400, { of: "teacher-ease" }),
    ],
    samples: [sample("u1042", 0), sample("u88", 5), sample("u13907", 9)],
    machine: { cpu: "AMD EPYC 7B13", cores: 2, node: "20.19.4", load: 0.4 },
    reproduce: "npx distilrec run recipes/movietweetings-ease-student.yaml --seed 42",
  };
}

/** A long run: `variants` of them, each with `slices` slices. */
export function manyResults(variants: number, slices: number): Results {
  const results = sampleResults();
  const genre = (v: Variant, at: number) => {
    const [first] = v.slices;
    const by = 0.4 + ((at * 7) % 11) / 10;
    const metrics = Object.fromEntries(Object.entries(v.metrics).map(([name, value]) => [name, value * by]));
    return {
      ...first!,
      name: `genre = ${["Film noir", "Documentary", "Children's animation"][at % 3]} ${at}`,
      metrics,
    };
  };
  const some = Array.from({ length: variants }, (_, at) => {
    if (at === 0) return results.variants[0]!;
    const raw = Math.round(9_000 * 1.16 ** at);
    const ndcg = 0.196 - 0.09 / (2 + at) - ((at * 13) % 7) / 900;
    return variant(`student-d${8 * at}-${["int8", "int4", "codebook"][at % 3]}`, "variant", "inductive", ndcg, raw);
  });
  const all = some.map((v) => ({ ...v, slices: Array.from({ length: slices }, (_, at) => genre(v, at)) }));
  return { ...results, variants: all, samples: [] };
}
