// What our own model files say of themselves.

import type { ModelFacts } from "../graph/graph.ts";

/** The facts of a graph that was built here. */
export const ourFacts = (opset: number): ModelFacts => ({
  irVersion: irVersionOf(opset),
  producer: "distilrec",
  producerVersion: "",
  domain: "",
  modelVersion: 0,
  metadata: {},
});

/** 9, or the first IR version that knows all of the opset. */
export const irVersionOf = (opset: number): number => (opset <= 20 ? 9 : opset <= 22 ? 10 : 11);

/** Whether a file says just what ourFacts does, so that its graph is as if it was built here. */
export const areOurs = (facts: ModelFacts, opset: number): boolean =>
  JSON.stringify(facts) === JSON.stringify(ourFacts(opset));
