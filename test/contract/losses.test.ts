// What every distillation loss promises, whatever its formula.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "../../src/base/rng.ts";
import type { CandidateLoss, LossMethod, UserLoss } from "../../src/kinds/loss.ts";
import { all } from "../../src/losses/index.ts";

interface Case {
  readonly student: Float32Array;
  readonly teacher: Float32Array;
}

const scores = (size: number, limit = 4) =>
  fc.array(fc.double({ min: -limit, max: limit, noNaN: true }), { minLength: size, maxLength: size });

/** One user's candidates; the teacher's scores descend, as its list does. */
const cases = (limit = 4): fc.Arbitrary<Case> =>
  fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })).chain(([listed, unlisted]) =>
    fc.record({
      student: scores(listed + unlisted, limit).map((x) => Float32Array.from(x)),
      teacher: scores(listed, limit).map((x) => Float32Array.from(x).sort().reverse()),
    }),
  );

const candidateLosses = (all as unknown as readonly LossMethod[]).filter(
  (loss): loss is CandidateLoss | UserLoss => loss.sees === "candidates" || loss.sees === "users",
);

/** Options under which a loss has no steps, as weights that follow ranks jump with the scores, and no places. */
const smooth: Readonly<Record<string, object>> = {
  ...{ rd: { weights: "rank" }, dllm2rec: { position: 0, consistency: 0 } },
};

/** Options under which it draws what it takes as it is otherwise. */
const drawn: Readonly<Record<string, object>> = { cd: { guide: "student" }, rrd: { spread: 10 } };

describe.each(candidateLosses)("$name", (loss) => {
  const options = loss.options.parse(smooth[loss.name] ?? {});
  const evaluate = ({ student, teacher }: Case, start = 0) => {
    const grad = new Float32Array(student.length).fill(start);
    return { value: loss.lossAndGrad({ listed: teacher.length, student, teacher, items: 100 }, options, grad), grad };
  };

  test("its gradient is the one that finite differences find", () => {
    fc.assert(
      fc.property(cases(), ({ student, teacher }) => {
        const { grad } = evaluate({ student, teacher });
        for (let c = 0; c < student.length; c++) {
          const [up, down] = [student.slice(), student.slice()];
          up[c]! += 1e-2;
          down[c]! -= 1e-2;
          // The step really taken, after rounding to float32.
          const slope =
            (evaluate({ student: up, teacher }).value - evaluate({ student: down, teacher }).value) /
            (up[c]! - down[c]!);
          // Central differences are off by h² f'''/6 and the gradient is a float32: 1e-3 of its size covers both.
          expect(Math.abs(slope - grad[c]!)).toBeLessThan(1e-3 * (1 + Math.abs(slope)));
        }
      }),
    );
  });

  test("it adds to the gradient and leaves its inputs alone", () => {
    fc.assert(
      fc.property(cases(), (one) => {
        const before = { student: one.student.slice(), teacher: one.teacher.slice() };
        const { grad } = evaluate(one);
        const added = evaluate(one, 2).grad;
        for (let c = 0; c < grad.length; c++) expect(added[c]! - 2).toBeCloseTo(grad[c]!, 4);
        expect(one).toEqual(before);
      }),
    );
  });

  test("extreme scores stay finite", () => {
    fc.assert(
      fc.property(cases(1e30), (one) => {
        const { value, grad } = evaluate(one);
        expect(Number.isFinite(value) && grad.every(Number.isFinite)).toBe(true);
      }),
    );
  });

  test("the order of unlisted candidates does not matter", () => {
    fc.assert(
      fc.property(cases(), ({ student, teacher }) => {
        const swapped = student.slice();
        swapped.subarray(teacher.length).reverse();
        const [one, other] = [evaluate({ student, teacher }), evaluate({ student: swapped, teacher })];
        expect(other.value).toBeCloseTo(one.value, 4);
        other.grad.subarray(teacher.length).reverse();
        for (let c = 0; c < student.length; c++) expect(other.grad[c]).toBeCloseTo(one.grad[c]!, 4);
      }),
    );
  });

  test(
    loss.needs === "ranks" ? "only the teacher's order counts" : "only the teacher's scores count, not their order",
    () => {
      fc.assert(
        fc.property(cases(), ({ student, teacher }) => {
          const one = evaluate({ student, teacher });
          if (loss.needs === "ranks") {
            expect(evaluate({ student, teacher: teacher.map((x) => 3 * x - 1) })).toEqual(one);
            return;
          }
          const [turned, scores] = [student.slice(), teacher.slice().reverse()];
          turned.subarray(0, teacher.length).reverse();
          const other = evaluate({ student: turned, teacher: scores });
          expect(other.value).toBeCloseTo(one.value, 4);
          other.grad.subarray(0, teacher.length).reverse();
          for (let c = 0; c < student.length; c++) expect(other.grad[c]).toBeCloseTo(one.grad[c]!, 4);
        }),
      );
    },
  );

  test("a student that ranks as the teacher does loses less than one that ranks the other way round", () => {
    const teacher = Float32Array.of(3, 2, 1);
    const student = Float32Array.of(3, 2, 1, 0, 0, 0);
    expect(evaluate({ student, teacher }).value).toBeLessThan(
      evaluate({ student: student.slice().reverse(), teacher }).value,
    );
  });

  test("a small step down the gradient lowers it", () => {
    fc.assert(
      fc.property(cases(), ({ student, teacher }) => {
        const { value, grad } = evaluate({ student, teacher });
        const size = Math.hypot(...grad);
        fc.pre(size > 1e-2);
        const stepped = student.map((x, c) => x - (1e-2 * grad[c]!) / size);
        expect(evaluate({ student: stepped, teacher }).value).toBeLessThan(value);
      }),
    );
  });

  test("picks ranks of the list, no more than it asked for and as many as there are", () => {
    const { pick, candidates } = loss;
    if (!pick) return;
    const rng = createRng(loss.name);
    const groups = (count: number) => Uint8Array.from({ length: 300 }, (_, i) => i % count);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), (length) => {
        const items = Int32Array.from({ length }, (_, r) => 299 - r);
        const student = () => Float32Array.from({ length: length + 20 }, () => rng.normal());
        const list = { items, groups, catalogue: 1000, student };
        for (const given of [options, loss.options.parse(drawn[loss.name] ?? {})]) {
          const places = new Int32Array(Math.min(candidates(given).listed, length));
          const picked = pick(list, given, rng, places);
          // It leaves it at the first.
          if (picked === undefined) continue;
          const n = typeof picked === "number" ? picked : picked.listed;
          expect(n).toBeLessThanOrEqual(places.length);
          if (length > 20) expect(n).toBeGreaterThan(0);
          expect([...places.subarray(0, n)].every((rank) => rank >= 0 && rank < length)).toBe(true);
        }
      }),
    );
  });

  test("asks for as many candidates as its options say", () => {
    const { listed, unlisted } = loss.candidates(options);
    expect(Number.isInteger(listed) && listed >= 1 && Number.isInteger(unlisted) && unlisted >= 0).toBe(true);
  });
});
