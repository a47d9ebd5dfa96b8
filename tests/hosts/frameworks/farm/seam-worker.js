import { serve } from "seam-session/worker/thread";
serve();
