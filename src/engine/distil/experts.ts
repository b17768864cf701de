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
import type { Scope } from "../../kernels/memory.ts";
import type { GroupedNodes } from "../../kernels/nodes.ts";
import { adamRows } from "../../kernels/optimizers.ts";
import type { EntityContext, Sides } from "../../kinds/entity-step.ts";

const lastTemperature = 1e-10;
const sides = ["user", "item"] as const;

export interface ExpertTeams {
  /**
   * Each entity draws one of `count` experts of its side. Returns the entities by the expert that is likeliest for each,
   * without a draw: users' groups, then items'.
   */
  choose(entities: Sides<Int32Array>, progress: number): Promise<GroupedNodes>;
  /** Adds the gradient of Σ_users scale.user ‖e_t - E_m(e_s)‖² and of items', and takes a step of experts and selectors. */
  rebuild(scale: Sides<number>): Promise<number>;
}

export function openExperts(c: EntityContext, count: number): ExpertTeams {
  const { kernels, scope, placed, most, learningRate, decay } = c;
  const { d, width } = placed;
  const hidden = Math.floor((d + width) / 2);
  const groups = 2 * count;
  const size = expertSize(d, hidden, width);
  const [weights, m, v] = [scope.f32(groups * size), scope.f32(groups * size), scope.f32(groups * size)];
  for (let g = 0; g < groups; g++) {
    const start = c.rng.fork(`expert ${g}`);
    const own = weights.subarray(g * size, (g + 1) * size);
    const first = (hidden + 1) * expertColumns(width);
    for (let at = 0; at < first; at += expertColumns(width)) {
      fillLinear(own.subarray(at, at + width), hidden, start);
    }
    fillLinear(own.subarray(first, first + (d + 1) * hidden), d, start);
  }
  const selectors = sides.map((side) => {
    const [values, first, second, gradient] = [0, 1, 2, 3].map(() => scope.f32(selectorSize(count, width)));
    fillLinear(values!.subarray(0, count * (width + 1)), width, c.rng.fork(`selector ${side}`));
    const n = most[side];
    const [likeliest, chosen, slopes] = [scope.i32(n), scope.i32(n), scope.f32(n * slopesStride(count))];
    return { side, values: values!, m: first!, v: second!, gradient: gradient!, likeliest, chosen, slopes };
  });
  const total = most.user + most.item;
  const [drawn, likeliest] = [sorter(scope, total, groups), sorter(scope, total, groups)];
  const [lists, gates] = [scope.i32(groups), scope.f32(total)];
  const [scales, losses] = [scope.f32(groups), scope.f64(groups)];
  const room = expertRoom(kernels, scope, d, hidden, width);
  const noise = c.rng.fork("noise");
  let batch: { sorted: Sorted; choices: ReturnType<typeof choicesOf> } | undefined;
  let steps = 0;

  const choicesOf = (entities: Sides<Int32Array>) =>
    selectors.map(({ side, values, likeliest, chosen, slopes }) => {
      const n = entities[side].length;
      return {
        ...{ nodes: entities[side], selector: values, count, groups: likeliest.subarray(0, n) },
        ...{ chosen: chosen.subarray(0, n), slopes: slopes.subarray(0, n * slopesStride(count)) },
      };
    });

  return {
    async choose(entities, progress) {
      const choices = choicesOf(entities);
      await chooseExperts(kernels, placed, choices, lastTemperature ** progress, noise.u32() | 0);
      const by = (of: "groups" | "chosen", sort: ReturnType<typeof sorter>) =>
        sort(choices.map((choice, s) => ({ nodes: choice.nodes, groups: choice[of], shift: s * count })));
      batch = { sorted: by("chosen", drawn), choices };
      return by("groups", likeliest);
    },
    async rebuild(scale) {
      const { sorted, choices } = batch!;
      const adam = { learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: ++steps, decay };
      scales.fill(scale.user, 0, count).fill(scale.item, count);
      const by = {
        ...{ scales, losses, room, lists, places: sorted.places },
        gates: gates.subarray(0, sorted.nodes.length),
      };
      const loss = await stepExperts(kernels, placed, sorted, { hidden, weights, m, v }, by, adam);
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

interface Sorted extends GroupedNodes {
  /** Which of the entities each was, counted over both sides. */
  readonly places: Int32Array;
}

/** Sorts entities by their groups, into the same room each time. */
function sorter(scope: Scope, most: number, count: number) {
  const [nodes, places, first] = [scope.i32(most), scope.i32(most), scope.i32(count + 1)];
  return (parts: readonly { nodes: Int32Array; groups: Int32Array; shift: number }[]): Sorted => {
    first.fill(0);
    for (const { groups, shift } of parts) for (const group of groups) first[shift + group + 1]!++;
    for (let g = 0; g < count; g++) first[g + 1]! += first[g]!;
    const next = first.slice();
    let place = 0;
    for (const part of parts) {
      part.groups.forEach((group, t) => {
        const at = next[part.shift + group]!++;
        nodes[at] = part.nodes[t]!;
        places[at] = place++;
      });
    }
    return { nodes: nodes.subarray(0, place), places: places.subarray(0, place), first };
  };
}

/** What PyTorch's Linear starts from: uniform in ±1/√(fan in), for a weight and its bias. */
function fillLinear(values: Float32Array, fanIn: number, rng: Rng): void {
  for (let i = 0; i < values.length; i++) values[i] = (2 * rng.uniform() - 1) / Math.sqrt(fanIn);
}
