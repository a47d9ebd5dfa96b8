// Records what a page paints after another user has signed in.

/**
 * Runs in a page before its own scripts. From the moment when the page says that `user` is signed in,
 * it records which of `names` are visible after each change of the document and before each frame is
 * painted.
 */
export function recordPaints({ user, names }) {
  const painted = { frames: 0, seen: [] };
  const look = () => {
    const text = document.body?.innerText ?? "";
    if (!text.includes(`${user} is signed in`)) return false;
    const visible = names.filter((name) => text.includes(name));
    painted.seen = [...new Set([...painted.seen, ...visible])];
    return true;
  };
  new MutationObserver(look).observe(document, {
    childList: true,
    subtree: true,
    characterData: true,
  });
  const frame = () => {
    if (look()) painted.frames += 1;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  globalThis.painted = painted;
}
