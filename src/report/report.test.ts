import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { sampleResults } from "../../test/report/sample-results.ts";
import { headlineOf } from "./headline.ts";
import { formatLarge, formatShare, metricLabel } from "./measures.ts";
import { pointsOf, scoreDigits } from "./points.ts";
import { renderReport } from "./report.ts";
import type { Results } from "./results.ts";
import { renderSummary } from "./summary.ts";

const results = sampleResults();
const open = (r: Results) => parseHTML(renderReport(r)).document;
const only = (...names: string[]): Results => ({
  ...results,
  variants: results.variants.filter((v) => names.includes(v.name)),
});

describe("headline", () => {
  test("names the smallest variant that keeps 99 % of the teacher", () => {
    const headline = headlineOf(results);
    expect(headline.sentence).toBe("student-int4 keeps 100.2 % of the teacher's NDCG@20 at 0.42 % of its bytes.");
    expect(headline.figures.map((f) => f.value)).toEqual(["100.2 %", "96.5 KB", "0.024 ms"]);
  });
  test("names the smallest near the best one where none reaches the teacher, and says what it keeps", () => {
    const few = only("teacher-ease", "student-tiny", "popularity", "student-pruned", "student-codebook");
    const near = few.variants.map((v) => (v.name === "student-pruned" ? { ...v, metrics: { "ndcg@20": 0.191 } } : v));
    const headline = headlineOf({ ...few, variants: near });
    expect(headline.sentence).toMatch(/^student-pruned keeps 97.9 %/);
    expect(headline.why).toBe("the smallest that keeps 99 % of the best beside the teacher");
  });
  test("does not compare where there is no teacher, and says so where there is nothing", () => {
    expect(headlineOf(only("student")).sentence).toBe("student reaches NDCG@20 0.1961 in 1.80 MB.");
    expect(headlineOf(only()).sentence).toBe("This run has evaluated nothing yet.");
  });
  test("a teacher that finds nothing is no divisor", () => {
    const [teacher, student] = results.variants;
    const headline = headlineOf({ ...results, variants: [{ ...teacher!, metrics: { "ndcg@20": 0 } }, student!] });
    expect(headline.sentence).toContain("reaches NDCG@20 0.1961 where the teacher reaches none");
  });
});

describe("report", () => {
  test("is one file: no script, no link out, and a policy that forbids both", () => {
    const text = renderReport(results);
    const { document } = parseHTML(text);
    expect(document.querySelectorAll("script, img, iframe, object, a[href], link[rel=stylesheet]").length).toBe(0);
    expect(document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute("content")).toMatch(
      /default-src 'none'/,
    );
    expect(text.replaceAll("http://www.w3.org/", "")).not.toMatch(/https?:\/\//);
    expect(renderReport(sampleResults())).toBe(text);
  });

  test("every word of the results is text, whatever it is", () => {
    const evil = `"><script>alert(1)</script><img src=x onerror='alert(2)'>`;
    const poison = (value: unknown): unknown => {
      if (typeof value === "string") return ["teacher", "student", "variant"].includes(value) ? value : value + evil;
      if (Array.isArray(value)) return value.map(poison);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, v]) => [/@/.test(key) ? key + evil : key, poison(v)]));
    };
    const document = open(poison(results) as Results);
    expect(document.querySelectorAll("script, img").length).toBe(0);
    const handlers = [...document.querySelectorAll("*")].filter((e) => e.hasAttribute("onerror"));
    expect(handlers.length).toBe(0);
    expect(document.querySelector("h1")?.textContent).toContain("<script>alert(1)</script>");
  });

  test("has every measure of every variant, with scoped headers and the best marked", () => {
    const document = open(results);
    const table = document.querySelector("table.numbers");
    const heads = [...table!.querySelectorAll("thead th")];
    expect(heads.every((th) => th.getAttribute("scope") === "col")).toBe(true);
    expect(heads.length).toBe(1 + results.variants.length);
    const row = (label: string) =>
      [...table!.querySelectorAll("tbody tr")].find((tr) => tr.querySelector("th[scope=row]")?.textContent === label)!;
    const best = (label: string) =>
      [...row(label).querySelectorAll("td")].flatMap((td, i) =>
        td.className === "best" ? [results.variants[i]!.name] : [],
      );
    expect(best("NDCG@20")).toEqual(["student", "student-fp16"]);
    expect(best("Raw")).toEqual(["popularity"]);
    expect(best("Histories on a server (apart)")).toEqual([]);
    expect(row("Coverage@20").textContent).toContain("54.0 %");
  });

  test("the chart has a name, a text alternative and all points", () => {
    const svgs = [...open(results).querySelectorAll("figure svg")];
    expect(svgs.length).toBe(2);
    for (const svg of svgs) {
      const [title, desc] = svg.getAttribute("aria-labelledby")!.split(" ");
      expect(svg.querySelector(`#${title}`)?.textContent).toBe("NDCG@20 against bytes to ship");
      for (const v of results.variants) expect(svg.querySelector(`#${desc}`)?.textContent).toContain(v.name);
      expect(svg.querySelectorAll("path title").length).toBe(results.variants.length);
    }
  });

  test("marks what a user really took, and explains what was dropped and refused", () => {
    const document = open(results);
    const users = [...document.querySelectorAll(".user")];
    expect(users.length).toBe(3);
    for (const [i, user] of users.entries()) {
      const truth = results.samples[i]!.truth;
      for (const li of user.querySelectorAll("li")) {
        const taken = truth.some((title) => li.textContent!.startsWith(title));
        expect(li.classList.contains("hit")).toBe(taken);
      }
    }
    const text = document.body.textContent!;
    for (const drop of results.dataset.dropped) expect(text).toContain(drop.why);
    expect(text).toContain("left bias as it was");
    expect(text).toContain(results.reproduce);
  });

  test("stands on little: no variants, no samples, nothing dropped, metrics that are no number", () => {
    const bare = { ...results, samples: [], dataset: { ...results.dataset, dropped: [] } };
    expect(open({ ...bare, variants: [] }).querySelectorAll("figure").length).toBe(0);
    const odd = { ...results.variants[0]!, metrics: { "ndcg@20": Number.NaN }, standardError: {} };
    const text = renderReport({ ...bare, variants: [odd, results.variants[1]!] });
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });
});

