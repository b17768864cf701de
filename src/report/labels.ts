// Where to write the names of points so that no name covers a point, an error bar or another name: each label takes
// the first free place on growing rings around its point. Greedy, deterministic; a label that fits nowhere is dropped.

export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A point in pixels, the top and bottom of its error bar, its name and how far from it nothing may be written. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly top: number;
  readonly bottom: number;
  readonly text: string;
  readonly radius: number;
}

/** A label's middle and the nearest place on its edge, relative to the point; `far` asks for a line between them. */
export interface Placement {
  readonly dx: number;
  readonly dy: number;
  readonly edge: { readonly x: number; readonly y: number };
  readonly far: boolean;
}

const GAPS = [2, 8, 18, 30, 44, 60, 78, 98, 120];
const ANGLES = Array.from({ length: 16 }, (_, i) => (i * Math.PI) / 8);

/** Places the labels of `spots` in their order inside `frame`; letters are about `letter` × `height` pixels. */
export function placeLabels(
  spots: readonly Spot[],
  frame: Frame,
  letter: number,
  height: number,
): (Placement | undefined)[] {
  const taken: Frame[] = spots.flatMap(({ x, y, top, bottom, radius }) => [
    { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius },
    { left: x - 3, right: x + 3, top: Math.min(top, y), bottom: Math.max(bottom, y) },
  ]);
  return spots.map(({ x, y, text, radius }) => {
    const [halfWidth, halfHeight] = [(text.length * letter) / 2 + 2, height / 2];
    for (const gap of GAPS) {
      for (const angle of ANGLES) {
        const dx = Math.cos(angle) * (radius + gap + halfWidth);
        const dy = Math.sin(angle) * (radius + gap + halfHeight);
        const [left, right, top, bottom] = [
          x + dx - halfWidth,
          x + dx + halfWidth,
          y + dy - halfHeight,
          y + dy + halfHeight,
        ];
        if (left < frame.left || right > frame.right || top < frame.top || bottom > frame.bottom) continue;
        const box = { left, right, top, bottom };
        if (taken.some((other) => overlap(box, other))) continue;
        taken.push(box);
        const edge = { x: clamp(0, dx - halfWidth, dx + halfWidth), y: clamp(0, dy - halfHeight, dy + halfHeight) };
        return { dx, dy, edge, far: Math.hypot(edge.x, edge.y) > radius + 10 };
      }
    }
    return undefined;
  });
}

const overlap = (a: Frame, b: Frame) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
