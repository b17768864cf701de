// Every generated file of the repository: its path and the text it must have.

import { barrels } from "./barrels.ts";
import { cliPage } from "./cli.ts";
import { enginePage } from "./engine.ts";
import { optionPages } from "./options.ts";
import { recipeSchema } from "./recipe-schema.ts";

export interface Generated {
  readonly path: string;
  readonly text: string;
}

/** In the order in which they must be written: the barrels come first, for the others import them. */
export const generators: readonly (() => Generated[] | Promise<Generated[]>)[] = [
  barrels,
  optionPages,
  recipeSchema,
  cliPage,
  enginePage,
];
