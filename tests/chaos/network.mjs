// What stands between the clients of a run and its sandbox: late, lossy, and with proxies of its own.

/** More requests than this without a moment passing are a loop without end. */
const AT_ONCE = 300;

/** How often each fault comes while there are some. */
const FAULTS = {
  none: 50,
  slow: 6,
  lost_before: 6,
  lost_after: 6,
  hung_before: 3,
  hung_after: 3,
  bare_401: 5,
  rate_limit: 4,
  outage: 5,
  broken_body: 4,
  cut_body: 3,
  html: 2,
  redirect: 2,
};

const json = (status, body, headers = {}) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });

export class Network {
  /** Every request, in the order in which they left. */
  log = [];
  faulty = true;
  #time;
  #random;
  #workspace;
  #onWrong;
  #atOnce = { at: -1, count: 0 };

  constructor({ time, random, workspace, onWrong }) {
    this.#time = time;
    this.#random = random;
    this.#workspace = workspace;
    this.#onWrong = onWrong;
  }

  /** A client's `fetch`; `onRequest` and `onAnswer` hear of each exchange. */
  fetchOf(actor) {
    return (request) => this.#send(actor, request);
  }

  async #send(actor, request) {
    const time = this.#time;
    const token = request.headers.get("authorization")?.slice("Bearer ".length);
    const exchange = {
      actor,
      path: new URL(request.url).pathname,
      token,
      user: this.#workspace.userOf.get(token),
      monotonic: time.monotonic,
      wall: time.wall,
      fault: this.faulty ? this.#random.weighted(FAULTS) : "none",
      /** What the sandbox answered; nothing if the request did not get there. */
      status: undefined,
    };
    this.log.push(exchange);
    const before = this.#random.between(1, 80);
    const after = this.#random.between(1, 80);
    const retryAfter = this.#random.of([
      "1",
      "3",
      "20",
      "3600",
      "2592000",
      new Date(time.wall + 2_000).toUTCString(),
    ]);
    const { signal } = request;
    actor.onRequest?.(exchange);
    if (this.#atOnce.at !== time.monotonic)
      this.#atOnce = { at: time.monotonic, count: 0 };
    if ((this.#atOnce.count += 1) > AT_ONCE) {
      if (this.#atOnce.count === AT_ONCE + 1)
        this.#onWrong(`${actor.name} sends ${exchange.path} without end`);
      return new Promise(() => {});
    }
    exchange.params = JSON.parse((await request.clone().text()) || "{}");
    const { fault } = exchange;
    await time.sleep(before + (fault === "slow" ? 4_000 : 0), signal);
    switch (fault) {
      case "lost_before":
        throw new TypeError("fetch failed");
      case "hung_before":
        return time.sleep(10 ** 9, signal);
      case "bare_401":
        return new Response(null, { status: 401 });
      case "rate_limit":
        return json(
          429,
          { error: { type: "too_many_requests", message: "slow down" } },
          { "retry-after": retryAfter },
        );
      case "outage":
        return new Response("<html>down</html>", {
          status: this.#random.of([500, 502, 503]),
          headers: this.#random.chance(0.5)
            ? { "retry-after": retryAfter }
            : {},
        });
      case "redirect":
        return new Response(null, {
          status: 307,
          headers: { location: "https://elsewhere.invalid/" },
        });
    }
    const response = await this.#workspace.sandbox.fetch(request);
    exchange.status = response.status;
    const text = await response.text();
    await time.sleep(after + (fault === "slow" ? 4_000 : 0), signal);
    const { status, headers } = response;
    switch (fault) {
      case "lost_after":
        throw new TypeError("fetch failed");
      case "hung_after":
        return time.sleep(10 ** 9, signal);
      case "broken_body":
        return new Response(text.slice(0, text.length / 2), {
          status,
          headers,
        });
      case "cut_body":
        return new Response(cutStream(text), { status, headers });
      case "html":
        return new Response("<html>hello</html>", { status: 200 });
    }
    exchange.isDelivered = true;
    actor.onAnswer?.(exchange);
    return new Response(text, { status, headers });
  }
}

function cutStream(text) {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(bytes.subarray(0, bytes.length / 2));
      controller.error(new TypeError("terminated"));
    },
  });
}
