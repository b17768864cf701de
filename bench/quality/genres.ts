import { recipeCase, usual } from "../recipe-case.ts";

export default recipeCase(
  "genres",
  "What genres add to two towers on MovieTweetings; NDCG@20 must not fall.",
  (_results, variant) => ({
    ...usual(variant("teacher"), "without "),
    ...usual(variant("genres"), "with "),
  }),
);
