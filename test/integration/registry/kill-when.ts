/**
 * Ends a process without notice as soon as something has happened, and what had arrived by then is written.
 * @returns what ends the waiting
 */
export function killWhen(
  hasHappened: () => boolean,
  kill: (signal: NodeJS.Signals) => void,
): { readonly close: () => void } {
  const timer = setInterval(() => {
    if (!hasHappened()) return;
    clearInterval(timer);
    setTimeout(() => kill("SIGKILL"), 200);
  }, 1);
  return { close: () => clearInterval(timer) };
}
