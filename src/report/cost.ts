// What an answer costs beside bytes on a disk: memory, time by batch and runtime, energy, and which tables and operators
// the bytes and operations are of. Every figure says whether it was measured, computed or estimated.

import { formatBytes, formatCount } from "../base/format.ts";
import { alone } from "./cost-figures.ts";
import type { Cost, Energy, Growth, Latency, Size } from "./cost-results.ts";
import { formatLarge, formatMilliseconds, formatShare } from "./figures.ts";
import { type Html, html, nothing } from "./html.ts";
import { cell, fold, foldedTable, type Head, isShort, rest, row, type Section, type Table, table } from "./parts.ts";

/** Whoever has a cost: a variant or a network. */
export interface Priced {
  readonly name: string;
  readonly cost: Cost;
}

/** Nothing where the results say no more than sizes and times; `unit` is what is answered. */
export function costs(all: readonly Priced[], unit: "request" | "row"): Section | undefined {
  const priced = all.filter(({ cost }) => cost.tables.length > 0 || cost.ops.length > 0);
  if (priced.length === 0) return undefined;
  const runtimes = [...new Set(priced.flatMap(({ cost }) => cost.latency.map(({ runtime }) => runtime)))];
  const body = html`<p class="note">A number is measured (read from an instrument), computed (exact from shapes and sizes) or estimated (a model with published figures); each says which. Latencies were taken by turns, so that all met the same machine.</p>
${foldedTable(work(priced, unit), isShort(priced))}
${runtimes.map((runtime) => foldedTable(latency(priced, runtime, unit)))}
${rest("Bytes and work by file, table and operator", html`${priced.map((one) => fold(one.name, byPart(one, unit)))}`)}
${missing(priced)}`;
  return { id: "cost", title: "What an answer costs", body };
}

const where: Record<Latency["runtime"], string> = { node: "on Node", wasm: "in WebAssembly" };

function work(priced: readonly Priced[], unit: string): Table {
  const found = (label: string, of: (cost: Cost) => Found | undefined): Column => {
    const all = priced.map(({ cost }) => of(cost));
    const shared = all.every((one) => one?.found === all[0]?.found && one?.how === all[0]?.how) ? all[0] : undefined;
    const small = (one: Found) => (one.how === "" ? one.found : `${one.found}: ${one.how}`);
    return {
      head: shared ? { label, small: small(shared) } : label,
      cells: all.map((one) => (one ? cell(one.text, shared ? undefined : small(one)) : cell("–"))),
    };
  };
  const computed = (text: string): Found => ({ text, found: "computed", how: "" });
  const size = (of: Size | undefined) => of && { text: formatBytes(of.bytes), found: of.found, how: of.how };
  const columns = [
    found("Memory to answer", ({ memory }) => size(memory.answering)),
    found("Memory of the process", ({ memory }) => size(memory.process)),
    found("Multiply-adds", ({ macs }) => computed(formatLarge(alone(macs)))),
    found("FLOPs", ({ flops }) => computed(formatLarge(alone(flops)))),
    found("Bytes moved", ({ traffic: { weights, rows, values } }) =>
      computed(formatBytes(Math.round(alone(weights) + alone(rows) + alone(values)))),
    ),
    found(`Energy, 1,000 ${unit}s`, ({ energy }) => ({ ...energy, text: formatJoules(energy.joulesPerThousand) })),
  ];
  return {
    ...{ caption: `Memory, work and energy of one ${unit}`, kind: "numbers" },
    heads: ["Name", ...columns.map(({ head }) => head)],
    rows: priced.map(({ name }, at) =>
      row(
        name,
        columns.map(({ cells }) => cells[at]!),
      ),
    ),
  };
}

/** A figure and how it was found. */
interface Found {
  readonly text: string;
  readonly found: Energy["found"];
  readonly how: string;
}

interface Column {
  readonly head: Head | string;
  readonly cells: readonly Html[];
}

/** 0.00042 → "0.42 mJ". */
export function formatJoules(joules: number): string {
  const [scale, unit] = joules >= 1 ? [1, "J"] : joules >= 1e-3 ? [1e3, "mJ"] : [1e6, "µJ"];
  return `${Number((joules * scale).toPrecision(3))} ${unit}`;
}

