import { groups, modelSuite } from "./model-suite.ts";

modelSuite(groups.sequences);
