import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import {
  chooseExperts,
  expertColumns,
  expertRoom,
  expertSize,
  selectorGradients,
  selectorSize,
  slopesStride,
  stepExperts,
} from "./experts.ts";
import { openSharedKernels } from "./open-shared.ts";

const adam = { learningRate: 0.5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 1 };

test("experts rebuild their own entities: the loss, its gradient, gates and the way of their steps", async () => {
  const k = await openSharedKernels();
  const cases = fc.record({
    n: fc.integer({ min: 1, max: 150 }),
    d: fc.integer({ min: 1, max: 9 }),
    hidden: fc.integer({ min: 1, max: 13 }),
    width: fc.integer({ min: 1, max: 50 }),
    count: fc.integer({ min: 1, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(cases, fc.integer(), async ({ n, d, hidden, width, count }, seed) => {
      const rng = createRng(seed);
      const scope = k.scope();
      const normal = (size: number) => scope.copy(Float32Array.from({ length: size }, () => rng.normal()));
      const [size, wide] = [expertSize(d, hidden, width), expertColumns(width)];
      const weights = normal(count * size);
      for (let x = 0; x < weights.length; x++) {
        const [at, first] = [x % size, (hidden + 1) * wide];
        if (at < first ? at % wide >= width : at >= first + (d + 1) * hidden) weights[x] = 0;
      }
      const before = weights.slice();
      const [m, v] = [scope.f32(weights.length), scope.f32(weights.length)];
      const placed = { table: normal(n * d), gradient: scope.f32(n * d), d, teacher: normal(n * width), width };
      const expertOf = Array.from({ length: n }, () => rng.below(count)).sort();
      const nodes = rng.shuffle(Int32Array.from({ length: n }, (_, i) => i));
      const first = scope.i32(count + 1);
      for (let g = 0; g < count; g++) first[g + 1] = first[g]! + expertOf.filter((of) => of === g).length;
      const scales = normal(count).map(Math.abs);
      const by = {
        ...{ scales: scope.copy(scales), places: scope.copy(Int32Array.from(nodes)), gates: scope.f32(n) },
        ...{ losses: scope.f64(count), room: expertRoom(k, scope, d, hidden, width), lists: scope.i32(count) },
      };
      const value = await stepExperts(
        ...([k, placed, { nodes: scope.copy(nodes), first }, { hidden, weights, m, v }, by, adam] as const),
      );

      /** scale ‖t - gate E(x)‖² of every entity by plain loops. */
      const losses = (x: Float32Array | Float64Array, w: Float32Array | Float64Array, gate = 1) =>
        Array.from(nodes, (node, at) => {
          const own = w.subarray(expertOf[at]! * size);
          let loss = 0;
          const first = (hidden + 1) * wide;
          const inner = Array.from({ length: hidden }, (_, h) => {
            let z = own[first + d * hidden + h]!;
            for (let c = 0; c < d; c++) z += x[node * d + c]! * own[first + c * hidden + h]!;
            return Math.max(0, z);
          });
          for (let c = 0; c < width; c++) {
            let y = own[hidden * wide + c]!;
            for (let h = 0; h < hidden; h++) y += inner[h]! * own[h * wide + c]!;
            loss += (placed.teacher[node * width + c]! - gate * y) ** 2;
          }
          return scales[expertOf[at]!]! * loss;
        });
      const sum = (values: readonly number[]) => values.reduce((total, x) => total + x, 0);
      const at = Float64Array.from(placed.table);
      const own = Float64Array.from(before);
      expect(Math.abs(value / sum(losses(at, own)) - 1)).toBeLessThan(1e-4);
      const way = Float64Array.from({ length: n * d }, () => rng.normal());
      const moved = (step: number) =>
        sum(
          losses(
            at.map((x, i) => x + step * way[i]!),
            own,
          ),
        );
      const slope = placed.gradient.reduce((total, g, i) => total + g * way[i]!, 0);
      expect(Math.abs((moved(1e-6) - moved(-1e-6)) / 2e-6 - slope)).toBeLessThan(1e-2 * (1 + Math.abs(value)));
      const [up, down] = [losses(at, own, 1 + 1e-5), losses(at, own, 1 - 1e-5)];
      nodes.forEach((node, i) => {
        const found = (up[i]! - down[i]!) / 2e-5;
        expect(Math.abs(by.gates[node]! - found)).toBeLessThan(1e-3 * (1 + Math.abs(found) + value));
      });
      // m = 0.1 G after a first step.
      const turn = Float64Array.from({ length: weights.length }, (_, x) => (before[x] === 0 ? 0 : rng.normal()));
      const turned = (step: number) =>
        sum(
          losses(
            at,
            own.map((w, x) => w + step * turn[x]!),
          ),
        );
      const wanted = (turned(1e-6) - turned(-1e-6)) / 2e-6;
      const got = m.reduce((total, g, x) => total + 10 * g * turn[x]!, 0);
      expect(Math.abs(wanted - got)).toBeLessThan(1e-2 * (1 + Math.abs(value)));
      before.forEach((w, x) => {
        expect(weights[x]! - w).toBeCloseTo(m[x] === 0 ? 0 : -0.5 * Math.sign(m[x]!), 2);
      });
      scope.free();
    }),
    { numRuns: 25 },
  );
});

test("choices follow the softmax of a linear view, and slopes and the selector's gradient the blurred one", async () => {
  const k = await openSharedKernels();
  const scope = k.scope();
  const rng = createRng("choices");
  const [n, width, count, temperature] = [3000, 3, 5, 0.7];
  // All entities alike, so that the shares of the choices are those of one softmax.
  const teacher = scope.copy(Float32Array.from({ length: n * width }, (_, i) => [0.5, -1, 2][i % width]!));
  const selector = scope.f32(selectorSize(count, width));
  for (let x = 0; x < count * (width + 1); x++) selector[x] = 0.5 * rng.normal();
  const nodes = scope.copy(Int32Array.from({ length: n }, (_, t) => t));
  const stride = slopesStride(count);
  const side = { nodes, selector, count, groups: scope.i32(n), chosen: scope.i32(n), slopes: scope.f32(n * stride) };
  await chooseExperts(k, { teacher, width }, [side], temperature, 17);
  const logits = Array.from({ length: count }, (_, e) =>
    [0.5, -1, 2].reduce((sum, x, c) => sum + x * selector[e * width + c]!, selector[count * width + e]!),
  );
  expect(new Set(side.groups)).toEqual(new Set([logits.indexOf(Math.max(...logits))]));
  const total = logits.reduce((sum, x) => sum + Math.exp(x), 0);
  logits.forEach((logit, e) => {
    const share = Math.exp(logit) / total;
    const found = side.chosen.filter((of) => of === e).length / n;
    expect(Math.abs(found - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / n));
  });
  for (let t = 0; t < n; t++) {
    const slopes = side.slopes.subarray(t * stride, t * stride + count);
    const chosen = side.chosen[t]!;
    // (δ_m - p) / τ: shares are what is left, sum to 1, and the chosen one's is the largest.
    const shares = Array.from(slopes, (slope, e) => (e === chosen ? 1 : 0) - temperature * slope);
    expect(shares.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 4);
    expect(Math.max(...shares)).toBe(shares[chosen]);
  }
  const gates = scope.copy(Float32Array.from({ length: n }, () => rng.normal()));
  const gradient = scope.f32(selector.length);
  await selectorGradients(k, { teacher, width }, [{ ...side, gates, gradient }]);
  for (let e = 0; e < count; e++) {
    let bias = 0;
    for (let t = 0; t < n; t++) bias += gates[t]! * side.slopes[t * stride + e]!;
    expect(gradient[count * width + e]).toBeCloseTo(bias, 2);
    for (let c = 0; c < width; c++) expect(gradient[e * width + c]).toBeCloseTo(bias * [0.5, -1, 2][c]!, 2);
  }
  scope.free();
});
