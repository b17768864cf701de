import { recipeCase, usual } from "../recipe-case.ts";

export default recipeCase(
  "movietweetings",
  "EASE must reach NDCG@20 .193; an artifact of at most 100 KB must not be below it, one of at most 48 KB within 2 %.",
  (_results, variant) => ({
    ...usual(variant("ease"), "ease "),
    ...usual(variant("teacher"), "teacher "),
    ...usual(variant("under-100-kb"), "under-100-kb "),
    ...usual(variant("under-48-kb"), "under-48-kb "),
  }),
);
