// Projections of a student's vectors into the teacher's space that specialise: each entity goes through the expert that
// a selector picks from its teacher's vector (DE, Kang et al. CIKM 2020, arXiv 2012.04357; HTD groups entities by the
// same selector, KDD 2021, arXiv 2106.08700).
//
//     p = softmax((log softmax(V e_t) + gumbel) / τ),  τ falling from 1 to 1e-10 over the training
//     E_m: d_s → (d_s + d_t) / 2 → relu → d_t;   L = Σ_e ‖e_t - E_m(e_s)‖², m = argmax p
//
// The authors mix all experts by p, which is one-hot but for the first epochs; here one expert works from the start and
// the selector learns by its gate p_m / stop(p_m), as in a mixture with one expert a token (Switch, arXiv 2101.03961):
// a thirtieth of the work. Entities are sorted by expert, so that each expert is a product over its own.

import type { Rng } from "../../base/rng.ts";
import {
  chooseExperts,
  expertColumns,
  expertRoom,
  expertSize,
  selectorGradients,
  selectorSize,
  slopesStride,
  stepExperts,
} from "../../kernels/experts.ts";
import type { GroupedNodes } from "../../kernels/nodes.ts";
import { adamRows } from "../../kernels/optimizers.ts";
import type { EntityContext, Sides } from "../../kinds/entity-step.ts";

const lastTemperature = 1e-10;
const sides = ["user", "item"] as const;

export interface ExpertTeams {
  /** Each entity picks one of `count` experts of its side; groups are those of users, then those of items. */
  choose(entities: Sides<Int32Array>, progress: number): Promise<GroupedNodes>;
  /** Adds the gradient of Σ_users scale.user ‖e_t - E_m(e_s)‖² and of items', and takes a step of experts and selectors. */
  rebuild(scale: Sides<number>): Promise<number>;
}

export function openExperts(c: EntityContext, count: number): ExpertTeams {
  const { kernels, scope, placed, most, learningRate } = c;
  const { d, width } = placed;
  const hidden = Math.floor((d + width) / 2);
  const groups = 2 * count;
  const size = expertSize(d, hidden, width);
  const [weights, m, v] = [scope.f32(groups * size), scope.f32(groups * size), scope.f32(groups * size)];
  for (let g = 0; g < groups; g++) {
    const start = c.rng.fork(`expert ${g}`);
    const own = weights.subarray(g * size, (g + 1) * size);
    fillLinear(own.subarray(0, (d + 1) * hidden), d, start);
    for (let at = (d + 1) * hidden; at < size; at += expertColumns(width)) {
      fillLinear(own.subarray(at, at + width), hidden, start);
    }
  }
  const selectors = sides.map((side) => {
    const [values, first, second, gradient] = [0, 1, 2, 3].map(() => scope.f32(selectorSize(count, width)));
    fillLinear(values!.subarray(0, count * (width + 1)), width, c.rng.fork(`selector ${side}`));
    const n = most[side];
    const [chosen, slopes] = [scope.i32(n), scope.f32(n * slopesStride(count))];
    return { side, values: values!, m: first!, v: second!, gradient: gradient!, chosen, slopes };
  });
  const total = most.user + most.item;
  const [nodes, places, first, lists] = [scope.i32(total), scope.i32(total), scope.i32(groups + 1), scope.i32(groups)];
  const gates = scope.f32(total);
  const [scales, losses] = [scope.f32(groups), scope.f64(groups)];
  const room = expertRoom(kernels, scope, d, hidden, width);
  const noise = c.rng.fork("noise");
  let batch: { nodes: Int32Array; places: Int32Array; choices: ReturnType<typeof choicesOf> } | undefined;
  let steps = 0;

  const choicesOf = (entities: Sides<Int32Array>) =>
    selectors.map(({ side, values, chosen, slopes }) => {
      const n = entities[side].length;
      const some = slopes.subarray(0, n * slopesStride(count));
      return { nodes: entities[side], selector: values, count, chosen: chosen.subarray(0, n), slopes: some };
    });

  return {
    async choose(entities, progress) {
      const choices = choicesOf(entities);
      await chooseExperts(kernels, placed, choices, lastTemperature ** progress, noise.u32() | 0);
      const n = entities.user.length + entities.item.length;
      first.fill(0);
      choices.forEach(({ chosen }, s) => {
        for (const expert of chosen) first[s * count + expert + 1]!++;
      });
      for (let g = 0; g < groups; g++) first[g + 1]! += first[g]!;
      const next = first.slice();
      let place = 0;
      choices.forEach((choice, s) => {
        choice.chosen.forEach((expert, t) => {
          const at = next[s * count + expert]!++;
          nodes[at] = choice.nodes[t]!;
          places[at] = place++;
        });
      });
      batch = { nodes: nodes.subarray(0, n), places: places.subarray(0, n), choices };
      return { nodes: batch.nodes, first };
    },
    async rebuild(scale) {
      const { nodes, places, choices } = batch!;
      const adam = { learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: ++steps };
      scales.fill(scale.user, 0, count).fill(scale.item, count);
      const by = { scales, places, gates: gates.subarray(0, nodes.length), losses, room, lists };
      const loss = await stepExperts(kernels, placed, { nodes, first }, { hidden, weights, m, v }, by, adam);
      const learning = choices.map((choice, s) => {
        const from = s === 0 ? 0 : choices[0]!.nodes.length;
        const { gradient } = selectors[s]!;
        return { ...choice, gates: gates.subarray(from, from + choice.nodes.length), gradient };
      });
      await selectorGradients(kernels, placed, learning);
      for (const { values, m, v, gradient } of selectors) {
        await adamRows(kernels, values, m, v, null, gradient, values.length, adam);
      }
      return loss;
    },
  };
}

/** What PyTorch's Linear starts from: uniform in ±1/√(fan in), for a weight and its bias. */
function fillLinear(values: Float32Array, fanIn: number, rng: Rng): void {
  for (let i = 0; i < values.length; i++) values[i] = (2 * rng.uniform() - 1) / Math.sqrt(fanIn);
}
