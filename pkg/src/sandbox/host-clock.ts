/**
 * The host's time for a sandbox, in milliseconds since 1970. It starts at the
 * wall clock and then goes on by the larger of what the wall clock and the
 * monotonic clock have gone on: a step forward is followed, as is a sleep in
 * which the monotonic clock stands; a step back is no time, and meanwhile the
 * monotonic clock counts.
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
