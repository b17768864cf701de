import { expect, test } from "vitest";
import { parseClickRecipe } from "./recipe.ts";

const base = () => ({
  name: "tiny",
  clicklog: { use: "frappe", path: "frappe" },
  networks: [{ name: "a", use: "deepfm" }],
});
const complaint = (change: object): string => {
  try {
    parseClickRecipe({ ...base(), ...change }, "tiny.yaml");
    return "accepted";
  } catch (error) {
    return (error as Error).message;
  }
};

test("fills in every default and is itself a recipe", () => {
  const recipe = parseClickRecipe(base(), "tiny.yaml");
  expect(recipe.networks[0]).toMatchObject({ name: "a", use: "deepfm", d: 10, hidden: [400, 400, 400] });
  expect(recipe.train).toMatchObject({
    ...{ batch: 4096, metric: "auc", accumulate: 1 },
    optimizer: { use: "adam", learningRate: 0.001, schedule: { use: "constant" } },
    tables: { use: "adam", weightDecay: 0 },
  });
  expect(recipe.evaluate).toEqual({
    metrics: ["auc", "gauc", "log-loss", "calibration", "ece", "brier", "accuracy", "precision", "recall", "f1"],
    ...{ part: "test", threshold: 0.5 },
  });
  expect(parseClickRecipe(JSON.parse(JSON.stringify(recipe)), "again")).toEqual(recipe);
});

test("composed embeddings have their defaults, and are refused where nothing learns", () => {
  const networks = (more: object) => ({
    networks: [{ name: "a", use: "deepfm", embeddings: { use: "hash", ...more } }],
  });
  const { networks: filled } = parseClickRecipe({ ...base(), ...networks({ ratio: 20 }) }, "tiny.yaml");
  expect(filled[0]!.embeddings).toEqual({ use: "hash", ratio: 20, atLeast: 1000 });
  expect(complaint(networks({ use: "hsah" }))).toContain("embeddings.use");
  expect(complaint(networks({ ratio: 0.5 }))).toContain("embeddings.ratio");
  const ensemble = { name: "b", use: "ensemble", of: ["a"], embeddings: { use: "hash" } };
  expect(complaint({ networks: [...base().networks, ensemble] })).toContain(
    "an ensemble learns nothing; drop embeddings",
  );
});

/** Networks a (DeepFM), b (FM) and one that learns from them. */
const taught = (distill: object, rest: object = {}) => ({
  networks: [
    { name: "a", use: "deepfm" },
    { name: "b", use: "fm" },
    { name: "small", use: "fm", d: 2, distill: { teacher: "a", terms: [{ use: "bced" }], ...distill }, ...rest },
  ],
});

test("a network may learn from others, and several be one", () => {
  const given = taught({ teacher: { ensemble: ["a", "b"] }, terms: [{ use: "bced" }, { use: "clid", weight: 2 }] });
  const networks = [{ name: "both", use: "ensemble", of: ["a", "b"], calibrate: "platt" }, ...given.networks];
  const recipe = parseClickRecipe({ ...base(), networks }, "tiny.yaml");
  expect(recipe.networks[0]).toEqual({ name: "both", use: "ensemble", of: ["a", "b"], calibrate: "platt" });
  expect(recipe.networks[3]!.distill).toEqual({
    ...{ teacher: { ensemble: ["a", "b"], weights: "mean" }, alpha: 0.5, head: "served" },
    terms: [
      { use: "bced", temperature: 1, weight: 1 },
      { use: "clid", weight: 2 },
    ],
  });
  expect(parseClickRecipe(JSON.parse(JSON.stringify(recipe)), "again")).toEqual(recipe);
});

