// The exports of kernels.wasm. Every kernel works on byte addresses in one linear memory, allocates nothing and
// never throws; sizes are checked by the typed views in src/kernels/.
export * from "./bpr";
export * from "./coded";
export { expAll } from "./exp";
export {
  chooseExperts, chooseScratch, expertScratch, selectorGradient, selectorScratch, stepExperts,
} from "./experts";
export { groupCentres, stepTopology, topologyScratch } from "./topology";
export { fitLevels, levelRows } from "./few-levels";
export * from "./kmeans";
export * from "./optimizers";
export * from "./pool";
export {
  dequantizeInt8Rows, dequantizeIntNRows, fromHalf, quantizeInt8Rows, quantizeIntNRows, toHalf,
} from "./quantize";
export { clearSlots, joinLookups, packSlots, squaresOfSlots, sumSlots } from "./row-gradients";
export { pullCandidates, scoreCandidates } from "./candidates";
export { gather, gatherSum, largestId, narrowIds, scatterAdd } from "./rows";
export * from "./scan";
export * from "./softmax";
export * from "./topk";
export * from "./gemm";
export * from "./gram";
export * from "./ials";
export * from "./levels";
export * from "./rank";
export * from "./solve";
export * from "./spmm";
export { heapBase } from "./heap";
