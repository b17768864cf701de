import fc from "fast-check";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { escapeHtml, html } from "./html.ts";

test("any text comes back from an element and from an attribute as it went in", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 60 }).map((s) => s.replace(/[^\P{C}]/gu, ""));
  fc.assert(
    fc.property(text, (value) => {
      const { document } = parseHTML(
        `<!doctype html><html><body>${html`<p title="${value}">${value}</p>`.markup}</body></html>`,
      );
      const p = document.querySelector("p");
      expect(document.body.children.length).toBe(1);
      expect(p?.textContent).toBe(value);
      expect(p?.getAttribute("title")).toBe(value);
    }),
  );
});

test("markup made here is not escaped again, alone or in a list", () => {
  const items = ["<", ">"].map((s) => html`<li>${s}</li>`);
  expect(html`<ul>${items}</ul>${html`<b>${1}</b>`}`.markup).toBe("<ul><li>&lt;</li><li>&gt;</li></ul><b>1</b>");
});

test("the five characters are escaped, control characters dropped, line breaks kept", () => {
  expect(escapeHtml(`&<>"'`)).toBe("&amp;&lt;&gt;&quot;&#39;");
  expect(escapeHtml("a\u0000\u001bb\nc")).toBe("ab\nc");
});
