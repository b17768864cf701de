import { recipeCase, usual } from "../recipe-case.ts";

export default recipeCase(
  "ml-1m",
  "The best model on UltraGCN's MovieLens-1M split; must reach recall@20 .283 and NDCG@20 .268 (UltraGCN: .2787 / .2642).",
  (_results, variant) => usual(variant("teacher")),
);
