// React with a renderer that draws nothing: components run as they do in a page.
import { createContext } from "react";
import reconciler from "react-reconciler";
import {
  ConcurrentRoot,
  DefaultEventPriority,
} from "react-reconciler/constants.js";

const nothing = () => null;

const {
  createContainer,
  flushPassiveEffects,
  flushSyncWork,
  updateContainerSync,
} = reconciler({
  supportsMutation: true,
  supportsPersistence: false,
  supportsHydration: false,
  isPrimaryRenderer: true,
  noTimeout: -1,
  scheduleTimeout: setTimeout,
  cancelTimeout: clearTimeout,
  supportsMicrotasks: true,
  scheduleMicrotask: queueMicrotask,
  NotPendingTransition: null,
  HostTransitionContext: createContext(null),
  getRootHostContext: nothing,
  getChildHostContext: nothing,
  getPublicInstance: nothing,
  prepareForCommit: nothing,
  resetAfterCommit: nothing,
  clearContainer: nothing,
  setCurrentUpdatePriority: nothing,
  getCurrentUpdatePriority: () => DefaultEventPriority,
  resolveUpdatePriority: () => DefaultEventPriority,
  resolveEventType: nothing,
  resolveEventTimeStamp: () => -1,
  trackSchedulerEvent: nothing,
  shouldAttemptEagerTransition: () => false,
  detachDeletedInstance: nothing,
  maySuspendCommit: () => false,
});

/** Renders an element synchronously. Returns a function that unmounts it. */
export function render(element) {
  const fail = (error) => {
    throw error;
  };
  const root = createContainer(
    ...[{}, ConcurrentRoot, null, false, null, ""],
    ...[fail, fail, fail, null],
  );
  const show = (shown) => {
    updateContainerSync(shown, root, null, null);
    flushSyncWork();
    flushPassiveEffects();
  };
  show(element);
  return () => show(null);
}
