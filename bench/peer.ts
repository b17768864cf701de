// Ours against a peer in one run: the peer is a process (Python, but for tfjs) that times one piece of work at a time, on request, and
// the two take turns, so that whatever else the machine does meets both alike.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { createInterface } from "node:readline";
import { UserError } from "../src/base/errors.ts";
import type { Interactions } from "../src/data/interactions.ts";
import type { Figures } from "./case.ts";

/** Seconds by the wall clock and of processor time (all threads together). */
interface Timing {
  readonly seconds: number;
  readonly cpu: number;
  /** Largest resident size of its process so far. */
  readonly peakMB?: number;
}

export interface Peer {
  /** What it said of itself when it was ready. */
  readonly hello: string;
  ask(line: string): Promise<Timing>;
  close(): void;
}

/** Starts bench/peers/`script` with the Python of PEERS_PYTHON; UserError where there is none or it fails. */
export async function openPeer(script: string, ...args: string[]): Promise<Peer> {
  const python = process.env["PEERS_PYTHON"] ?? "bench/peers/.venv/bin/python";
  if (!existsSync(python)) {
    throw new UserError(
      `${python}: no such file; make the peers' environment as bench/peers/README.md says, or set PEERS_PYTHON to a Python that has them.`,
    );
  }
  return openProcess(script, python, [`bench/peers/${script}`, ...args]);
}

/** Starts a program that greets with a line and answers each line it is given by a Timing in JSON. */
export async function openProcess(name: string, program: string, args: readonly string[]): Promise<Peer> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => {}); // a peer that has ended says so by closing its output
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new UserError(`${name} ended early; run "${[program, ...args].join(" ")}" to see why.`);
    return value;
  };
  return {
    hello: await next(),
    async ask(line) {
      child.stdin.write(`${line}\n`);
      return JSON.parse(await next()) as Timing;
    },
    close: () => child.stdin.end(),
  };
}

async function timed(work: () => unknown): Promise<Timing> {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpu: (user + system) / 1e6 };
}

/** Runs each once to warm up, then both in turn `rounds` times; "ratio" is the peer's least time over ours. */
export const duel = (
  note: (line: string) => void,
  name: string,
  ours: () => unknown,
  peer: () => Promise<Timing>,
  rounds: number,
): Promise<Figures> => race(note, name, () => timed(ours), { peer }, rounds);

/** A duel with several peers; `ours` times itself, for it may be another process, too. */
export async function race(
  note: (line: string) => void,
  name: string,
  ours: () => Promise<Timing>,
  peers: Readonly<Record<string, () => Promise<Timing>>>,
  rounds: number,
): Promise<Figures> {
  const entrants = Object.entries({ ours, ...peers }).map(([who, run]) => ({ who, run, timings: [] as Timing[] }));
  for (const { run } of entrants) await run();
  for (let round = 0; round < rounds; round++) {
    for (const { run, timings } of entrants) timings.push(await run());
  }
  const of = (all: readonly Timing[], part: "seconds" | "cpu") => {
    const sorted = all.map((timing) => timing[part]).sort((a, b) => a - b);
    return { least: sorted[0]!, middle: sorted[sorted.length >> 1]! };
  };
  const show = (all: readonly Timing[]) =>
    (["seconds", "cpu"] as const).map((part) => {
      const { least, middle } = of(all, part);
      return `${part === "cpu" ? "processor" : "wall"} ${least.toFixed(3)} s (median ${middle.toFixed(3)})`;
    });
  note(`${name}, load ${loadavg()[0]!.toFixed(2)}, least of ${rounds}`);
  for (const { who, timings } of entrants) {
    const peak = timings.at(-1)!.peakMB;
    note(`  ${who} ${show(timings).join(", ")}${peak === undefined ? "" : `, peak ${peak} MB`}`);
  }
  const round = (x: number) => Number(x.toPrecision(4));
  const [mine, ...others] = entrants.map(({ who, timings }) => ({
    who,
    peak: timings.at(-1)!.peakMB,
    wall: of(timings, "seconds"),
    cpu: of(timings, "cpu"),
  })) as [Entrant, ...Entrant[]];
  const figures: Record<string, number> = { [`${name}: ours, s`]: round(mine.wall.least) };
  for (const { who, peak, wall, cpu } of others) {
    const against = others.length > 1 ? `${name}, ${who}` : name;
    figures[`${against}: peer, s`] = round(wall.least);
    figures[`${against}: ratio`] = round(wall.least / mine.wall.least);
    figures[`${against}: ratio of medians`] = round(wall.middle / mine.wall.middle);
    figures[`${against}: ratio of processor time`] = round(cpu.least / mine.cpu.least);
    if (peak && mine.peak) figures[`${against}: ratio of peak memory`] = round(peak / mine.peak);
  }
  return figures;
}

interface Entrant {
  readonly who: string;
  readonly peak: number | undefined;
  readonly wall: { readonly least: number; readonly middle: number };
  readonly cpu: { readonly least: number; readonly middle: number };
}

/** A file of lines "user item item …" whose users and items are numbers from 0, each line's items ascending. */
export function readLines(path: string): Interactions {
  const rows: number[][] = [];
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const [user, ...taken] = line.trim().split(" ").map(Number);
    if (taken.length > 0) rows[user!] = taken;
  }
  const indptr = new Int32Array(rows.length + 1);
  for (let u = 0; u < rows.length; u++) indptr[u + 1] = indptr[u]! + (rows[u]?.length ?? 0);
  const indices = Int32Array.from(rows.flat());
  const items = indices.reduce((most, item) => Math.max(most, item + 1), 0);
  return { users: rows.length, items, indptr, indices, values: new Float32Array(indices.length).fill(1) };
}
