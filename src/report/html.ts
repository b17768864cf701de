// HTML from template literals: every value is escaped unless it is itself made here. Not a component framework.

/** Markup that is already safe to write out. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | readonly Html[];

/** Builds markup; strings and numbers among the values are escaped, for text and for double-quoted attributes. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  let markup = strings[0]!;
  for (let i = 0; i < values.length; i++) markup += write(values[i]!) + strings[i + 1]!;
  return { markup };
}

/** Marks markup from a trusted maker (our style sheet, our chart) as safe; never call it on data. */
export const trusted = (markup: string): Html => ({ markup });

export const nothing: Html = trusted("");

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text with the five characters that HTML reads replaced, and control characters that no file may hold dropped. */
export function escapeHtml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to drop
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "").replace(/[&<>"']/g, (c) => escapes[c]!);
}

function write(value: Part): string {
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number") return String(value);
  return "markup" in value ? value.markup : value.map((part) => part.markup).join("");
}
