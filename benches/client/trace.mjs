// What a page's main thread does, as Chromium traces it.

/**
 * The longest task of the page's main thread while `act` runs, in milliseconds
 * of its processor: what else runs on the machine does not count.
 */
export async function longestTask(cdp, act) {
  const events = [];
  const gather = ({ value }) => events.push(...value);
  cdp.on("Tracing.dataCollected", gather);
  await cdp.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: {
      includedCategories: ["disabled-by-default-devtools.timeline"],
    },
  });
  await act();
  const complete = new Promise((resolve) =>
    cdp.once("Tracing.tracingComplete", resolve),
  );
  await cdp.send("Tracing.end");
  await complete;
  cdp.off("Tracing.dataCollected", gather);
  const thread = ({ pid, tid }) => `${pid} ${tid}`;
  const main = new Set(
    events
      .filter(({ name, args }) => {
        return name === "thread_name" && args.name === "CrRendererMain";
      })
      .map(thread),
  );
  const tasks = events.filter(
    (it) => it.name === "RunTask" && it.tdur > 0 && main.has(thread(it)),
  );
  if (tasks.length === 0) throw new Error("the trace holds no task");
  return Math.max(...tasks.map(({ tdur }) => tdur)) / 1_000;
}
