/**
 * Returns a clock for a sandbox, in milliseconds since 1970. It starts at the wall clock and
 * advances by the larger of what the wall clock and the monotonic clock have advanced: it follows a
 * step forward, and sleep during which the monotonic clock stands still. A step back does not
 * count; meanwhile the monotonic clock does.
 */
export function hostClock(): () => number {
  let wall = Date.now();
  let monotonic = performance.now();
  let [base, baseWall, baseMonotonic] = [wall, wall, monotonic];
  let time = base;
  return () => {
    const [lastWall, lastMonotonic] = [wall, monotonic];
    wall = Date.now();
    monotonic = performance.now();
    if (wall < lastWall || monotonic < lastMonotonic) {
      const passed = Math.max(wall - lastWall, monotonic - lastMonotonic, 0);
      [base, baseWall, baseMonotonic] = [time + passed, wall, monotonic];
    }
    time = base + Math.max(wall - baseWall, monotonic - baseMonotonic);
    return time;
  };
}
