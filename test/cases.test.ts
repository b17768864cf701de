// The runners of quality cases and benches, over folders made here; and the shape of the real cases.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { QualityCase } from "../bench/case.ts";
import { openPeer } from "../bench/peer.ts";
import { bench } from "../scripts/bench.ts";
import { caseNames, loadCase } from "../scripts/cases.ts";
import { groupNames, places, quality } from "../scripts/quality.ts";
import { UserError } from "../src/base/errors.ts";

let folder = "";
let at = { cases: "", pages: "" };
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "distilrec-cases-"));
  at = { cases: join(folder, "cases"), pages: join(folder, "pages") };
  mkdirSync(join(at.cases, "small"), { recursive: true });
  for (const [name, value] of [
    ["one", 0.25],
    ["two", 12345],
  ] as const) {
    writeFileSync(
      join(at.cases, "small", `${name}.ts`),
      `export default { name: "${name}", summary: "Is ${name}.", run: async () => ({ "recall@50": ${value}, "recall@50 ±": 0.01 }) };`,
    );
  }
  mkdirSync(join(folder, "none"));
  mkdirSync(join(folder, "speed"));
  writeFileSync(
    join(at.cases, "tiny.ts"),
    `export default { name: "tiny", summary: "Counts to one.", async run({ note }) { note("at 1"); return { ndcg: 0.5 }; } };`,
  );
  writeFileSync(
    join(at.cases, "lost.ts"),
    `export default { name: "lost", summary: "Looks for data.", async run({ data }) { return { at: data("no-such-set") }; } };`,
  );
  writeFileSync(
    join(folder, "speed", "add.bench.ts"),
    `import { bench } from ${JSON.stringify(import.meta.resolve("mitata"))};
     bench("add", () => 1 + 1);
     export default (ns) => ({ perSecond: 1e9 / ns.add });`,
  );
});
beforeAll(() =>
  writeFileSync(
    join(folder, "speed", "twice.bench.ts"),
    `export const measure = async ({ note }) => { note("in turn"); return { ratio: 2 }; };`,
  ),
);
afterAll(() => rmSync(folder, { recursive: true }));

async function collect(main: (io: { out(t: string): void; err(t: string): void }) => Promise<void>) {
  const [out, err]: [string[], string[]] = [[], []];
  await main({ out: (text) => out.push(text), err: (text) => err.push(text) });
  return { out, err };
}

describe("quality", () => {
  test("prints a case's figures as one JSON line, its progress elsewhere", async () => {
    const { out, err } = await collect((io) => quality(["tiny"], io, at));
    expect(out).toHaveLength(1);
    expect(JSON.parse(out[0]!)).toMatchObject({
      case: "tiny",
      figures: { ndcg: 0.5 },
      machine: { node: process.version },
    });
    expect(err).toContain("  at 1");
  });

  test("lists what there is", async () => {
    const { out } = await collect((io) => quality([], io, at));
    expect(out.join("\n")).toMatch(
      /^lost +Looks for data\.\ntiny +Counts to one\.\nsmall --case one +Is one\.\nsmall --case two +Is two\.$/,
    );
  });

  test("says what is wrong in a sentence", async () => {
    await expect(collect((io) => quality(["tinny"], io, at))).rejects.toThrow(
      'No case named "tinny". Did you mean "tiny"?',
    );
    await expect(collect((io) => quality(["../tiny"], io, at))).rejects.toThrow(UserError);
    await expect(collect((io) => quality(["tiny", "lost"], io, at))).rejects.toThrow("quality takes one case, got 2");
    await expect(collect((io) => quality(["lost"], io, at))).rejects.toThrow(
      /no-such-set: no such folder; set DISTILREC_DATA/,
    );
    await expect(collect((io) => quality(["x"], io, { ...at, cases: join(folder, "none") }))).rejects.toThrow(
      UserError,
    );
  });
});

describe("a group of quality cases", () => {
  const page = () => readFileSync(join(at.pages, "small.md"), "utf8");

  test("one of it prints its figures at the top of the line and writes nothing unasked", async () => {
    const { out } = await collect((io) => quality(["small", "--case", "one"], io, at));
    expect(JSON.parse(out.at(-1)!)).toMatchObject({ case: "one", "recall@50": 0.25, figures: { "recall@50": 0.25 } });
    expect(existsSync(at.pages)).toBe(false);
  });

  test("all of it writes a page whose sections are renewed one by one, the words above them kept", async () => {
    expect((await collect((io) => quality(["small"], io, at))).out).toHaveLength(2);
    const first = page();
    expect(first).toMatch(/^# Measured: small\n/);
    expect(first).toContain("npm run quality -- small --case one");
    expect(first).toMatch(
      /## one[\s\S]*\| recall@50 \| 0\.25 ± 0\.01 \|[\s\S]*## two[\s\S]*\| recall@50 \| 12,345 ± 0\.01 \|\n$/,
    );
    writeFileSync(
      join(at.pages, "small.md"),
      first.replace("Every section", "My words. Every section").replace("0.25", "0.3"),
    );
    await collect((io) => quality(["small", "--case", "one", "--write"], io, at));
    expect(page()).toContain("My words.");
    expect(page().match(/^## /gm)).toHaveLength(2);
    expect(page()).toContain("0.25");
  });

  test("says what is wrong in a sentence", async () => {
    const told = (args: string[]) => expect(collect((io) => quality(args, io, at))).rejects;
    await told(["small", "--case", "on"]).toThrow('No case named "on". Did you mean "one"?');
    await told(["tiny", "--case", "one"]).toThrow('"tiny" is no group of cases');
    await told(["small", "--bogus"]).toThrow(UserError);
    await told(["small", "--case"]).toThrow(UserError);
  });
});

describe("bench", () => {
  test("closes with medians and derived figures in one JSON line, the machine first", async () => {
    const { out, err } = await collect((io) => bench(["add"], io, join(folder, "speed")));
    expect(out).toHaveLength(1);
    const result = JSON.parse(out[0]!);
    expect(result.bench).toBe("add");
    expect(result.figures.perSecond).toBeCloseTo(1e9 / result.medianNs.add);
    expect(err[0]).toContain(`load ${result.machine.load}`);
  });

  test("prints the figures of a file that measures by itself", async () => {
    const { out, err } = await collect((io) => bench(["twice"], io, join(folder, "speed")));
    expect(JSON.parse(out[0]!)).toMatchObject({ bench: "twice", figures: { ratio: 2 } });
    expect(err).toContain("  in turn");
  });

  test("a peer without its Python is a sentence", async () => {
    vi.stubEnv("PEERS_PYTHON", "no/such/python");
    await expect(openPeer("implicit_peer.py")).rejects.toThrow(/^no\/such\/python: no such file; make the peers'/);
    vi.unstubAllEnvs();
  });

  test("lists and suggests", async () => {
    expect((await collect((io) => bench([], io, join(folder, "speed")))).out).toEqual(["add", "twice"]);
    await expect(collect((io) => bench(["ad"], io, join(folder, "speed")))).rejects.toThrow('Did you mean "add"?');
  });
});

const folders = [places.cases, ...groupNames(places.cases).map((group) => `${places.cases}/${group}`)];
test.each(folders.flatMap((folder) => caseNames(folder, ".ts").map((name) => ({ folder, name }))))(
  "quality case $name in $folder is named after its file and says what it must reach",
  async ({ folder, name }) => {
    const one = (await loadCase(folder, ".ts", name))["default"] as QualityCase;
    expect(one.name).toBe(name);
    expect(one.summary).toMatch(/^[A-Z].*\.$/);
  },
);
