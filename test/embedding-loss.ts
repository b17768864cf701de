// The value of a loss over embeddings on given rows, and the weights that it made, for tests by hand.

import { createRng } from "../src/base/rng.ts";
import { buildGraph } from "../src/graph/builder.ts";
import { opsOn } from "../src/graph/ops.ts";
import { typedBuilder } from "../src/graph/typed-builder.ts";
import type { EmbeddingLoss } from "../src/kinds/embedding-loss.ts";
import { runGraph } from "./run-graph.ts";

export interface Rows {
  readonly teacher: readonly (readonly number[])[];
  readonly student: readonly (readonly number[])[];
  /** 1 each by default. */
  readonly weight?: readonly number[];
}

const rng = createRng("rows");

/** Normal numbers, new each time. */
export const randomRows = (n: number, width: number): number[][] =>
  Array.from({ length: n }, () => Array.from({ length: width }, () => rng.normal()));

export async function embeddingLoss(
  loss: EmbeddingLoss,
  sides: Readonly<Record<"user" | "item", Rows>>,
  options: object,
  filtered = sides,
): Promise<{ value: number; weights: ReadonlyMap<string, Float32Array> }> {
  const { graph } = buildGraph(loss.name, 21);
  const g = opsOn(typedBuilder(graph, {}));
  const weights = new Map<string, Float32Array>();
  const float = (rows: Rows["teacher"]) =>
    g.float("rows", [rows.length, rows[0]!.length], Float32Array.from(rows.flat()));
  const side = ({ teacher, student, weight }: Rows) => ({
    ...{ teacher: float(teacher), student: float(student) },
    weight: g.float("weight", [teacher.length], Float32Array.from(weight ?? teacher.map(() => 1))),
  });
  const built = loss.build!(
    {
      ...{ g, filtered: (name) => side(filtered[name]) },
      weight(name, dims, init) {
        const data = init(rng, dims).map((x) => x + 0.1 * rng.normal());
        weights.set(name, data);
        return g.float(name, dims, data);
      },
    },
    { user: side(sides.user), item: side(sides.item) },
    loss.options.parse(options),
  );
  g.output(built, "value", []);
  return { value: (await runGraph(graph, {}))["value"]![0]!, weights };
}
