// What every network promises, whatever its formula.

import { describe, expect, test } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { createRng } from "../../src/base/rng.ts";
import { inferGraph } from "../../src/graph/infer/index.ts";
import type { NetworkInputs, NetworkMethod } from "../../src/kinds/network.ts";
import { all } from "../../src/networks/index.ts";
import { encodeOnnx } from "../../src/onnx/encode.ts";
import { answers, built, mixtures, nothing, randomFeeds, randomise, rowsOf } from "../network-runs.ts";

const networks = all as unknown as readonly NetworkMethod[];
const batch = 7;

/** The network over the inputs, or undefined where it refuses them in a sentence. */
function accepted(network: NetworkMethod, inputs: NetworkInputs) {
  try {
    return built(network, {}, inputs);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toMatch(new RegExp(`^${network.name}: .*\\.$`, "s"));
    return undefined;
  }
}

describe.each(networks)("$name", (network) => {
  test.each(Object.entries(mixtures))("over %s: one logit a row, the same in every batch", async (_, inputs) => {
    const model = accepted(network, inputs);
    if (!model) return;
    const { graph } = model;
    for (const size of [1, batch]) {
      expect(inferGraph(graph, { batch: size }).types.get("logits")).toEqual({ dtype: "float32", dims: [size] });
    }
    const rng = createRng(network.name);
    randomise(model, rng);
    const feeds = randomFeeds(inputs, batch, rng);
    const single = Array.from({ length: batch }, (__, row) => rowsOf(feeds, row, row + 1));
    const [whole, ...rows] = await answers(graph, feeds, ...single);
    for (const [row, { logits }] of rows.entries()) {
      const expected = whole!["logits"]!.data[row] as number;
      // Products of one row and of seven are summed in different orders: float32 rounding of sums of some hundred terms.
      expect(Math.abs((logits!.data[0] as number) - expected)).toBeLessThan(2e-5 * (1 + Math.abs(expected)));
    }
    expect(new Set(whole!["logits"]!.data as Float32Array).size).toBeGreaterThan(1);
  });

  test("it takes columns of some kind, and says so where there is none", () => {
    expect(Object.values(mixtures).some((inputs) => accepted(network, inputs))).toBe(true);
    expect(() => built(network, {}, nothing)).toThrow(UserError);
  });

  test("the seed decides its start, to the byte", () => {
    const inputs = mixtures["user and item"]!;
    const bytes = (seed: number) => Buffer.from(encodeOnnx(built(network, {}, inputs, seed).graph));
    expect(bytes(1).equals(bytes(1))).toBe(true);
    expect(bytes(1).equals(bytes(2))).toBe(false);
  });

  test("what it trains is in the graph, once, and tables are read by Gather alone", () => {
    const { graph, weights, tables } = built(network, {}, mixtures["user and item"]!);
    const trained = [...weights, ...tables];
    expect(new Set(trained).size).toBe(trained.length);
    for (const name of trained) {
      expect(graph.initializers.get(name)?.dtype).toBe("float32");
      const readers = graph.nodes.filter(({ inputs }) => inputs.includes(name));
      expect(readers.length, `something reads ${name}`).toBeGreaterThan(0);
      if (tables.includes(name)) expect(readers.map(({ op }) => op)).toEqual(["Gather"]);
    }
  });
});
