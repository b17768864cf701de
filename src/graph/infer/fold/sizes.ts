// Folding of operators that read only the type of their input: the shapes of values that are not constant.

import { elements, int64 } from "../../tensor.ts";
import { shapeRange } from "../forms.ts";
import { type FoldRule, inputType } from "../rule.ts";

export const Shape: FoldRule = (c) => [int64(...inputType(c, 0).dims.slice(...shapeRange(c)))];
export const Size: FoldRule = (c) => [{ ...int64(elements(inputType(c, 0).dims)), dims: [] }];
