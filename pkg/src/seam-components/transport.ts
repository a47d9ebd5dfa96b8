import type { Seam } from "../client/seam.js";
import {
  checkErrors,
  toHttpError,
  type SeamHttpErrorClasses,
} from "./http-errors.js";

/** A request as `@seamapi/http` 1 passes it to its client. */
export interface SeamHttpTransportRequest {
  /** The path of the route: `/devices/list`. */
  url?: string | undefined;
  /** Ignored: the client has the method of each route. */
  method?: string | undefined;
  /** The parameters that `@seamapi/http` would send in the body. */
  data?: unknown;
  /** The parameters that `@seamapi/http` would send in the query string. */
  params?: unknown;
}

/** The part of an Axios client that `@seamapi/http` 1 and the components use. */
export interface SeamHttpTransport {
  /** There are no headers, so `@seamapi/http` reports that it cannot change the token. */
  readonly defaults: { baseURL: string; headers: Record<string, string> };
  /**
   * Resolves to the whole response, without waiting for an action attempt: `@seamapi/http` does
   * that.
   */
  request<T = unknown>(config: SeamHttpTransportRequest): Promise<{ data: T }>;
  get<T = unknown>(
    url: string,
    config?: Pick<SeamHttpTransportRequest, "params">,
  ): Promise<{ data: T }>;
}

/**
 * Returns a client for `SeamHttp.fromClient` of `@seamapi/http`, version 1.95 or later but below 2.
 * It makes every request through `seam`: with its token, its retries and its rules for what may be
 * sent again.
 *
 * `errors` are the error classes of `@seamapi/http`, in which errors of the API are thrown. After
 * `signal` has aborted, nothing is sent and no response is passed on.
 *
 * `Client` is the type that `fromClient` requires, which TypeScript infers; of Axios's members,
 * those of {@link SeamHttpTransport} exist.
 *
 * @throws {SeamHttpInvalidOptionsError} An error class is missing, or is of `@seamapi/http` 2.
 */
export function seamHttpTransport<Client = SeamHttpTransport>(
  seam: Pick<Seam, "request">,
  errors: SeamHttpErrorClasses,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Client & SeamHttpTransport {
  checkErrors(errors);
  const transport: SeamHttpTransport = {
    // The base URL that requests of `@seamapi/http` report.
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
