// Questions that an artifact's own users would ask, evenly over all of them.

import { historyOf } from "../artifact/histories.ts";
import type { Artifact } from "../artifact/open.ts";
import type { Query } from "../recommender/scorer.ts";

/** Up to `most` of them; without histories everybody asks the same. */
export function ownQueries(
  { recommender, histories }: Pick<Artifact, "recommender" | "histories">,
  most: number,
): Query[] {
  const users = histories ? histories.indptr.length - 1 : (recommender.tables.user?.rows ?? 1);
  const n = Math.min(most, users);
  return Array.from({ length: n }, (_, q): Query => {
    const user = Math.floor((q * users) / n);
    if (recommender.query === "user") return { user };
    if (recommender.query === "none" || !histories) return {};
    return { history: historyOf(histories, user).slice(-(recommender.encoder?.length ?? recommender.items)) };
  });
}
