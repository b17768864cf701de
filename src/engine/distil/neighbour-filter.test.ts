import { expect, test } from "vitest";
import { runGraph } from "../../../test/run-graph.ts";
import { createRng } from "../../base/rng.ts";
import { buildGraph } from "../../graph/builder.ts";
import { opsOn } from "../../graph/ops.ts";
import { typedBuilder } from "../../graph/typed-builder.ts";
import { neighbourFilter } from "./neighbour-filter.ts";

/** Entities 0 to 2 of a side whose rows begin at 1 of the student's table; 0 is near 1 and 2, 1 near 0, 2 near none. */
const nearest = Int32Array.of(1, 2, 0, -1, -1, -1);
const batch = { student: Int32Array.of(1, 2, 3), teacher: Int32Array.of(0, 1, 2) };

async function filtered(drop: number) {
  const { graph } = buildGraph("filter", 21);
  const g = opsOn(typedBuilder(graph, {}));
  const rows = g.float("rows", [4, 1], Float32Array.of(99, 10, 20, 40));
  const own = g.gather(rows, g.ints(1, 2, 3, 0), 0);
  const teacher = { vectors: Float32Array.of(1, 2, 4), width: 1 };
  const options = { neighbours: 2, share: 0.5, drop };
  const filter = neighbourFilter(g, "f", { own, rows, nearest }, teacher, options, createRng(1));
  g.output(filter.student, "student", [4, 1]);
  g.output(g.add(filter.teacher, g.scalar(0)), "teacher", [4, 1]);
  return runGraph(graph, filter.feeds(batch));
}

test("half of each vector and half of its neighbours' mean, on both sides; who has none stays", async () => {
  const { student, teacher } = await filtered(0);
  expect(student!.slice(0, 3)).toEqual([5 + 15, 10 + 5, 40]);
  expect(teacher!.slice(0, 3)).toEqual([0.5 + 1.5, 1 + 0.5, 4]);
});

test("with every neighbour left out nothing is mixed", async () => {
  const { student, teacher } = await filtered(0.999999);
  expect(student!.slice(0, 3)).toEqual([10, 20, 40]);
  expect(teacher!.slice(0, 3)).toEqual([1, 2, 4]);
});
