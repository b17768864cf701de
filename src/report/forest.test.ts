import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { type Bar, forest } from "./forest.ts";

const bar = (name: string, share: number, word: Bar["word"] = "either"): Bar => ({
  ...{ name, share, word, interval: [share - 0.01, share + 0.01] },
});
const wide = (bars: readonly Bar[]) =>
  parseHTML(`<div>${forest({ id: "f", label: "NDCG", bars }).markup}</div>`).document.querySelector(".wide svg")!;

test("a bar far beyond the others lies on the edge with its figure beside it, and does not press them together", () => {
  const svg = wide([
    bar("all", 0.01),
    bar("mid", -0.07, "worse"),
    bar("head", 0.02, "better"),
    bar("tail", 2.6, "better"),
  ]);
  expect(svg.textContent).toContain("+260 % →");
  const xs = [...svg.querySelectorAll("path[transform]")].map((p) =>
    Number(/\((-?[\d.]+)/.exec(p.getAttribute("transform")!)![1]),
  );
  const [all, mid] = xs.slice(-4);
  expect(all! - mid!).toBeGreaterThan(100);
  expect(svg.querySelector("desc")!.textContent).toContain("tail +260 % (+259 % to +261 %, better)");
});

test("where all are alike nothing is cut", () => {
  expect(wide([bar("a", 0.01), bar("b", -0.01)]).textContent).not.toMatch(/[←→]/);
  expect(wide([{ name: "a", share: 0, interval: [0, 0], word: "either" }]).outerHTML).not.toContain("NaN");
});
