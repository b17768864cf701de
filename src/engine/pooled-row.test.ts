import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { poolRow, unpoolRow } from "./pooled-row.ts";

test("what is given back is the gradient of what is pooled; other numbers stay", () => {
  const [width, d, first, own] = [5, 3, 1, 7];
  const rng = createRng("pooled row");
  const draw = () => Float32Array.from({ length: 8 * width }, () => rng.normal());
  const [rows, gradient] = [draw(), draw()];
  const [before, pulled] = [rows.slice(), gradient.slice()];
  const history = Int32Array.of(0, 2, 5);
  poolRow(rows, history, 0.5, { width, d, first, own });
  unpoolRow(gradient, history, 0.5, { width, d, first, own });
  for (let r = 0; r < 8; r++) {
    for (let x = 0; x < width; x++) {
      const at = r * width + x;
      const taken = x < d && history.includes(r - first);
      const pooled = history.reduce((sum, h) => sum + 0.5 * before[(first + h) * width + x]!, 0);
      expect(rows[at]).toBeCloseTo(r === own && x < d ? pooled : before[at]!, 6);
      const given = pulled[at]! + (taken ? 0.5 * pulled[own * width + x]! : 0);
      expect(gradient[at]).toBeCloseTo(r === own ? 0 : given, 6);
    }
  }
});