function latency(priced: readonly Priced[], runtime: Latency["runtime"], unit: string): Table {
  const own = (cost: Cost) => cost.latency.filter((timed) => timed.runtime === runtime);
  const batches = [...new Set(priced.flatMap(({ cost }) => own(cost).map(({ batch }) => batch)))].sort((a, b) => a - b);
  const timed = priced.filter(({ cost }) => own(cost).length > 0);
  return {
    ...{ caption: `Latency ${where[runtime]}, median with percentiles, by batch`, kind: "numbers" },
    heads: ["Name", ...batches.map((batch) => `${formatCount(batch)} ${unit}${batch === 1 ? "" : "s"} at once`)],
    rows: timed.map(({ name, cost }) =>
      row(
        name,
        batches.map((batch) => {
          const found = own(cost).find((measured) => measured.batch === batch);
          if (!found) return cell("–");
          const { p50, p95, p99, perSecond, runs, others } = found;
          const busy = others >= 0.25 ? html`<br>others kept ${others.toFixed(1)} cores busy` : nothing;
          return cell(
            formatMilliseconds(p50),
            html`p95 ${formatMilliseconds(p95)}<br>p99 ${formatMilliseconds(p99)}<br>${formatLarge(perSecond)} a second<br>${formatCount(runs)} timed${busy}`,
          );
        }),
      ),
    ),
  };
}

function byPart({ name, cost }: Priced, unit: string): Html {
  const bytes = (raw: number, of: number) => cell(formatBytes(raw), formatShare(of > 0 ? raw / of : Number.NaN));
  const files = table({
    ...{ caption: `Files of ${name}`, kind: "numbers", heads: ["File", "Raw", "gzip", "Brotli", "Needed to answer"] },
    rows: cost.files.map(({ path, raw, gzip, brotli, load }) =>
      row(path, [
        cell(formatBytes(raw)),
        cell(formatBytes(gzip)),
        cell(formatBytes(brotli)),
        cell(load ? "yes" : "no"),
      ]),
    ),
  });
  const tables = table({
    ...{ caption: `Tables of ${name}`, kind: "numbers" },
    heads: ["Table", "Encoding", "Rows", "Columns", { label: "Raw", small: "of what ships" }, "gzip", "Brotli"],
    rows: cost.tables.map((t) =>
      row(t.name, [
        ...[cell(t.encoding), cell(formatCount(t.rows)), cell(formatCount(t.cols)), bytes(t.raw, cost.bytes.raw)],
        ...[cell(formatBytes(t.gzip)), cell(formatBytes(t.brotli))],
      ]),
    ),
  });
  const ops = table({
    ...{ caption: `Operators of ${name} in its ONNX graph`, kind: "numbers" },
    heads: ["Operator", "Nodes", "Bytes of constants", `FLOPs, one ${unit}`, `FLOPs of a batch of n`],
    rows: cost.ops.map((op) =>
      row(op.op, [
        cell(formatCount(op.nodes)),
        cell(formatBytes(op.bytes)),
        cell(formatLarge(alone(op.flops))),
        cell(growth(op.flops)),
      ]),
    ),
  });
  return html`${cost.files.length > 0 ? files : nothing}${cost.tables.length > 0 ? tables : nothing}${cost.ops.length > 0 ? ops : nothing}`;
}

/** "1.2 k + 340 n", without what is nought. */
function growth({ fixed, perRow }: Growth): string {
  const parts = [...(fixed !== 0 ? [formatLarge(fixed)] : []), ...(perRow !== 0 ? [`${formatLarge(perRow)} n`] : [])];
  return parts.join(" + ") || "0";
}

function missing(priced: readonly Priced[]): Html {
  const reasons = new Map<string, string[]>();
  for (const { name, cost } of priced)
    for (const { what, why } of cost.missing) {
      const said = `${what}: ${why}`;
      reasons.set(said, [...(reasons.get(said) ?? []), name]);
    }
  if (reasons.size === 0) return nothing;
  const who = (names: readonly string[]) => (names.length === priced.length ? "all" : names.join(", "));
  const items = [...reasons].map(([said, names]) => html`<li>${said} <span class="note">(${who(names)})</span></li>`);
  return html`<p>What could not be measured here:</p><ul>${items}</ul>`;
}
