// A plot as an SVG that needs nothing from outside, with a title and its numbers in words. Colours are the page's variables.

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { escapeHtml, type Html, trusted } from "./html.ts";

export interface Said {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  /** What somebody who does not see the plot should know. */
  readonly description: string;
}

/** The plot as markup; its text takes the page's font and `size` pixels. */
export function draw(options: Plot.PlotOptions, { id, title, description }: Said, size = 12): Html {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({
    ...options,
    document: document as unknown as Document,
    style: { background: "transparent", fontFamily: "inherit", fontSize: `${size}px`, color: "var(--soft)" },
  });
  // Plot names its marks by their kind, which only a role would allow and says nothing.
  for (const mark of svg.querySelectorAll("[aria-label]")) mark.removeAttribute("aria-label");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-labelledby", `${id}-title ${id}-desc`);
  const words = `<title id="${id}-title">${escapeHtml(title)}</title><desc id="${id}-desc">${escapeHtml(description)}</desc>`;
  return trusted(svg.outerHTML.replace(/^<svg[^>]*>/, (open) => open + words));
}
