import {useMemo, useRef} from 'react';

// Gives the focus back to what opened a dialog. Dialogs here are gone as soon as they close, and the focus with them.
export function useFocusReturn() {
  const opener = useRef<Element>(null);
  return useMemo(
    () => ({
      // When a dialog is about to open.
      keep: () => {
        opener.current = document.activeElement;
      },
      giveBack: () => {
        const element = opener.current;
        requestAnimationFrame(() => {
          if (element instanceof HTMLElement && element.isConnected) element.focus();
        });
      },
    }),
    [],
  );
}
