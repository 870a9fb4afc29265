const TICK_MS = 5_000;
/** A timer that is this late was not merely slow: the tab or the whole machine slept. */
const SLEPT_MS = 15_000;

/** Calls back when the page may have missed something without the socket noticing. */
export function onWake(woken: () => void): void {
  let lastTick = Date.now();
  const look = (): void => {
    const slept = Date.now() - lastTick > SLEPT_MS;
    lastTick = Date.now();
    if (slept) woken();
  };
  setInterval(look, TICK_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") look();
  });
  window.addEventListener("online", woken);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) woken();
  });
}
