// `seam-session/token-function`
export {
  createTokenFunction,
  type TokenFunctionOptions,
} from "./token/token-function.js";
