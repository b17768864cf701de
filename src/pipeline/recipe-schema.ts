// The JSON Schema of recipes, for editors: the frame plus, at each `use`, the options of every registered method.

import { z } from "zod";
import { cleanOptions } from "../data/clean-options.ts";
import { columnOptions } from "../data/columns/columns.ts";
import { ensembleUse, ensembleOptions as networkEnsemble } from "./clicks/distil-options.ts";
import { packedOptions, packedUse } from "./clicks/pack-network.ts";
import { clickFrame } from "./clicks/recipe.ts";
import { frame } from "./recipe.ts";
import { type KindName, registry } from "./registry.ts";
import { artifactOptions, ensembleOptions, httpOptions, listsOptions } from "./teachers/options.ts";

type Json = Record<string, unknown> & { properties?: Record<string, Json>; items?: Json; required?: string[] };

const plain = { io: "input", unrepresentable: "any" } as const;

/** What a feature column may be stands once, in $defs. */
const schemaOf = (schema: z.ZodType): Json =>
  z.toJSONSchema(schema, {
    ...plain,
    override({ zodSchema, jsonSchema }) {
      if (zodSchema !== columnOptions) return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
      jsonSchema.$ref = "#/$defs/column";
    },
  }) as Json;

/** The schema that recipes/recipe.schema.json holds: a recipe of a dataset, or one of a click log. */
export function recipeJsonSchema(): object {
  const { $defs, ...ranking } = rankingSchema();
  const { $schema, $defs: clickDefs, ...clicks } = clickSchema();
  const column = omit(z.toJSONSchema(columnOptions, plain) as Json, "$schema");
  const defs = { ...($defs as object), ...(clickDefs as object), column };
  return { $id: "recipe.schema.json", title: "distilrec recipe", $schema, anyOf: [ranking, clicks], $defs: defs };
}

function clickSchema(): Json {
  const schema = schemaOf(clickFrame);
  const at = schema.properties!;
  const own = at["networks"]!.items!.properties!;
  const { name, calibrate, columns, distill, embeddings, train } = own as Record<
    "name" | "calibrate" | "columns" | "distill" | "embeddings" | "train",
    Json
  >;
  const terms = distill.properties!["terms"]!;
  terms.items = step("loss", { weight: terms.items!.properties!["weight"]! }, [], (method) => method.sees === "logits");
  const extra = { name, calibrate, columns, distill: { $ref: "#/$defs/networkDistill" }, embeddings, train };
  const networks = step("network", extra, ["name"]);
  const made = (use: string, description: string, options: z.ZodType): Json => {
    const { properties, required = [] } = omit(schemaOf(options), "$schema") as Json;
    return {
      ...{ type: "object", description },
      properties: { use: { const: use }, name, calibrate, columns, ...properties },
      ...{ required: ["use", "name", ...required], additionalProperties: false },
    } as unknown as Json;
  };
  const ensemble = made(ensembleUse, "The mean of other networks' logits, as one model.", networkEnsemble);
  const packed = made(packedUse, "Another network, its tables and layers packed by passes.", packedOptions);
  packed.properties!["passes"]!.items = step("pass");
  const forLayers = [step("layer-pass"), step("pass")].flatMap(({ anyOf }) => anyOf as Json[]);
  packed.properties!["layers"]!.items = { anyOf: forLayers } as unknown as Json;
  at["clicklog"] = step("clicklog");
  at["networks"]!.items = { anyOf: [...(networks["anyOf"] as Json[]), ensemble, packed] };
  return { ...schema, $defs: { networkDistill: distill } };
}

function rankingSchema(): Json {
  const schema = omit(schemaOf(frame), "$schema");
  const at = schema.properties!;
  const student = at["students"]!.items!.properties!;
  const terms = student["distill"]!.properties!["terms"]!;
  const { weight, coolTo } = terms.items!.properties as Record<"weight" | "coolTo", Json>;
  at["dataset"] = step("dataset");
  at["split"] = step("split");
  at["clean"] = { ...omit(schemaOf(cleanOptions), "$schema"), description: at["clean"]!["description"] };
  const ensemble = omit(schemaOf(ensembleOptions), "$schema") as Json;
  ensemble.properties!["ensemble"]!.items = { $ref: "#/$defs/teacher" } as Json;
  at["teacher"] = { anyOf: [{ $ref: "#/$defs/teacher" }, ensemble] };
  const { from } = student["distill"]!.properties!;
  student["distill"]!.properties!["from"] = { ...at["teacher"], description: from!["description"] } as Json;
  at["students"]!.items = step("model", { name: student["name"]!, distill: { $ref: "#/$defs/distill" } }, ["name"]);
  const { passes, progressive } = at["variants"]!.items!.properties!;
  passes!.items = { $ref: "#/$defs/pass" } as Json;
  const { steps, recover } = progressive!.properties!;
  steps!.items = { anyOf: [{ $ref: "#/$defs/pass" }, { type: "array", items: { $ref: "#/$defs/pass" } }] } as Json;
  recover!.properties!["loss"]!["enum"] = registry.loss.flatMap(({ sees, name }) =>
    sees === "candidates" ? [name] : [],
  );
  terms.items = step("loss", { weight, coolTo }, [], ({ sees }) => sees !== "logits");
  (at["evaluate"]!.properties!["metrics"]!.items as Json)["enum"] = registry.metric.map((metric) => metric.name);
  return { ...schema, $defs: { distill: student["distill"], teacher: soleTeacher(), pass: step("pass") } };
}

/** Whatever may stand in an ensemble, too. */
function soleTeacher(): object {
  const [artifact, lists, http] = [artifactOptions, listsOptions, httpOptions].map((options) =>
    omit(schemaOf(options), "$schema"),
  );
  const ordered = ["score", "rank"].map((column) => ({ required: [column] }));
  return { anyOf: [step("model"), artifact, { ...lists, anyOf: ordered }, http] };
}

/** One of the methods of `kind` that fit, with `extra` properties beside their options. */
function step<K extends KindName>(
  kind: K,
  extra: Record<string, Json> = {},
  required: string[] = [],
  fits: (method: (typeof registry)[K][number]) => boolean = () => true,
): Json {
  const all: readonly (typeof registry)[K][number][] = registry[kind];
  const methods = all.filter(fits).map((method): Json => {
    const { properties = {}, ...options } = omit(schemaOf(method.options), "$schema") as Json;
    return {
      ...options,
      description: method.summary,
      properties: { use: { const: method.name }, ...extra, ...properties },
      required: ["use", ...required, ...(options.required ?? [])],
    };
  });
  return { anyOf: methods };
}

function omit(object: Json, key: string): Json {
  const { [key]: _, ...rest } = object;
  return rest;
}
