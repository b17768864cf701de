// What inspection found of a foreign graph, as people read it on a terminal.

import { formatBytes, formatCount, formatTable } from "../base/format.ts";
import type { Picker } from "../recommender/foreign/embedding-tables.ts";
import type { Inspection, RowWork } from "../recommender/foreign/inspect.ts";

const mostOps = 10;

/** Several paragraphs; ends without a newline. Names come from the file: what steers a terminal is taken out. */
export function renderInspection(file: string, found: Inspection): string {
  const { inputs, outputs, tables, dense, abilities, work } = found;
  const flops = work ? `, ${formatCount(work.flops)} operations a row` : "";
  const size = `${formatCount(found.parameters)} parameters, ${formatBytes(found.bytes)} of constants${flops}`;
  const by = found.producer === "" ? "" : ` by ${found.producer}`;
  const form = { factors: "It is a factor model.", sequence: "It is a sequential recommender." };
  const said = found.form === "graph" ? `It stays a graph: ${found.formWhy}.` : form[found.form];
  const ports = [...inputs, ...outputs].map((port, i) => [
    i < inputs.length ? "in" : "out",
    port.name,
    `${port.dtype} [${port.shape.join(", ")}]`,
    port.role,
    port.evidence,
  ]);
  const paragraphs = [
    `${file}: opset ${found.opset}${by}, ${formatCount(found.nodes)} nodes, ${size}. ${said}`,
    formatTable([["", "name", "type", "means", "for it"], ...ports]),
  ];
  if (tables.length > 0) {
    const rows = tables.map((table) => [
      table.name,
      formatCount(table.rows),
      formatCount(table.cols),
      formatBytes(table.bytes),
      `${(100 * table.share).toFixed(1)} %`,
      [...new Set(table.pickers.map(pickedBy)), ...(table.scores ? ["scores its rows"] : [])].join(", "),
    ]);
    paragraphs.push(formatTable([["table", "rows", "columns", "bytes", "share", "picked by"], ...rows]));
  }
  const [largest] = dense;
  if (largest) {
    const bytes = dense.reduce((sum, one) => sum + one.bytes, 0);
    const shape = `${largest.name} [${largest.dims.join(", ")}]`;
    paragraphs.push(`Dense weights: ${dense.length}, ${formatBytes(bytes)}; the largest is ${shape}.`);
  }
  if (work) paragraphs.push(...workParagraphs(work, found.bytes));
  const can = Object.entries(abilities).map(([verb, { can: yes, why }]) => [verb, yes ? "yes" : "no", why]);
  paragraphs.push(formatTable([["can we", "", "for"], ...can]));
  return paragraphs.map(printable).join("\n\n");
}

/** Which operators the bytes and the operations are at, and what answering one row holds at once. */
function workParagraphs({ ops, peakBytes }: RowWork, bytes: number): string[] {
  const shown = ops.slice(0, mostOps);
  const rows = shown.map((one) => [
    ...[one.op, formatCount(one.nodes), formatBytes(one.bytes), formatCount(one.flops), formatBytes(one.rows)],
  ]);
  const rest = ops.length - shown.length;
  const more = rest > 0 ? `\n${formatCount(rest)} other operators hold less.` : "";
  return [
    `${formatTable([["operator", "nodes", "constants", "operations", "rows picked"], ...rows])}${more}`,
    `Answering one row takes ${formatBytes(bytes + peakBytes)} by its shapes, ${formatBytes(peakBytes)} of them for values in between.`,
  ];
}

const pickedBy = ({ input, column, offset, computed }: Picker): string =>
  `${computed ? "a computation on " : ""}${input}${column === undefined ? "" : `[${column}]`}${offset ? " + constants" : ""}`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to drop; a line end is ours
const printable = (text: string): string => text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, "");
