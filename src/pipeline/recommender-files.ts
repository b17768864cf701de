// A recommender between stages: its tables (and encoder) as they will ship and a JSON note of their shapes.

import { decodeTables, encodeTables } from "../artifact/tables.ts";
import { must } from "../base/errors.ts";
import type { Recommender } from "../recommender/recommender.ts";
import type { Files } from "./stage.ts";

const noteFile = "recommender.json";
const tablesFile = "tables.safetensors";

/** The files of `recommender`. */
export function encodeRecommender({ tables, encoder, ...shape }: Recommender): Files {
  const { file, shapes } = encodeTables({ tables, ...(encoder && { encoder }) });
  return { [noteFile]: new TextEncoder().encode(JSON.stringify({ ...shape, shapes })), [tablesFile]: file };
}

/** The recommender in files that encodeRecommender made. */
export function decodeRecommender(files: Files): Recommender {
  const { shapes, ...shape } = JSON.parse(new TextDecoder().decode(files[noteFile]));
  return { ...shape, ...decodeTables(must(files[tablesFile], tablesFile), shapes) };
}
