// int2-row: 4 levels a row, four numbers a byte, low bits first. d = 64 takes 20 bytes a row.

import { packedRow } from "./packed-row.ts";

export const int2Row = packedRow(2);
