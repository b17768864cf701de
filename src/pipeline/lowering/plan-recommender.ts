// export, of a recommender: its tables in the forms that are measured to be best, its answers held against our scores.

import type { Artifact } from "../../artifact/open.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { queryFeeds } from "../../recommender/ask-export.ts";
import { askedOf, type Form, type Forms, formsOf } from "../../recommender/forms.ts";
import { lowerToOnnx } from "../../recommender/lower.ts";
import type { Recommender } from "../../recommender/recommender.ts";
import { openScorer, type Query } from "../../recommender/scorer.ts";
import { tableBytes } from "../../tables/table.ts";
import { ownQueries } from "../own-queries.ts";
import type { Progress } from "../surroundings.ts";
import { type Part, type PlannedForms, planForms } from "./plan-forms.ts";
import type { Bench, Exam } from "./try-forms.ts";

export interface PlanOptions {
  /** Queries, or rows, of one request. */
  readonly batch: number;
  readonly smallest: boolean;
  /** Whether operators that only ONNX Runtime knows may be used. */
  readonly contrib: boolean;
}

/** Different requests that a timing goes through. */
export const requests = 32;

/** Measures and chooses; nothing of the artifact is changed. */
export async function planRecommender(
  artifact: Pick<Artifact, "recommender" | "histories">,
  { batch, smallest, contrib }: PlanOptions,
  { kernels, ...bench }: Bench & { readonly kernels: Kernels; readonly progress: Progress },
): Promise<PlannedForms<Form>> {
  const { recommender } = artifact;
  const exam = examOf(recommender, ownQueries(artifact, requests * batch), batch, kernels);
  const parts = [...askedOf(recommender)]
    .map(([name, asked]) => ({ name, table: recommender.tables[name]!, asked }))
    .toSorted((a, b) => tableBytes(b.table) - tableBytes(a.table))
    .map(({ name, table, asked }): Part<Form> => {
      const encoding = table.values ? `${table.encoding} ${table.values.encoding}` : table.encoding;
      return { name, encoding, forms: formsOf(table, asked, contrib) };
    })
    .filter(({ forms }) => forms.length > 0);
  const build = (forms: Forms) => encodeOnnx(lowerToOnnx(recommender, forms));
  return planForms(parts, build, exam, smallest, bench);
}

/** Requests of `batch` queries each, with our own scores. */
function examOf(recommender: Recommender, queries: readonly Query[], batch: number, kernels: Kernels): Exam {
  const scorer = openScorer(kernels, recommender);
  try {
    const groups = Array.from({ length: Math.max(1, Math.floor(queries.length / batch)) }, (_, g) =>
      queries.slice(g * batch, (g + 1) * batch),
    );
    const answers = groups.map((group) => {
      const scores = new Float32Array(group.length * recommender.items);
      group.forEach((query, q) => {
        scores.set(scorer.score(query), q * recommender.items);
      });
      return { scores };
    });
    return { feeds: groups.map(queryFeeds), answers, tolerance: 1e-4 };
  } finally {
    scorer.free();
  }
}
