// The package's own worker; `setWorker` needs the same two lines.
import { serve } from "./worker-thread.js";

serve();
