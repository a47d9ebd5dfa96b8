import { Webhook, WebhookVerificationError } from "standardwebhooks";

import type { SeamEvent } from "../generated/resources/index.js";

/** The request was not signed with this secret, or too long ago. */
export class SeamWebhookVerificationError extends Error {
  override readonly name = "SeamWebhookVerificationError";
}

/** The request is Seam's, but its body is not an event: asking Seam to send it again is no use. */
export class SeamInvalidWebhookPayloadError extends Error {
  override readonly name = "SeamInvalidWebhookPayloadError";
}

/** The headers of a request: of Node, Express or the web. */
export type WebhookHeaders =
  Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Verifies the webhooks of one endpoint, as `SeamWebhook` of the official SDK does. The signature is
 * checked by the library `standardwebhooks`.
 */
export class SeamWebhook {
  readonly #webhook: Webhook;

  /**
   * @param secret the webhook's `secret`, which begins with `whsec_`
   * @throws {TypeError} It is not a secret.
   */
  constructor(secret: string) {
    try {
      this.#webhook = new Webhook(secret);
    } catch {
      // The library's message might quote it.
      throw new TypeError("the secret of a webhook begins with whsec_");
    }
  }

  /**
   * Returns the event of a request. `body` is the body as it was sent: text, or its bytes.
   *
   * @throws {SeamWebhookVerificationError} Another sender, another body, or a signature that is more
   *   than five minutes old.
   * @throws {SeamInvalidWebhookPayloadError} The signature is right, but the body is not an event.
   * @throws {TypeError} The body was parsed already: keep its text.
   */
  verify(body: string | Uint8Array, headers: WebhookHeaders): SeamEvent {
    const text = textOf(body);
    try {
      this.#webhook.verify(text, signatureOf(headers), { jsonParse: false });
    } catch (error) {
      const message =
        error instanceof WebhookVerificationError
          ? error.message
          : "Invalid signature headers";
      throw new SeamWebhookVerificationError(message);
    }
    return eventOf(text);
  }
}

function textOf(body: unknown): string {
  if (typeof body === "string") return body;
  if (ArrayBuffer.isView(body))
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(body);
  throw new TypeError(
    "a webhook is verified with the body as it was sent: in Express, use express.raw() or express.text() for this route",
  );
}

/** Seam sends the names of Svix; `standardwebhooks` reads those of the standard. */
function signatureOf(headers: WebhookHeaders): Record<string, string> {
  const found: Record<string, string> = {};
  const entries =
    headers instanceof Headers ? headers : Object.entries(headers);
  for (const [name, value] of entries) {
    const [, part] = /^(?:svix|webhook)-(id|timestamp|signature)$/i.exec(
      name,
    ) ?? [undefined, undefined];
    if (part !== undefined && value !== undefined)
      found[`webhook-${part.toLowerCase()}`] = String(value);
  }
  return found;
}

function eventOf(text: string): SeamEvent {
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch (cause) {
    const message = "The body of the webhook is not JSON";
    throw new SeamInvalidWebhookPayloadError(message, { cause });
  }
  const { event_id, event_type } = Object(event) as Record<string, unknown>;
  if (typeof event_id === "string" && typeof event_type === "string")
    return event as SeamEvent;
  const message = "The body of the webhook is not an event of Seam";
  throw new SeamInvalidWebhookPayloadError(message);
}
