import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { manyResults, sampleResults } from "../../test/report/sample-results.ts";
import { formatChange, formatDifference, formatLarge, formatShare, glued } from "./figures.ts";
import { metricLabel } from "./measures.ts";
import { renderReport } from "./report.ts";
import type { Results } from "./results.ts";

const results = sampleResults();
const drawn = renderReport(results);
const open = (r: Results) => parseHTML(r === results ? drawn : renderReport(r)).document;
type Page = ReturnType<typeof open>;
const ids = (document: Page) =>
  [...document.querySelectorAll("main section")].map((s) => s.getAttribute("aria-labelledby"));
const headsOf = (table: Element) => [...table.querySelectorAll("thead th")].map((th) => th.textContent!);
const tableWith = (document: Page, section: string, head: string) =>
  [...document.querySelectorAll(`section[aria-labelledby=${section}] table`)].find((t) => headsOf(t).includes(head))!;
const rowOf = (table: Element, name: string) =>
  [...table.querySelectorAll("tbody tr")].find((tr) => tr.querySelector("th")!.textContent!.startsWith(name))!;

describe("the page", () => {
  test("is one file: no script, no link out, and a policy that forbids both", () => {
    const text = renderReport(results);
    const { document } = parseHTML(text);
    expect(document.querySelectorAll("script, img, iframe, object, link[rel=stylesheet]").length).toBe(0);
    expect([...document.querySelectorAll("a")].filter((a) => !a.getAttribute("href")!.startsWith("#"))).toEqual([]);
    expect(document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute("content")).toMatch(
      /default-src 'none'/,
    );
    expect(text.replaceAll("http://www.w3.org/", "")).not.toMatch(/https?:\/\//);
    expect(renderReport(sampleResults())).toBe(text);
  });

  test("every word of the results is text, whatever it is", () => {
    const evil = `"><script>alert(1)</script><img src=x onerror='alert(2)'>`;
    const fixed = [
      "teacher",
      "student",
      "variant",
      "pass",
      "fail",
      "undecided",
      "node",
      "wasm",
      "measured",
      "estimated",
    ];
    const poison = (value: unknown): unknown => {
      if (typeof value === "string") return fixed.includes(value) ? value : value + evil;
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

  test("findings stand first, and the contents lead to every section", () => {
    const document = open(results);
    expect(ids(document)).toEqual([
      ...["verdicts", "curve", "changes", "fidelity", "samples", "numbers", "cost", "made", "data", "reproduce"],
    ]);
    const links = [...document.querySelectorAll("nav a")].map((a) => a.getAttribute("href")!.slice(1));
    expect(links).toEqual(ids(document));
    for (const link of links) expect(document.querySelectorAll(`[id="${link}"]`).length).toBe(1);
  });

  test("every table has a caption and every head a scope; headings skip no level; ids are unique", () => {
    const document = open(results);
    for (const table of document.querySelectorAll("table")) {
      expect(table.querySelector("caption")?.textContent).toBeTruthy();
      expect(table.parentElement!.getAttribute("aria-label")).toBe(table.querySelector("caption")!.textContent);
      const rows = [...table.querySelectorAll("tr")].map((tr) => tr.children.length);
      expect(new Set(rows).size).toBe(1);
    }
    expect([...document.querySelectorAll("th")].every((th) => th.hasAttribute("scope"))).toBe(true);
    const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5")].map((h) => Number(h.tagName.slice(1)));
    for (const [at, level] of levels.entries()) expect(level - (levels[at - 1] ?? 0)).toBeLessThanOrEqual(1);
    const all = [...document.querySelectorAll("[id]")].map((e) => e.id);
    expect(new Set(all).size).toBe(all.length);
  });

  test("every chart has a name and its numbers in words", () => {
    const charts = [...open(results).querySelectorAll("figure svg[role=img]")];
    expect(charts.length).toBe(6);
    for (const svg of charts) {
      const [title, desc] = svg.getAttribute("aria-labelledby")!.split(" ");
      expect(svg.querySelector(`#${title}`)?.textContent).toBeTruthy();
      expect(svg.querySelector(`#${desc}`)?.textContent).toMatch(/\d/);
    }
    const said = charts[0]!.querySelector("desc")!.textContent!;
    for (const v of results.variants) expect(said).toContain(v.name);
    expect(said).toMatch(/student-int4: NDCG@20 0\.1954, 96\.5 KB, passes every gate, on the front;/);
    expect(charts[0]!.querySelectorAll("path title").length).toBe(results.variants.length);
  });

  test("stands on little: no variants, no samples, nothing dropped, metrics that are no number", () => {
    const bare = { ...results, samples: [], dataset: { ...results.dataset, dropped: [] } };
    expect(ids(open({ ...bare, variants: [] }))).toEqual(["data", "reproduce"]);
    const [teacher, student] = results.variants;
    const odd = { ...teacher!, metrics: { "ndcg@20": Number.NaN }, standardError: {}, slices: [] };
    const { gates, fidelity, ...plain } = student!;
    const text = renderReport({ ...bare, variants: [odd, plain] });
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    expect(ids(parseHTML(text).document)).toEqual(["curve", "changes", "numbers", "cost", "made", "data", "reproduce"]);
    expect(ids(open({ ...bare, variants: [plain] }))).toEqual([
      "curve",
      "numbers",
      "cost",
      "made",
      "data",
      "reproduce",
    ]);
  });

  test("a long run stays one page of readable tables", () => {
    const text = renderReport(manyResults(50, 30));
    const { document } = parseHTML(text);
    expect(text.length).toBeLessThan(4_000_000);
    for (const table of document.querySelectorAll("table.numbers"))
      expect(headsOf(table).length).toBeLessThanOrEqual(11);
    // The first table of all the numbers has fifty rows: it is folded; only the front, the teacher and the pick are named.
    expect(document.querySelector("#numbers ~ details")!.hasAttribute("open")).toBe(false);
    expect(document.querySelector("#curve ~ figure desc")!.textContent).toMatch(/\d+ more are not on the front/);
  });
});

describe("the sections", () => {
  test("a verdict is told by a word, and every finding in a sentence", () => {
    const document = open(results);
    const section = document.querySelector("section[aria-labelledby=verdicts]")!;
    expect(section.querySelector("p")!.textContent).toMatch(/^1 of 8 passes every gate/);
    expect(section.querySelector("h3")!.textContent).toBe("student-int4: 3 of 3 gates pass");
    const row = rowOf(section.querySelector("table")!, "student-codebook");
    expect([...row.querySelectorAll("td")].map((td) => td.textContent)).toEqual(["? undecided", "✕ fail", "✓ pass"]);
    for (const v of results.variants)
      for (const gate of v.gates ?? []) expect(section.textContent).toContain(glued(gate.words));
    expect(section.textContent).toContain("About 31,500 users would decide it.");
  });

  test("the numbers of every variant, with the best of each column marked", () => {
    const document = open(results);
    const best = (head: string) => {
      const table = tableWith(document, "numbers", head);
      const column = headsOf(table).indexOf(head);
      return [...table.querySelectorAll("tbody tr")].flatMap((tr, i) =>
        tr.children[column]!.className === "best" ? [results.variants[i]!.name] : [],
      );
    };
    expect(best("NDCG@20")).toEqual(["student", "student-fp16"]);
    expect(best("Raw")).toEqual(["popularity"]);
    expect(best("Histories on a server (apart)")).toEqual([]);
    expect(rowOf(tableWith(document, "numbers", "Coverage@20"), "teacher").textContent).toContain("54.0 %");
  });

  test("before and after has every metric and slice, with difference and interval", () => {
    const document = open(results);
    const slices = tableWith(document, "changes", "Slice");
    expect([...slices.querySelectorAll("tbody th")].map((th) => th.textContent)).toEqual([
      ...["head items", "mid items", "tail items", "cold users"],
    ]);
    expect(rowOf(slices, "mid").textContent).toContain("0.14430.1446+0.0003−0.0019 to +0.0025+0.2 %could be either");
    const metrics = [...tableWith(document, "changes", "Metric").querySelectorAll("tbody th")].map(
      (th) => th.textContent,
    );
    expect(metrics.sort()).toEqual(Object.keys(results.variants[0]!.metrics).map(metricLabel).sort());
    const folds = [...document.querySelectorAll("section[aria-labelledby=changes] summary")].map((s) => s.textContent);
    for (const v of results.variants.slice(1)) expect(folds.some((text) => text!.includes(v.name))).toBe(true);
  });

  test("fidelity says what is left of the teacher's list, and names the users hurt most", () => {
    const section = open(results).querySelector("section[aria-labelledby=fidelity]")!;
    expect(section.querySelector("p")!.textContent).toMatch(
      /^Of the first 10 that teacher-ease shows, student-int4 shows 8\.5 on average\./,
    );
    expect(section.textContent).toContain("u15002");
    expect(section.textContent).toContain("Kendall τ@20");
  });

  test("the costs say how each figure was found, and what is missing", () => {
    const section = open(results).querySelector("section[aria-labelledby=cost]")!;
    const heads = headsOf(section.querySelector("table")!);
    expect(heads.find((head) => head.startsWith("Energy"))).toMatch(/^Energy, 1,000 requestsestimated: operations/);
    expect(heads.find((head) => head.startsWith("Memory to"))).toContain("measured: kernel memory");
    expect(section.textContent).toContain("the processor's counters (RAPL) cannot be read here (all)");
    expect(section.textContent).toMatch(/p95 .* ms/);
  });

  test("lists mark what was taken, and say where the other list has an item", () => {
    const document = open(results);
    const users = [...document.querySelectorAll(".user")];
    expect(users.length).toBe(3);
    for (const [i, user] of users.entries()) {
      const { truth, lists } = results.samples[i]!;
      const [teacher, pick] = [lists["teacher-ease"]!, lists["student-int4"]!];
      for (const [l, own] of [teacher, pick].entries()) {
        const other = l === 0 ? pick : teacher;
        for (const [at, li] of [...user.querySelectorAll("ol")[l]!.querySelectorAll("li")].entries()) {
          expect(li.classList.contains("hit")).toBe(truth.includes(own[at]!));
          const there = other.indexOf(own[at]!);
          const word = there < 0 ? ["gone", "new"][l] : there === at ? undefined : `${["now", "was"][l]} ${there + 1}`;
          expect(li.querySelector("small")?.textContent).toBe(word);
        }
      }
    }
  });

  test("what was dropped, refused and left over is told", () => {
    const text = open(results).body.textContent!;
    for (const drop of results.dataset.dropped) expect(text).toContain(drop.why);
    expect(text).toContain("left bias as it was");
    expect(text).toContain(results.reproduce);
    expect(text).not.toContain("in no part");
    const some = open({ ...results, split: { ...results.split, train: 481_000 } });
    expect(some.querySelector("section[aria-labelledby=data] p")?.textContent).toMatch(/other 130 are in no part/);
  });
});

test("sampled figures say so before anything else, and what was left out is counted", () => {
  const candidates = { kind: "uniform", perUser: 100, fingerprint: "ab12", added: 0 } as const;
  const document = open({ ...results, candidates, leftOut: [{ what: "users without an item", count: 1204 }] });
  expect(document.querySelector("header .warning")!.textContent).toContain("ranked among 100 candidates a user");
  expect(document.querySelector("h1")!.textContent).toContain("of the teacher's sampled NDCG@20");
  expect(document.querySelector("#curve ~ figure title")!.textContent).toContain("sampled NDCG@20");
  expect(document.querySelector("section[aria-labelledby=numbers] p")!.textContent).toMatch(/^Sampled: /);
  const data = document.querySelector("section[aria-labelledby=data]")!.textContent;
  expect(data).toContain("Left out: 1,204 users without an item.");
  expect(data).toContain("fingerprint is ab12");
  expect(open(results).querySelector(".warning")).toBeNull();
});

test("numbers read well", () => {
  expect([1.002, 0.0042, 0.00042, 0, 0.996, -0.031].map(formatShare)).toEqual([
    ...["100.2 %", "0.42 %", "0.042 %", "0.0 %", "99.6 %", "-3.1 %"],
  ]);
  expect([0.002, -0.031, 0.4, 0, -0.0001].map(formatChange)).toEqual(["+0.2 %", "−3.1 %", "+40 %", "0.0 %", "0.0 %"]);
  expect([0.0004, -0.00001, -12.3].map(formatDifference)).toEqual(["+0.0004", "0.0000", "−12.30"]);
  expect([950, 12_345, 7_680_000, 2.5e9].map(formatLarge)).toEqual(["950", "12.3 k", "7.7 M", "2.5 G"]);
  expect(["ndcg@20", "hit@10", "recall-tail@20", "mrr@5", "f1@5"].map(metricLabel)).toEqual([
    ...["NDCG@20", "Hit rate@10", "Recall tail@20", "MRR@5", "F1@5"],
  ]);
  expect(glued("99 % in 1.80 MB, 4 msec, 3 B")).toBe("99\u00a0% in 1.80\u00a0MB, 4 msec, 3\u00a0B");
});
