// int4-row: 16 levels a row, two numbers a byte, low nibble first. d = 64 takes 36 bytes a row.

import { packedRow } from "./packed-row.ts";

export const int4Row = packedRow(4);