test("a point far below the others goes to the lower edge, with its score in words", () => {
  const { points, scores } = pointsOf(results);
  const popularity = points.find((p) => p.name === "popularity")!;
  expect(popularity).toMatchObject({ below: true, y: scores[0], label: "popularity ↓ 0.101" });
  expect(scores[0]).toBeGreaterThan(0.17);
});

test("numbers read well", () => {
  expect([1.002, 0.0042, 0.00042, 0, 0.996].map(formatShare)).toEqual([
    "100.2 %",
    "0.42 %",
    "0.042 %",
    "0.0 %",
    "99.6 %",
  ]);
  expect([950, 12_345, 7_680_000, 2.5e9].map(formatLarge)).toEqual(["950", "12.3 k", "7.7 M", "2.5 G"]);
  expect(["ndcg@20", "hit@10", "recall-tail@20", "mrr@5"].map(metricLabel)).toEqual([
    ...["NDCG@20", "Hit rate@10", "Recall tail@20", "MRR@5"],
  ]);
  expect([scoreDigits([0.17, 0.2]), scoreDigits([0, 1]), scoreDigits([0.195, 0.1962])]).toEqual([3, 1, 4]);
});

test("the summary holds the headline, one line a variant and where the events went, and no control characters", () => {
  const text = renderSummary(results);
  const drops = results.dataset.dropped.filter(({ dropped }) => dropped > 0);
  expect(text.split("\n").length).toBe(3 + results.variants.length + 1 + drops.length + 1);
  expect(text).toContain("Dropped 8,110 (bots): 3 users rated more than 500 films in a day.");
  expect(text).toMatch(/601,412 interactions: 481,130 to train, 120,282 to test\.$/);
  expect(text).toMatch(/student-int4 +0\.1954 +0\.2775 +100\.2 % +96\.5 KB/);
  const [first] = results.variants;
  expect(renderSummary({ ...results, variants: [{ ...first!, name: "a\u001b[31mb" }] })).not.toContain("\u001b");
});

test("interactions that no part holds are told, in text and in the report", () => {
  const some = { ...results, split: { ...results.split, train: 481_000 } };
  expect(renderSummary(some)).toMatch(/130 in no part \(repeats/);
  expect(open(some).querySelector("section[aria-labelledby=data] p")?.textContent).toMatch(/other 130 are in no part/);
  expect(open(results).querySelector("section[aria-labelledby=data]")?.textContent).not.toContain("in no part");
});
