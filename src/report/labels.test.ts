import fc from "fast-check";
import { expect, test } from "vitest";
import { placeLabels } from "./labels.ts";

const frame = { left: 0, top: 0, right: 600, bottom: 400 };
const [letter, height] = [6, 14];
const spot = fc
  .record({
    x: fc.integer({ min: 10, max: 590 }),
    y: fc.integer({ min: 10, max: 390 }),
    n: fc.integer({ min: 1, max: 20 }),
  })
  .map(({ x, y, n }) => ({ x, y, top: y - 9, bottom: y + 9, text: "m".repeat(n), radius: 7 }));

test("labels stay in the frame and cover neither each other nor a point", () => {
  fc.assert(
    fc.property(fc.array(spot, { minLength: 1, maxLength: 14 }), (spots) => {
      const boxes = placeLabels(spots, frame, letter, height).flatMap((place, i) => {
        if (!place) return [];
        const { x, y, text } = spots[i]!;
        const half = (text.length * letter) / 2;
        return [
          {
            ...{ left: x + place.dx - half, right: x + place.dx + half },
            ...{ top: y + place.dy - height / 2, bottom: y + place.dy + height / 2 },
          },
        ];
      });
      for (const [i, a] of boxes.entries()) {
        expect(a.left >= 0 && a.right <= 600 && a.top >= 0 && a.bottom <= 400).toBe(true);
        for (const { x, y } of spots) expect(x > a.left && x < a.right && y > a.top && y < a.bottom).toBe(false);
        for (const b of boxes.slice(i + 1)) {
          expect(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).toBe(false);
        }
      }
    }),
  );
});

test("a lone point has its label right beside it, without a line", () => {
  const [place] = placeLabels(
    [{ x: 300, y: 200, top: 190, bottom: 210, text: "ease", radius: 7 }],
    frame,
    letter,
    height,
  );
  expect(place).toMatchObject({ dy: 0, far: false });
  expect(place!.dx).toBeGreaterThan(0);
});
