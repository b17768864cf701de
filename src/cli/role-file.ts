// A table file whose columns play roles: --columns says what each role's column is called in the file.

import { suggest, UserError } from "../base/errors.ts";
import type { RawTable } from "../data/raw-table.ts";
import type { RowMapping } from "../kinds/reader.ts";
import { readRows } from "../node/rows.ts";
import { renamed } from "./row-file.ts";

type As = RowMapping["columns"][number]["as"];

/**
 * The columns of `file` that play one of `roles`, under the roles' names: those of `needed`, called like their role
 * where `columns` ("item=item_id,reward=click") says nothing, and what else `columns` names.
 */
export function readRoleFile(
  file: string,
  roles: Readonly<Record<string, As>>,
  needed: readonly string[],
  columns: string | undefined,
): Promise<RawTable> {
  const from = renamed(columns);
  for (const name of Object.keys(from)) {
    if (roles[name]) continue;
    throw new UserError(`--columns: nothing is called "${name}" here. ${suggest(name, Object.keys(roles))}`);
  }
  const wanted = Object.keys(roles).filter((name) => needed.includes(name) || from[name] !== undefined);
  return readRows(file, {
    ...{ format: "auto", header: true },
    columns: wanted.map((name) => ({ name, from: from[name] ?? name, as: roles[name]! })),
  });
}
