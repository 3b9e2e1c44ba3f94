import {useEffect, useState} from 'react';

import {useConnection} from '../live/live-provider';

// Whether the connection has been lost for that long without a break: a short one is not worth a word.
export function useLostFor(ms: number): boolean {
  const live = useConnection() === 'live';
  const [lost, setLost] = useState(false);
  useEffect(() => {
    if (live) {
      setLost(false);
      return undefined;
    }
    const timer = setTimeout(() => setLost(true), ms);
    return () => clearTimeout(timer);
  }, [live, ms]);
  return lost;
}
