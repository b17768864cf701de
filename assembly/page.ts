// The exports of the page's kernels.wasm: what src/recommender/scorer.ts calls, and nothing that trains.
export { codeProducts, gatherSumCodes, scanCodes } from "./coded";
export { heapBase } from "./heap";
export { gatherSumPacked } from "./pool";
export { gatherSum, largestId } from "./rows";
export { scanF32, scanInt4, scanInt8 } from "./scan";
export { topk } from "./topk";
