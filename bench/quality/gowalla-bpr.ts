import { recipeCase, usual } from "../recipe-case.ts";

export default recipeCase(
  "gowalla-bpr",
  "BPR-MF at d=64 on Gowalla's LightGCN split; recall@20 must reach .160 (BARS: .1627).",
  (_results, variant) => usual(variant("teacher")),
);