test.each([
  [taught({ teacher: "c" }), 'tiny.yaml: networks[2] (small): there is no network named "c" to learn from.'],
  [
    taught({ teacher: { ensemble: ["a", "smal"] } }),
    'networks[2] (small): there is no network named "smal" to learn from. Did you mean "small"?',
  ],
  [taught({ teacher: { ensemble: ["a", "a"] } }), 'networks[2] (small): "a" stands twice among its teachers.'],
  [
    taught({ teacher: "small" }),
    "networks[2] (small): networks teach in a circle, small ← small; one must learn from labels alone.",
  ],
  [
    {
      networks: [
        { name: "all", use: "ensemble", of: ["a", "b"] },
        { name: "a", use: "fm" },
        { name: "b", use: "fm", distill: { teacher: "all", terms: [{ use: "bced" }] } },
      ],
    },
    "networks teach in a circle, all ← b ← all;",
  ],
  [
    {
      networks: [
        { name: "all", use: "ensemble", of: ["a", "b"], columns: ["user"] },
        { name: "a", use: "fm", columns: ["user"] },
        { name: "b", use: "fm" },
      ],
    },
    'networks[0] (all): an ensemble reads what its members read; give it and "b" the same columns, or let a student',
  ],
  [taught({}, { columns: [] }), "networks[2].columns must have at least 1 entry, got []."],
  [
    taught({ terms: [{ use: "rrd" }] }),
    "networks[2].distill.terms[0] (rrd) compares candidates, and networks of clicks have logits; use one of bced, clid,",
  ],
  [taught({ terms: [{ use: "bcd" }] }), 'there is no loss named "bcd".'],
  [taught({ terms: [{ use: "bced", temperature: 0 }] }), "terms[0] (bced): temperature must be at least 0.001, got 0."],
  [taught({ teacher: { ensemble: ["a"] } }), 'distill.teacher.ensemble must have at least 2 entries, got ["a"].'],
  [taught({ terms: [] }), "networks[2].distill.terms must have at least 1 entry, got []."],
  [taught({ alpha: 2 }), "networks[2].distill.alpha must be at most 1, got 2."],
  [
    taught({ teacher: ["a", "b"] }),
    "distill.teacher must be a network's name, or { ensemble: two names or more, weights: mean or gated }",
  ],
  [
    taught({ head: "auxiliary", alpha: 1 }),
    "networks[2].distill: with an auxiliary head and alpha 1 nothing would teach the logit that is served; lower alpha.",
  ],
  [taught({}, { use: "ensemble", of: ["a", "b"], d: undefined }), "an ensemble learns nothing; drop distill, or let a"],
  [{ networks: [{ name: "a", use: "ensemble" }] }, "networks[0] (ensemble): of is missing; give an array."],
])("%j", (change, message) => {
  expect(complaint(change)).toContain(message);
});

test.each([
  [{ dataset: { use: "world" } }, 'tiny.yaml: there is no option "dataset".'],
  [{ clicklog: { use: "frape" } }, 'clicklog: there is no clicklog named "frape". Did you mean "frappe"?'],
  [{ clicklog: { use: "frappe" } }, "tiny.yaml: clicklog (frappe): path is missing; give a string."],
  [{ networks: [] }, "tiny.yaml: networks must have at least 1 entry, got []."],
  [{ networks: [{ name: "a", use: "deepfn" }] }, 'there is no network named "deepfn". Did you mean "deepfm"?'],
  [
    { networks: [{ name: "a", use: "deepfm", dropuot: 0 }] },
    'tiny.yaml: networks[0] (deepfm): there is no option "dropuot". Did you mean "dropout"?',
  ],
  [
    {
      networks: [
        { name: "a", use: "fm" },
        { name: "A", use: "lr" },
      ],
    },
    'tiny.yaml: networks[1]: the name "A" is taken by "a"; every network needs its own.',
  ],
  [{ networks: [{ name: "../up", use: "fm" }] }, "networks[0].name must be letters, digits, dot, dash"],
  [{ train: { metric: "acu" } }, 'train.metric must be one of auc, gauc, log-loss; got "acu". Did you mean "auc"?'],
  [{ train: { batch: 0 } }, "tiny.yaml: train.batch must be at least 1, got 0."],
  [{ train: { optimizer: { use: "adan" } } }, "train.optimizer.use must be one of adam, adamw, sgd, momentum, adagrad"],
  [{ train: { optimizer: { use: "adam", learningRate: -1 } } }, "learningRate must be more than 0, got -1."],
  [{ train: { tables: { use: "adam", learningRate: 1 } } }, 'train.tables has no option "learningRate".'],
  [{ train: { tablesLearningRate: 0 } }, "tiny.yaml: train.tablesLearningRate must be more than 0, got 0."],
  [{ evaluate: { metrics: ["ndcg"] } }, "evaluate.metrics[0] must be one of auc, gauc, log-loss, calibration, ece"],
  [{ columns: [{ kind: "colour", column: "x" }] }, "tiny.yaml: columns[0].kind"],
  [
    { networks: [{ name: "a", use: "fm", calibrate: "plat" }] },
    'networks[0].calibrate must be one of platt, piecewise-linear; got "plat". Did you mean "platt"?',
  ],
  [{ evaluate: { threshold: 1 } }, "tiny.yaml: evaluate.threshold must be less than 1, got 1."],
  [
    { evaluate: { slices: [{ column: "c", by: "x" }] } },
    "tiny.yaml: evaluate.slices[0].by must be one of value, quant",
  ],
  [{ evaluate: { slices: [{ by: "value" }] } }, "tiny.yaml: evaluate.slices[0].column is missing; give a string."],
  [{ train: { metric: "ece" } }, 'train.metric must be one of auc, gauc, log-loss; got "ece".'],
  [{ columns: [] }, "tiny.yaml: columns must have at least 1 entry, got []."],
])("%j", (change, message) => {
  expect(complaint(change)).toContain(message);
});
