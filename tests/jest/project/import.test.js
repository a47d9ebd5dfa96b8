import * as errors from "seam-session";
import { Sandbox } from "seam-session/sandbox";
import { describeClient } from "./scenario.cjs";

describeClient(errors.Seam, Sandbox, errors);
