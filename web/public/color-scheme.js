// Sets the colour scheme before the first paint, so that a dark page does not flash white. It is a file of its own
// because the Content-Security-Policy forbids inline scripts, which Mantine's ColorSchemeScript is. The key is the one
// under which Mantine stores the choice.
(function () {
  let stored = null;
  try {
    stored = window.localStorage.getItem('mantine-color-scheme-value');
  } catch {
    // storage may be blocked; the system's preference decides then
  }
  const dark = window.matchMedia('(prefers-color-scheme: dark)').matches;
  const scheme = stored === 'light' || stored === 'dark' ? stored : dark ? 'dark' : 'light';
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme);
})();
