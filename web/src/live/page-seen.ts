// A page that nobody sees lets its stream of events go: a browser has six connections to a host over HTTP/1.1, for all
// tabs together, and streams that stay open would leave none for the seventh tab, nor for anything else that the first
// six ask for.

const HIDDEN_MS_MAX = 3_000; // so that a look at another tab costs nothing

// Calls `start` when the page is seen, now or later, and what it returned when the page has been hidden for a while; and
// so on, until the function that it returns is called.
export function whilePageIsSeen(start: () => () => void): () => void {
  let end: (() => void) | undefined;
  let hiding: ReturnType<typeof setTimeout> | undefined;
  const pause = () => {
    end?.();
    end = undefined;
  };
  const onVisibility = () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(pause, HIDDEN_MS_MAX);
    else end ??= start();
  };
  document.addEventListener('visibilitychange', onVisibility);
  if (!document.hidden) end = start();
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    clearTimeout(hiding);
    pause();
  };
}
