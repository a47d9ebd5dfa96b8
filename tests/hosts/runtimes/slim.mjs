import { Seam, setWasm } from "seam-session/slim";

import { scenario } from "./calls.mjs";

setWasm(import.meta.resolve("seam-session/client.wasm"));
const result = await scenario(Seam, JSON.parse(process.argv[2]));
console.log(JSON.stringify(result));
