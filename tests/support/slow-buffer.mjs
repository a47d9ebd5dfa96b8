// To be imported before Seam's fake: a library in it reads `SlowBuffer` as it is loaded, which Node 25
// and newer have no more.
import buffer from "node:buffer";

buffer.SlowBuffer ??= buffer.Buffer;
