import { testPackedRowPass } from "../../test/packed-row-passes.ts";
import int2Row from "./int2-row.ts";

testPackedRowPass(int2Row, 2);
