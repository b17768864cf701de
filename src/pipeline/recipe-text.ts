// The text form of recipes. YAML only ever gives plain JSON here: no aliases that expand, no tags, no duplicate keys.

import { isMap, parseDocument, visit } from "yaml";
import { UserError } from "../base/errors.ts";

const largestRecipe = 1_000_000;

/** The mapping in `text`, not yet checked; throws a UserError that names `source` and the line. */
export function parseRecipeText(text: string, source: string): Record<string, unknown> {
  if (text.length > largestRecipe) {
    throw new UserError(
      `${source}: a recipe is at most ${largestRecipe} characters, this file has ${text.length}; is it data?`,
    );
  }
  const document = parseDocument(text, { uniqueKeys: true, stringKeys: true, merge: false, prettyErrors: true });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) {
    const line = problem.linePos?.[0].line;
    throw new UserError(
      `${source}${line ? `:${line}` : ""}: ${problem.message.split("\n")[0]!.replace(/ at line \d+.*$/, "")}.`,
    );
  }
  visit(document, {
    Alias() {
      throw new UserError(`${source}: recipes have no YAML anchors and aliases; write the values out.`);
    },
  });
  if (!isMap(document.contents)) {
    throw new UserError(
      `${source}: a recipe is a mapping with name, dataset, split and teacher; this is something else.`,
    );
  }
  return document.toJS({ maxAliasCount: 0 }) as Record<string, unknown>;
}

/** Sets `key.path=value` in a recipe that was read; the value is YAML. Numbers in the path index lists. */
export function applySetting(recipe: Record<string, unknown>, setting: string): void {
  const equals = setting.indexOf("=");
  if (equals < 1)
    throw new UserError(`--set ${setting}: write it as key.path=value, for example seed=2 or teacher.lambda=300.`);
  const path = setting.slice(0, equals).split(".");
  const value = parseDocument(setting.slice(equals + 1));
  if (value.errors.length > 0) throw new UserError(`--set ${setting}: the value is not YAML.`);
  let at: unknown = recipe;
  path.forEach((key, depth) => {
    const here = `--set ${setting}: ${path.slice(0, depth + 1).join(".")}`;
    if (Array.isArray(at)) {
      const byName = at.findIndex((entry) => (entry as { name?: unknown } | null)?.name === key);
      const index = byName >= 0 ? byName : /^\d+$/.test(key) ? Number(key) : -1;
      if (index < 0 || index >= at.length)
        throw new UserError(`${here} is not in the list of ${at.length}; use a name or 0 to ${at.length - 1}.`);
      if (depth === path.length - 1) at[index] = value.toJS();
      else at = at[index];
      return;
    }
    if (typeof at !== "object" || at === null || key === "__proto__")
      throw new UserError(`${here} is nothing that can be set.`);
    const object = at as Record<string, unknown>;
    if (depth === path.length - 1) object[key] = value.toJS();
    else at = object[key] ??= {};
  });
}
