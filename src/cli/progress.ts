// Progress on stderr: one bar a stage on a terminal, one line a stage elsewhere. Results never go through here.

import { SingleBar } from "cli-progress";
import { formatSeconds } from "../base/format.ts";
import type { Progress } from "../pipeline/surroundings.ts";

const labelWidth = 28;
const secondsBetweenLines = 10;

/** Bars when `stream` is a terminal, lines otherwise. */
export const createProgress = (stream: NodeJS.WriteStream = process.stderr): Progress =>
  stream.isTTY ? bars(stream) : lines(stream);

function bars(stream: NodeJS.WriteStream): Progress {
  let open: SingleBar | undefined;
  const stop = () => {
    open?.stop();
    open = undefined;
  };
  return {
    stop,
    start(label) {
      const began = performance.now();
      const bar = new SingleBar({ ...look, stream, format: `${label.padEnd(labelWidth)} {bar} {percentage}% {note}` });
      stop();
      open = bar;
      bar.start(1, 0, { note: "" });
      return {
        step(done, total, note = "") {
          bar.setTotal(total);
          bar.update(done, { note });
        },
        end(note) {
          stop();
          stream.write(closing(label, began, note));
        },
      };
    },
  };
}

const look = { barsize: 24, hideCursor: true, clearOnComplete: true, barCompleteChar: "█", barIncompleteChar: "░" };

const lines = (stream: NodeJS.WriteStream): Progress => ({
  stop() {},
  start(label) {
    const began = performance.now();
    let last = began;
    return {
      step(done, total, note) {
        if (performance.now() - last < secondsBetweenLines * 1000 || done >= total) return;
        last = performance.now();
        stream.write(`${label.padEnd(labelWidth)} ${Math.floor((100 * done) / total)} %${note ? `, ${note}` : ""}\n`);
      },
      end(note) {
        stream.write(closing(label, began, note));
      },
    };
  },
});

const closing = (label: string, began: number, note?: string): string =>
  `${label.padEnd(labelWidth)} ${note ?? formatSeconds((performance.now() - began) / 1000)}\n`;
