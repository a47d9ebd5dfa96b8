// The example of docs/server.md.
export { handler as POST } from "../../../seam-token.js";
