import type { Seam } from "../client/seam.js";
import {
  checkErrors,
  toHttpError,
  type SeamHttpErrorClasses,
} from "./http-errors.js";

/** What `@seamapi/http` v1 tells its client of a request. */
export interface SeamHttpTransportRequest {
  /** The route's path, as `/devices/list`. */
  url?: string | undefined;
  /** Not needed: our client knows how each route is sent. */
  method?: string | undefined;
  /** The parameters, where the host would send them in the body. */
  data?: unknown;
  /** The parameters, where the host would send them in the query. */
  params?: unknown;
}

/** As much of an Axios client as `@seamapi/http` v1 and the components use. */
export interface SeamHttpTransport {
  /** No headers: so the host says that it cannot change the token, which is ours. */
  readonly defaults: { baseURL: string; headers: Record<string, string> };
  /** Gives the whole answer, without waiting for an action attempt: the host does. */
  request<T = unknown>(config: SeamHttpTransportRequest): Promise<{ data: T }>;
  get<T = unknown>(
    url: string,
    config?: Pick<SeamHttpTransportRequest, "params">,
  ): Promise<{ data: T }>;
}

/**
 * A client for `SeamHttp.fromClient` of `@seamapi/http`, from 1.95 on and below
 * 2, that makes every request through `seam`: with its token, its retries and
 * its rules for what may be sent again.
 *
 * `errors` are the host's own classes, in which it is told of refusals. After
 * `signal` was aborted nothing is sent, and no answer is handed on.
 *
 * `Client` is the type that `fromClient` asks for, which TypeScript infers; of
 * Axios's many members those of {@link SeamHttpTransport} are there.
 *
 * @throws {SeamHttpInvalidOptionsError} An error class is missing, or of `@seamapi/http` 2.
 */
export function seamHttpTransport<Client = SeamHttpTransport>(
  seam: Pick<Seam, "request">,
  errors: SeamHttpErrorClasses,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Client & SeamHttpTransport {
  checkErrors(errors);
  const transport: SeamHttpTransport = {
    // Where the host's requests say that they go.
    defaults: { baseURL: seam.request("/").url.href, headers: {} },
    async request<T>({ url = "", data, params }: SeamHttpTransportRequest) {
      try {
        const request = seam.request(
          url,
          (data ?? params) as Record<string, unknown> | undefined,
          signal === undefined ? {} : { signal },
        );
        return { data: (await request.fetchResponse()) as T };
      } catch (error) {
        throw toHttpError(error, errors);
      }
    },
    get: (url, { params } = {}) => transport.request({ url, params }),
  };
  return transport as Client & SeamHttpTransport;
}
