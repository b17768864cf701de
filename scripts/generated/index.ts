// Every generated file of the repository: its path and the text it must have.

import { barrels } from "./barrels.ts";
import { optionPages } from "./options.ts";

export interface Generated {
  readonly path: string;
  readonly text: string;
}

/** Each file in the order in which it must be written: what is imported by the next ones comes first. */
export const generators: readonly (() => Generated[] | Promise<Generated[]>)[] = [barrels, optionPages];
