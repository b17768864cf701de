import { recipeCase } from "../recipe-case.ts";

export default recipeCase(
  "beauty-sasrec",
  "SASRec (2 blocks, d=64, 50 items) on Amazon Beauty, S3-Rec's data, leave one out, full ranking; must reach HR@10 .060 (published .0605).",
  (_results, variant) =>
    Object.fromEntries(
      ["teacher", "sasrec-int8", "sasrec-int4"].flatMap((name) => {
        const { metrics, cost } = variant(name);
        // One item is held out for each user, so that recall is the hit rate.
        return [
          [`${name} HR@10`, Math.round(metrics["recall@10"]! * 1e4) / 1e4],
          [`${name} NDCG@10`, Math.round(metrics["ndcg@10"]! * 1e4) / 1e4],
          [`${name} bytes`, cost.bytes.raw],
        ];
      }),
    ),
);
