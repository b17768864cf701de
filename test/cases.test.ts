// The runners of quality cases and benches, over folders made here; and the shape of the real cases.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { QualityCase } from "../bench/case.ts";
import { openPeer } from "../bench/peer.ts";
import { bench } from "../scripts/bench.ts";
import { caseNames, loadCase } from "../scripts/cases.ts";
import { quality } from "../scripts/quality.ts";
import { UserError } from "../src/base/errors.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "distilrec-cases-"));
  mkdirSync(join(folder, "none"));
  mkdirSync(join(folder, "speed"));
  writeFileSync(
    join(folder, "tiny.ts"),
    `export default { name: "tiny", summary: "Counts to one.", async run({ note }) { note("at 1"); return { ndcg: 0.5 }; } };`,
  );
  writeFileSync(
    join(folder, "lost.ts"),
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
    const { out, err } = await collect((io) => quality(["tiny"], io, folder));
    expect(out).toHaveLength(1);
    expect(JSON.parse(out[0]!)).toMatchObject({
      case: "tiny",
      figures: { ndcg: 0.5 },
      machine: { node: process.version },
    });
    expect(err).toContain("  at 1");
  });

  test("lists what there is", async () => {
    const { out } = await collect((io) => quality([], io, folder));
    expect(out.join("\n")).toMatch(/^lost +Looks for data\.\ntiny +Counts to one\.$/s);
  });

  test("says what is wrong in a sentence", async () => {
    await expect(collect((io) => quality(["tinny"], io, folder))).rejects.toThrow(
      'No case named "tinny". Did you mean "tiny"?',
    );
    await expect(collect((io) => quality(["../tiny"], io, folder))).rejects.toThrow(UserError);
    await expect(collect((io) => quality(["tiny", "lost"], io, folder))).rejects.toThrow(
      "quality takes one case, got 2",
    );
    await expect(collect((io) => quality(["lost"], io, folder))).rejects.toThrow(
      /no-such-set: no such folder; set DISTILREC_DATA/,
    );
    await expect(collect((io) => quality(["x"], io, join(folder, "none")))).rejects.toThrow(UserError);
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

test.each(caseNames("bench/quality", ".ts"))(
  "quality case %s is named after its file and says what it must reach",
  async (name) => {
    const one = (await loadCase("bench/quality", ".ts", name))["default"] as QualityCase;
    expect(one.name).toBe(name);
    expect(one.summary).toMatch(/^[A-Z].*\.$/);
  },
);
