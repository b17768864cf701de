import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Events,
  type Interactions,
  rowOf,
  sequenceOf,
  timeOrder,
  toInteractions,
  transpose,
  union,
} from "./interactions.ts";

const [users, items] = [6, 9];
const row = fc.tuple(fc.nat(users - 1), fc.nat(items - 1), fc.integer({ min: 1, max: 9 }));
const logs = fc.array(row, { maxLength: 60 });

const eventsOf = (log: [number, number, number][]): Events => ({
  users: Array.from({ length: users }, (_, u) => `u${u}`),
  items: Array.from({ length: items }, (_, i) => `i${i}`),
  user: Int32Array.from(log, (r) => r[0]),
  item: Int32Array.from(log, (r) => r[1]),
  value: Float32Array.from(log, (r) => r[2]),
});
/** The matrix as a map from pair to value: the plain meaning of the CSR. */
function cellsOf(matrix: Interactions): Map<string, number> {
  const cells = new Map<string, number>();
  for (let u = 0; u < matrix.users; u++) {
    rowOf(matrix, u).forEach((i, at) => {
      cells.set(`${u}/${i}`, matrix.values[matrix.indptr[u]! + at]!);
    });
  }
  return cells;
}
const flip = (cells: Map<string, number>) =>
  new Map([...cells].map(([pair, value]) => [pair.split("/").reverse().join("/"), value]));

test("toInteractions holds each kept pair once with its largest value, rows ascending", () => {
  fc.assert(
    fc.property(logs, fc.nat(3), (log, skip) => {
      const keep = (e: number) => skip === 0 || e % (skip + 1) !== 0;
      const matrix = toInteractions(eventsOf(log), skip === 0 ? undefined : keep);
      const cells = new Map<string, number>();
      for (const [e, [u, i, v]] of log.entries()) {
        if (keep(e)) cells.set(`${u}/${i}`, Math.max(v, cells.get(`${u}/${i}`) ?? 0));
      }
      expect(cellsOf(matrix)).toEqual(cells);
      expect(matrix.indices.length).toBe(cells.size);
      expect(matrix.values.length).toBe(cells.size);
      for (let u = 0; u < users; u++) expect(rowOf(matrix, u)).toEqual(rowOf(matrix, u).toSorted());
    }),
  );
});

test("transposing twice is the same matrix; once swaps the pairs", () => {
  fc.assert(
    fc.property(logs, (log) => {
      const matrix = toInteractions(eventsOf(log));
      expect(transpose(transpose(matrix))).toEqual(matrix);
      expect(cellsOf(transpose(matrix))).toEqual(flip(cellsOf(matrix)));
    }),
  );
});

test("a union is what all events together make", () => {
  fc.assert(
    fc.property(logs, logs, (a, b) => {
      const both = toInteractions(eventsOf([...a, ...b]));
      expect(union(toInteractions(eventsOf(a)), toInteractions(eventsOf(b)))).toEqual(both);
    }),
  );
});

test("sequenceOf and timeOrder are a user's items by their last event, equal times by item", () => {
  fc.assert(
    fc.property(logs, fc.array(fc.nat(4), { minLength: 60, maxLength: 60 }), (log, when) => {
      const time = Float64Array.from(log, (_, e) => when[e]!);
      const matrix = toInteractions({ ...eventsOf(log), time });
      const order = timeOrder(matrix)!;
      for (let u = 0; u < users; u++) {
        const last = new Map<number, number>();
        log.forEach(([user, item], e) => {
          if (user === u) last.set(item, Math.max(last.get(item) ?? 0, when[e]!));
        });
        const wanted = [...last].sort(([i, a], [j, b]) => a - b || i - j).map(([item]) => item);
        expect([...sequenceOf(matrix, u)]).toEqual(wanted);
        const [from, to] = [matrix.indptr[u]!, matrix.indptr[u + 1]!];
        expect([...order.subarray(from, to)].map((at) => rowOf(matrix, u)[at])).toEqual(wanted);
      }
    }),
  );
});

test("without times a sequence is the ascending row and there is no order of time", () => {
  const matrix = toInteractions(
    eventsOf([
      [0, 5, 1],
      [0, 2, 1],
    ]),
  );
  expect([...sequenceOf(matrix, 0)]).toEqual([2, 5]);
  expect(timeOrder(matrix)).toBeUndefined();
});

test("a union keeps the later time", () => {
  const at = (log: [number, number, number][], ...time: number[]) =>
    toInteractions({ ...eventsOf(log), time: Float64Array.from(time) });
  const both = union(
    at(
      [
        [0, 1, 1],
        [0, 2, 1],
      ],
      5,
      3,
    ),
    at(
      [
        [0, 0, 1],
        [0, 2, 1],
      ],
      4,
      9,
    ),
  );
  expect([...sequenceOf(both, 0)]).toEqual([0, 1, 2]);
});
