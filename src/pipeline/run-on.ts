// Runs a graph on rows made from outside; what the runtime refuses is about them.

import { UserError } from "../base/errors.ts";
import type { RunTensor, Session } from "../graph/runtime.ts";

/** What the session answers; `what` names the rows in the error. */
export async function runOn(
  session: Session,
  feeds: Readonly<Record<string, RunTensor>>,
  what: string,
): Promise<Record<string, RunTensor>> {
  try {
    return await session.run(feeds);
  } catch (error) {
    throw new UserError(`${what}: ONNX Runtime refuses them: ${(error as Error).message.split("\n")[0]}`);
  }
}
