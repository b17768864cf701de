import { expect, test } from "vitest";
import { toEvents } from "./events.ts";
import { fingerprint, partHash } from "./fingerprint.ts";

const columns = { user: ["1", "2"], item: ["x", "é"], value: [1, 2.5], time: Float64Array.of(1, 2) };
const base = fingerprint(toEvents(columns));

// Expected values by an independent program (Python: struct, hashlib).
test("is the same on every platform", () => {
  expect(base).toBe("88ae00060f002b14782164bf96d5cf8624fb96509c264464822d171e2b27e22d");
  expect(partHash(Uint8Array.of(0, 1, 2, 255))).toBe(
    "3d1f57c984978ef98a18378c8166c1cb8ede02c03eeb6aee7e2f121dfeee3e56",
  );
});

test.each([
  ["an id", { ...columns, user: ["1", "3"] }],
  ["the order", { ...columns, user: ["2", "1"] }],
  ["a value", { ...columns, value: [1, 2] }],
  ["a time", { ...columns, time: Float64Array.of(1, 3) }],
  ["no times", { user: columns.user, item: columns.item, value: columns.value }],
  ["ids cut elsewhere", { ...columns, user: ["1", '2"],["'] }],
])("changes with %s", (_, changed) => expect(fingerprint(toEvents(changed))).not.toBe(base));
