// Readable names of items, from the small list that sources keep beside their ratings.

import { UserError } from "../base/errors.ts";
import { splitLine, splitLines } from "./delimited.ts";

export interface TitleList {
  /** The file's name, for messages. */
  readonly file: string;
  readonly delimiter: string;
  readonly quoted: boolean;
  readonly header: boolean;
  /** Positions of the item's id and title. */
  readonly id: number;
  readonly title: number;
}

/** The title of each of `items` by the list in `text`; an item that it lacks goes by its id. */
export function titlesFor(items: readonly string[], text: string, list: TitleList): string[] {
  const byId = new Map<string, string>();
  for (const [n, line] of splitLines(text).entries()) {
    if (n === 0 && list.header) continue;
    const fields = splitLine(line, list.delimiter, list.quoted);
    const [id, title] = [fields[list.id], fields[list.title]];
    if (id === undefined || title === undefined) {
      const wanted = Math.max(list.id, list.title) + 1;
      throw new UserError(
        `${list.file}: line ${n + 1}: expected at least ${wanted} fields separated by "${list.delimiter}", got ${fields.length}; correct the line.`,
      );
    }
    byId.set(id, title.trim());
  }
  return items.map((id) => byId.get(id) || id);
}

/** The path of a file in a folder, both with "/". */
export function inFolder(folder: string, name: string): string {
  return `${folder.replace(/[/\\]+$/, "")}/${name}`;
}
