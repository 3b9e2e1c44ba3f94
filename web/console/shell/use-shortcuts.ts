import {useHotkeys} from '@mantine/hooks';
import {useNavigate} from '@tanstack/react-router';
import {useEffect, useRef} from 'react';

import {PAGES} from './pages';

const SEQUENCE_MS = 2_000;

interface Shortcuts {
  openPalette: () => void;
  openList: () => void;
}

// Ctrl K and ?, and g followed by a page's letter. None of the single letters while somebody types.
export function useShortcuts({openPalette, openList}: Shortcuts): void {
  const navigate = useNavigate();
  const leadAt = useRef(0);
  useHotkeys([['mod+K', openPalette]], []);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const afterLead = event.timeStamp - leadAt.current < SEQUENCE_MS;
      leadAt.current = 0;
      const page = afterLead ? PAGES.find(({key}) => key === event.key) : undefined;
      if (page) void navigate({to: page.to});
      else if (event.key === 'g') leadAt.current = event.timeStamp;
      else if (event.key === '?') openList();
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [navigate, openList]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest('input, textarea, select, [contenteditable], [role="dialog"]') !== null
  );
}
