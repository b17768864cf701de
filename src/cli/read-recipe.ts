// Recipes come from files, changed by --set, or from what a sealed artifact remembers.

import { readFile, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { UserError } from "../base/errors.ts";
import { type ClickRecipe, isClickRecipe, parseClickRecipe } from "../pipeline/clicks/recipe.ts";
import { parseRecipe, type Recipe } from "../pipeline/recipe.ts";
import { applySetting, parseRecipeText } from "../pipeline/recipe-text.ts";

const largestFile = 4_000_000;

/** A recipe that is read but not checked, with the name to use in complaints and the folder its paths start from. */
export interface Draft {
  readonly raw: Record<string, unknown>;
  readonly source: string;
  readonly base: string;
}

/** Reads a recipe file. */
export async function readDraft(path: string): Promise<Draft> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile())
    throw new UserError(`${path}: there is no such recipe file; recipes/ of the package has examples.`);
  if (info.size > largestFile)
    throw new UserError(`${path}: ${info.size} bytes are too many for a recipe; is it data?`);
  return {
    raw: parseRecipeText(await readFile(path, "utf8"), basename(path)),
    source: basename(path),
    base: dirname(path),
  };
}

/** The draft with `--set` applied, checked; a recipe of clicks is refused. */
export function settle(draft: Draft, settings?: readonly string[]): Recipe {
  const raw = changed(draft, settings);
  if (!isClickRecipe(raw)) return parseRecipe(raw, draft.source);
  throw new UserError(`${draft.source}: it is a recipe of a click log, which only distilrec run takes.`);
}

/** The draft with `--set` applied, checked as the kind of recipe that its keys say it is. */
export function settleAny(draft: Draft, settings?: readonly string[]): Recipe | ClickRecipe {
  const raw = changed(draft, settings);
  return isClickRecipe(raw) ? parseClickRecipe(raw, draft.source) : parseRecipe(raw, draft.source);
}

function changed({ raw }: Draft, settings: readonly string[] = []): Record<string, unknown> {
  const recipe = structuredClone(raw);
  for (const setting of settings) applySetting(recipe, setting);
  return recipe;
}

/** The command line to repeat: the words as they were given, quoted where a shell needs it. */
export const commandLine = (): string =>
  ["distilrec", ...process.argv.slice(2)]
    .map((word) => (/^[\w./:=@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");
