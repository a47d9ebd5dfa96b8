// `seam-session/server`
export {
  toNodeHandler,
  type NodeRequest,
  type NodeResponse,
} from "./server/node-handler.js";
export {
  createTokenHandler,
  type SignedInUser,
  type TokenHandler,
  type TokenHandlerOptions,
  type TokenIssuer,
} from "./server/token-handler.js";
export {
  SeamInvalidWebhookPayloadError,
  SeamWebhook,
  SeamWebhookVerificationError,
  type WebhookHeaders,
} from "./server/webhook.js";
