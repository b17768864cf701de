// What both fits share: the check that there is something to fit.

import { UserError } from "../../base/errors.ts";

/** How many labels are 1; all or none of them is a UserError. */
export function refuseOneClass(label: Float32Array): number {
  const clicks = label.reduce((sum, y) => sum + y, 0);
  if (clicks > 0 && clicks < label.length) return clicks;
  throw new UserError(
    `all of the ${label.length} rows to calibrate on have label ${clicks > 0 ? 1 : 0}; give rows of both labels.`,
  );
}
