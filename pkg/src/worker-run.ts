// The package's own worker: what whoever makes one writes too.
import { serve } from "./worker-thread.js";

serve();
