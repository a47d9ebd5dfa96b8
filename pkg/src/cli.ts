// The command `seam-session`.
import { run } from "./cli/sandbox-command.js";

run();
