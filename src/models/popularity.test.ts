import { expect, test } from "vitest";
import { fromRows } from "../../test/boards.ts";
import { runtime } from "../../test/runtime.ts";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import popularity from "./popularity.ts";

test("scores an item by its number of users, 0 for one that nobody took", async () => {
  const kernels = await openKernels(1);
  const { query, tables } = await popularity.fit(
    fromRows([[0, 2], [2], [], [0, 2]], 4),
    {},
    {
      kernels,
      runtime,
      rng: createRng(1),
      progress() {},
    },
  );
  expect(query).toBe("none");
  expect([...tables.bias!.tensors["data"]!]).toEqual([2, 0, 3, 0]);
});
