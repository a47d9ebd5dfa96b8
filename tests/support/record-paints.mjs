// Records what a page paints after another user has signed in.

/**
 * To be run in the page before its own scripts: from when it says that `user` is
 * signed in, keeps which of `names` can be seen, looked for after every change
 * of the page and in every frame, before it is painted.
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
