import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { createProgress } from "./progress.ts";

function fakeStream(isTTY: boolean): { stream: NodeJS.WriteStream; text(): string } {
  const through = new PassThrough();
  let text = "";
  through.on("data", (part) => (text += part));
  const stream = Object.assign(through, {
    isTTY,
    columns: 100,
    rows: 30,
    cursorTo() {},
    clearLine() {},
    moveCursor() {},
  });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

test("one line a task elsewhere than on a terminal", () => {
  const { stream, text } = fakeStream(false);
  const task = createProgress(stream).start("fit");
  task.step(1, 2, "loss 0.4");
  task.end();
  createProgress(stream).start("weigh").end("kept from before");
  expect(text()).toMatch(/^fit +[\d.]+ s\nweigh +kept from before\n$/);
});

test("a bar on a terminal, and no timer left behind by a task that failed", () => {
  const { stream, text } = fakeStream(true);
  vi.useFakeTimers();
  const progress = createProgress(stream);
  progress.start("fit").step(1, 2, "loss 0.4");
  expect(vi.getTimerCount()).toBeGreaterThan(0);
  progress.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  expect(text()).toContain("fit");
});
