import { testPackedRowPass } from "../../test/packed-row-passes.ts";
import int4Row from "./int4-row.ts";

testPackedRowPass(int4Row, 4);
