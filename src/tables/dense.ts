// The encodings that hold every number of a table. Not sparse: that one nests these.

import { codebook } from "./codebook.ts";
import type { CodedEncoding } from "./coded.ts";
import { columnCodes } from "./column-codes.ts";
import type { Encoding } from "./encoding.ts";
import { f32 } from "./f32.ts";
import { int2Row } from "./int2-row.ts";
import { int4Row } from "./int4-row.ts";
import { int8Row } from "./int8-row.ts";
import { levelsRow } from "./levels-row.ts";
import { bf16, f16 } from "./sixteen-bits.ts";
import { turned } from "./turned.ts";
import { pq, rq } from "./vector-codes.ts";

/** Those whose rows are byte codes. */
export const codedEncodings: Readonly<Record<string, CodedEncoding>> = {
  "column-codes": columnCodes,
  "levels-row": levelsRow,
  pq,
  rq,
};

const plainEncodings: Readonly<Record<string, Encoding>> = {
  ...codedEncodings,
  f32,
  f16,
  bf16,
  "int8-row": int8Row,
  "int4-row": int4Row,
  "int2-row": int2Row,
  codebook,
};

export const denseEncodings: Readonly<Record<string, Encoding>> = { ...plainEncodings, turned: turned(plainEncodings) };
