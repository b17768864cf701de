// Platt scaling: p = σ(a z + b) of maximal likelihood, by Newton's method with backtracking (Lin, Lin & Weng 2007, "A
// note on Platt's probabilistic outputs for support vector machines", algorithm 1).
//
//   min over a, b of -Σ t ln p + (1 - t) ln(1 - p),   t = (N₁ + 1) / (N₁ + 2) for clicks, 1 / (N₀ + 2) for others
//
// The targets (Platt 1999) keep a and b finite where clicks and others can be parted.

import { UserError } from "../../base/errors.ts";
import { sigmoid, softplus } from "../../base/logistic.ts";
import type { Straight } from "./logit-map.ts";
import { refuseOneClass } from "./refuse-one-class.ts";

const mostSteps = 100;
const ridge = 1e-12;

/** One label or an order upside down, which no rising map mends, is a UserError. */
export function platt(label: Float32Array, logits: Float32Array): Straight {
  const clicks = refuseOneClass(label);
  const [high, low] = [(clicks + 1) / (clicks + 2), 1 / (label.length - clicks + 2)];
  const target = (r: number) => (label[r]! > 0 ? high : low);
  const loss = (a: number, b: number) => {
    let sum = 0;
    // -t ln σ(u) - (1 - t) ln σ(-u) = softplus(u) - t u
    for (let r = 0; r < logits.length; r++) {
      const u = a * logits[r]! + b;
      sum += softplus(u) - target(r) * u;
    }
    return sum;
  };
  let [a, b] = [0, Math.log((clicks + 1) / (label.length - clicks + 1))];
  let value = loss(a, b);
  for (let step = 0; step < mostSteps; step++) {
    let [ga, gb, haa, hab, hbb] = [0, 0, ridge, 0, ridge];
    for (let r = 0; r < logits.length; r++) {
      const z = logits[r]!;
      const p = sigmoid(a * z + b);
      const [wrong, weight] = [p - target(r), p * (1 - p)];
      ga += z * wrong;
      gb += wrong;
      haa += z * z * weight;
      hab += z * weight;
      hbb += weight;
    }
    const determinant = haa * hbb - hab * hab;
    const [da, db] = [(hab * gb - hbb * ga) / determinant, (hab * ga - haa * gb) / determinant];
    const downhill = ga * da + gb * db;
    if (!(downhill < -1e-20 * logits.length)) break;
    let size = 1;
    let next = loss(a + da, b + db);
    while (next > value + 1e-4 * size * downhill && size > 1e-10) {
      size /= 2;
      next = loss(a + size * da, b + size * db);
    }
    if (next >= value) break;
    [a, b, value] = [a + size * da, b + size * db, next];
  }
  if (!(a > 0))
    throw new UserError(
      `scores do not rise with clicks (Platt's slope is ${a.toPrecision(2)}), so that no calibration which keeps their order can mend them; train the model again.`,
    );
  return { method: "platt", slope: a, offset: b };
}
