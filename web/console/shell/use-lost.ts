import {useEffect, useState} from 'react';

import {useTokenState} from '../api/token';
import {useConnection} from '../live/live-provider';

const AFTER_MS = 2_000; // a short break is not worth a word

// Whether the connection has been lost for a while.
export function useLost(): boolean {
  const broken = useConnection() === 'lost';
  const admitted = useTokenState() === 'fine';
  const [lost, setLost] = useState(false);
  useEffect(() => {
    if (!broken) {
      setLost(false);
      return undefined;
    }
    const timer = setTimeout(() => setLost(true), AFTER_MS);
    return () => clearTimeout(timer);
  }, [broken]);
  return lost && admitted;
}
