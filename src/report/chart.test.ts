import { expect, test } from "vitest";
import { formatBytes } from "../base/format.ts";
import { chart } from "./chart.ts";
import { type Candidate, placePoints } from "./points.ts";

test("in a crowded chart a name stands beside the front and beside what lies below, and nowhere else", () => {
  const at = (name: string, cost: number, score: number): Candidate => ({
    ...{ name, role: "variant", cost, score, error: 0.001, pick: false },
  });
  const beaten = Array.from({ length: 16 }, (_, i) => at(`beaten${i}`, 2000 * 1.2 ** i, 0.9));
  const points = placePoints([at("best", 1000, 1), at("poor", 1500, 0.1), ...beaten], "high");
  const { markup } = chart({
    ...{ id: "size", points, metric: "NDCG@20", cost: "bytes", showCost: formatBytes, sentence: "Many." },
  });
  const drawn = markup.replace(/<(title|desc)[\s\S]*?<\/\1>/g, "");
  expect(drawn).toContain(">best<");
  expect(drawn).toContain(">poor ↓ 0.100<");
  expect(drawn).not.toContain("beaten");
});
