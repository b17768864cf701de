// A network's graph over its columns: inputs, embedding tables and weights as initializers, one output `logits`.

import { bug, suggest, UserError } from "../base/errors.ts";
import type { Rng } from "../base/rng.ts";
import { buildGraph } from "../graph/builder.ts";
import { type Ops, opsOn } from "../graph/ops.ts";
import { float32, int64 } from "../graph/tensor.ts";
import { typedBuilder } from "../graph/typed-builder.ts";
import type { Init, NetworkContext, NetworkInputs, NetworkMethod } from "../kinds/network.ts";
import type { Whole } from "./compositions/composition.ts";
import { type EmbeddingsOption, embeddingRows } from "./compositions/index.ts";
import { normal, xavierNormal } from "./layers/init.ts";
import { lazyTable } from "./training/lazy-table.ts";
import type { Model } from "./training/model.ts";

/** Version of the standard operators in every graph that we make. */
export const opset = 21;
/** A batch to infer shapes with while building; unlike any width, so that a constant that holds it stands out. */
const probe = 7919;

/**
 * The trainable graph of `network` over `inputs`; every start is drawn from `rng`, by name. `embeddings` says what rows
 * of large tables are composed of. No input: a UserError.
 */
export function networkGraph<O>(
  network: NetworkMethod & { build(context: NetworkContext, options: O): string },
  options: O,
  inputs: NetworkInputs,
  rng: Rng,
  embeddings?: EmbeddingsOption,
): Model {
  if (inputs.fields + inputs.numeric + inputs.bags.length + inputs.dense.length === 0) {
    throw new UserError(
      `${network.name}: there is no column to learn from; give it a field, a number, a list or a vector.`,
    );
  }
  const clash = inputs.bags.find(({ name }) => inputs.bags.some((other) => other.name === `${name}.mask`));
  if (clash) {
    throw new UserError(
      `${network.name}: the lists "${clash.name}" and "${clash.name}.mask" would share an input's name; call one of them otherwise.`,
    );
  }
  const graph = buildGraph(network.name, opset).graph;
  const g = opsOn(typedBuilder(graph, { batch: probe }));
  const weights: string[] = [];
  const tables: string[] = [];
  const weight = (name: string, dims: readonly number[], init: Init) => {
    const unique = g.constant(name, float32(dims, init(rng.fork(name), dims)));
    weights.push(unique);
    return unique;
  };
  const table = (name: string, rows: number, d: number, init: Init) => {
    const draws = () => {
      const own = rng.fork(name);
      return (count: number) => init(own, [count, d]);
    };
    const unique = g.constant(name, lazyTable([rows, d], draws));
    tables.push(unique);
    return unique;
  };
  const rowsAt = (whole: Whole, at: string) => embeddingRows({ g, table, weight }, whole, at, embeddings);
  const ids = inputs.fields > 0 ? g.input("ids", "int64", ["batch", inputs.fields]) : undefined;
  const numeric = inputs.numeric > 0 ? g.input("numeric", "float32", ["batch", inputs.numeric]) : undefined;
  const bags = inputs.bags.map((bag) => ({
    ...bag,
    ids: g.input(`bag.${bag.name}`, "int64", ["batch", bag.length]),
    mask: g.input(`bag.${bag.name}.mask`, "float32", ["batch", bag.length]),
  }));
  const vectors = inputs.dense.map(({ name, width }) => ({
    name,
    width,
    value: g.input(`dense.${name}`, "float32", ["batch", width]),
  }));
  const logits = network.build(
    {
      g,
      inputs,
      numeric,
      columns: inputs.fields + bags.length + vectors.length,
      weight,
      dropout: (x, rate) => (rate > 0 ? g.node("Dropout", [x, g.scalar(rate)]) : x),
      embed(d, name = "embedding", init = normal(0.01)) {
        const parts: string[] = [];
        if (!ids && bags.length + vectors.length === 0) bug(`${network.name} embeds columns where there is none`);
        if (ids) parts.push(rowsAt({ name, rows: inputs.rows, d, init }, ids));
        for (const bag of bags) {
          const rows = rowsAt({ name: `${name}.${bag.name}`, rows: bag.rows, d, init }, bag.ids);
          parts.push(pooled(g, rows, bag.mask, bag.pool));
        }
        for (const { name: vector, width, value } of vectors) {
          const projected = g.matmul(value, weight(`${name}.${vector}`, [width, d], xavierNormal));
          parts.push(g.unsqueeze(projected, 1));
        }
        return g.concat(parts, 1);
      },
      embedColumn(column, d, name, init) {
        const places = inputs.places ?? [];
        const at = places.findIndex((place) => place.name === column);
        const place = places[at];
        if (!ids || !place) {
          const known = places.map((p) => p.name);
          throw new UserError(
            `${network.name}: there is no single-valued column named "${column}". ${suggest(column, known)}`,
          );
        }
        const global = g.slice(ids, 1, at, at + 1);
        const own = place.first === 0 ? global : g.sub(global, g.constant("first", int64(place.first)));
        return rowsAt({ name, rows: place.rows, d, init }, own);
      },
    },
    options,
  );
  g.output(logits, "logits", ["batch"]);
  return { graph, weights, tables };
}

/** Σ_l mask·row, over Σ_l mask for a mean; [batch, 1, d]. An empty list pools to 0. */
function pooled(g: Ops, rows: string, mask: string, pool: "mean" | "sum"): string {
  const summed = g.sum(g.mul(rows, g.unsqueeze(mask, 2)), [1], true);
  if (pool === "sum") return summed;
  const count = g.unsqueeze(g.sum(mask, [1], true), 2);
  return g.div(summed, g.node("Max", [count, g.scalar(1)]));
}
