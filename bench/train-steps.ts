// Our side of bench/peers-train.bench.ts as a process of its own, so that its processor time and its memory are counted
// alone. Speaks as bench/peers/train_torch.py does: a number of steps a line in, a line of JSON out.

import { readFileSync } from "node:fs";
import { argv, cpuUsage, exit, stdin } from "node:process";
import { createInterface } from "node:readline";
import { openTraining } from "./train-models.ts";

const [name, threads] = argv.slice(2);
const step = await openTraining(name!, Number(threads));
console.log(JSON.stringify({ ours: name, threads }));
for await (const line of createInterface({ input: stdin })) {
  const [cpu, start] = [cpuUsage(), performance.now()];
  for (let i = 0; i < Number(line); i++) await step();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = cpuUsage(cpu);
  const peak = Number(/VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
  console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6, peakMB: Math.round(peak / 1024) }));
}
exit();
