// The command `seam-session`.
import { run } from "./cli/main.js";

run();
