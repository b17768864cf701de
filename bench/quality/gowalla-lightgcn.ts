import { recipeCase, usual } from "../recipe-case.ts";

export default recipeCase(
  "gowalla-lightgcn",
  "LightGCN (3 layers, d=64, sampled softmax) on Gowalla; must reach recall@20 .180 and NDCG@20 .152 (published .1824 / .1547).",
  (_results, variant) => usual(variant("teacher")),
);
