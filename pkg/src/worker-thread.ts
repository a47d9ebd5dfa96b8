// `seam-session/worker/thread`
export { serve } from "./worker/thread/serve.js";
