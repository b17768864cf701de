// What Reshape does to dims.

import { isFree } from "./rule.ts";

/** Axes before and after that hold the same numbers, in the least groups. */
export function groups(before: readonly number[], after: readonly number[]): [number[], number[]][] {
  const found: [number[], number[]][] = [];
  for (let [i, j] = [0, 0]; i < before.length || j < after.length; ) {
    const group: [number[], number[]] = [[], []];
    let [a, b] = [1, 1];
    const left = () => {
      a *= before[i]!;
      group[0].push(i++);
    };
    const right = () => {
      b *= after[j]!;
      group[1].push(j++);
    };
    if (j >= after.length || (before[i] === 1 && after[j] !== 1)) left();
    else if (i >= before.length || (after[j] === 1 && before[i] !== 1)) right();
    else {
      left();
      right();
      while (a !== b && (i < before.length || j < after.length)) a < b ? left() : right();
    }
    found.push(group);
  }
  return found;
}

/** What Reshape asks for to make `after` of `before`, both as they are left; undefined where only running it would tell. */
export function shapeLeft(before: readonly number[], after: readonly number[]): number[] | undefined {
  const shape = after.map((size, axis) => (size === before[axis] ? 0 : isFree(size) ? -1 : size));
  return shape.filter((size) => size < 0).length > 1 ? undefined : shape;
}
