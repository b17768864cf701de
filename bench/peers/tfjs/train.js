// A training step in TensorFlow.js on its CPU backend (plain JavaScript): the MLP of DeepFM, 416-400-400-400-1 at batch
// 4096, with Adam. The embedding is left out: the gradient of tfjs's gather goes over the whole batch for each row of the
// table and does not end in minutes. Each line of stdin, a number of steps, is answered by a line of JSON.

import { readFileSync } from "node:fs";
import { cpuUsage, exit, stdin } from "node:process";
import { createInterface } from "node:readline";
import * as tf from "@tensorflow/tfjs";

const [WIDTH, BATCH] = [416, 4096];

await tf.setBackend("cpu");
const normal = (shape, deviation) => tf.variable(tf.randomNormal(shape, 0, deviation));
const widths = [WIDTH, 400, 400, 400, 1];
const layers = widths.slice(1).map((width, i) => ({
  w: normal([widths[i], width], Math.sqrt(2 / (widths[i] + width))),
  b: tf.variable(tf.zeros([width])),
}));
const input = tf.randomNormal([BATCH, WIDTH]);
const labels = tf.tensor1d(Float32Array.from({ length: BATCH }, () => Number(Math.random() < 0.3)));
const optimizer = tf.train.adam(1e-3);

function loss() {
  let x = input;
  layers.forEach(({ w, b }, i) => {
    x = x.matMul(w).add(b);
    if (i < layers.length - 1) x = x.relu();
  });
  return tf.losses.sigmoidCrossEntropy(labels, x.squeeze([1]));
}

console.log(JSON.stringify({ tfjs: tf.version.tfjs, backend: tf.getBackend() }));
for await (const line of createInterface({ input: stdin })) {
  const [cpu, start] = [cpuUsage(), performance.now()];
  for (let i = 0; i < Number(line); i++) {
    const value = optimizer.minimize(loss, true);
    value.dataSync();
    value.dispose();
  }
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = cpuUsage(cpu);
  const peak = Number(/VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
  console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6, peakMB: Math.round(peak / 1024) }));
}
exit();
