// export, of a recommender: each table in turn, the largest first, takes the form that is measured to be best while the
// others keep theirs; in the end the whole is timed beside float32 and beside the packed export that is sealed.

import type { Artifact } from "../../artifact/open.ts";
import { UserError } from "../../base/errors.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { queryFeeds } from "../../recommender/ask-export.ts";
import { askedOf, type Form, type Forms, formsOf } from "../../recommender/forms.ts";
import { lowerToOnnx } from "../../recommender/lower.ts";
import type { Recommender, TableName } from "../../recommender/recommender.ts";
import { openScorer, type Query } from "../../recommender/scorer.ts";
import { tableBytes } from "../../tables/table.ts";
import { ownQueries } from "../own-queries.ts";
import type { Progress } from "../surroundings.ts";
import { chooseForm, type Tried } from "./choose-form.ts";
import { type Bench, type Exam, type Trial, tryForms } from "./try-forms.ts";

export interface PlanOptions {
  /** Queries of one request. */
  readonly batch: number;
  readonly smallest: boolean;
  /** Whether operators that only ONNX Runtime knows may be used. */
  readonly contrib: boolean;
}

export interface Planned {
  readonly forms: Forms;
  readonly onnx: Uint8Array;
  readonly tables: readonly {
    readonly name: TableName;
    readonly encoding: string;
    readonly kept: Form;
    readonly tried: readonly Tried[];
  }[];
  /** All tables in float32, as sealed, and as planned. */
  readonly whole: readonly Tried[];
}

/** Different requests that a timing goes through. */
const requests = 32;

/** Measures and chooses; nothing of the artifact is changed. */
export async function planRecommender(
  artifact: Pick<Artifact, "recommender" | "histories">,
  { batch, smallest, contrib }: PlanOptions,
  { kernels, progress, ...bench }: Bench & { readonly kernels: Kernels; readonly progress: Progress },
): Promise<Planned> {
  const { recommender } = artifact;
  const exam = examOf(recommender, ownQueries(artifact, requests * batch), batch, kernels);
  const asked = [...askedOf(recommender)].toSorted(([a], [b]) => bytesOf(recommender, b) - bytesOf(recommender, a));
  const tables: Planned["tables"][number][] = [];
  let forms: Forms = {};
  for (const [name, use] of asked) {
    const table = recommender.tables[name]!;
    const known = formsOf(table, use, contrib);
    if (known.length === 0) continue;
    const task = progress.start(`time forms of table ${name}`);
    const trials = known.map((form) => trial(recommender, form, { ...forms, [name]: form }));
    const tried = await tryForms(trials, "float32", exam, bench);
    task.end();
    const kept = chooseForm(tried, smallest);
    if (!kept) {
      const why = tried.map(({ form, refused }) => `${form}: ${refused}`).join("; ");
      throw new UserError(`table ${name}: it can be exported in no form (${why}).`);
    }
    forms = { ...forms, [name]: kept.form as Form };
    const encoding = table.values ? `${table.encoding} ${table.values.encoding}` : table.encoding;
    tables.push({ name, encoding, kept: kept.form as Form, tried });
  }
  const float32 = Object.fromEntries(tables.map(({ name }) => [name, "float32" as const]));
  const task = progress.start("time the whole");
  const whole = await tryForms(
    [trial(recommender, "float32", float32), trial(recommender, "packed", {}), trial(recommender, "planned", forms)],
    "float32",
    exam,
    bench,
  );
  task.end();
  return { forms, onnx: encodeOnnx(lowerToOnnx(recommender, forms)), tables, whole };
}

const bytesOf = ({ tables }: Recommender, name: TableName): number => tableBytes(tables[name]!);

function trial(recommender: Recommender, form: string, forms: Forms): Trial {
  try {
    return { form, model: encodeOnnx(lowerToOnnx(recommender, forms)) };
  } catch (error) {
    if (error instanceof UserError) return { form, refused: error.message };
    throw error;
  }
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
      return scores;
    });
    return { feeds: groups.map(queryFeeds), answers, output: "scores" };
  } finally {
    scorer.free();
  }
}
