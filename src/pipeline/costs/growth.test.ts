import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { inlineFunctions } from "../../graph/inline-functions.ts";
import { graphWork } from "../../graph/work.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { graphGrowth } from "./growth.ts";

const models = ["deepfm", "dlrm", "mf-pair", "sasrec", "two-tower"];

test.each(models.flatMap((name) => [`${name}.dynamo`, `${name}.script`]))(
  "%s: what a batch costs follows from one row and two",
  (name) => {
    const graph = decodeOnnx(readFileSync(`test/fixtures/foreign/${name}.onnx`), name);
    inlineFunctions(graph);
    const batch = graph.inputs[0]!.shape[0] as string;
    const { flops, macs, traffic, ops } = graphGrowth(graph, batch);
    for (const b of [1, 7, 64]) {
      const work = graphWork(graph, { [batch]: b });
      const sum = (of: "flops" | "macs" | "weights" | "rows" | "values") => work.reduce((n, one) => n + one[of], 0);
      const at = ({ fixed, perRow }: typeof flops) => fixed + b * perRow;
      expect([at(flops), at(macs)]).toEqual([sum("flops"), sum("macs")]);
      for (const part of ["weights", "rows", "values"] as const) expect(at(traffic[part])).toBe(sum(part));
      for (const { op, flops: own } of ops) expect(at(own)).toBe(work.find((one) => one.op === op)!.flops);
    }
  },
);
