// Import this before Seam's fake: one of its dependencies reads `SlowBuffer` at import, which Node
// 25 removed.
import buffer from "node:buffer";

buffer.SlowBuffer ??= buffer.Buffer;
