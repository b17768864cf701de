// Leave one out: each user's last item is the test, the one before it the validation; random ones where there is no time.

import { z } from "zod";
import { groupPairs } from "../data/pairs.ts";
import { defineSplit } from "../kinds/split.ts";

export default defineSplit({
  name: "leave-one-out",
  summary: "Hold out each user's last item by time (a random one where there are no times).",
  needsTime: false,
  options: z.strictObject({
    validation: z.boolean().default(true).describe("Also hold out the item before it, for validation."),
  }),
  split({ events }, { validation }, rng) {
    const { indptr, of, last } = groupPairs(events);
    const partOf = new Uint8Array(indptr.at(-1)!);
    for (let u = 0; u < events.users.length; u++) {
      const [from, to] = [indptr[u]!, indptr[u + 1]!];
      if (to - from < 2) continue;
      // Shuffled first, so that equal times are decided at random and not by item id.
      const order = rng.shuffle(Int32Array.from({ length: to - from }, (_, k) => from + k));
      if (last) order.sort((a, b) => last[b]! - last[a]!);
      partOf[order[0]!] = 2;
      if (validation && order.length > 2) partOf[order[1]!] = 1;
    }
    return Uint8Array.from(of, (pair) => partOf[pair]!);
  },
});
