// The stream of changes: what the process says each second goes straight into the query cache.

import {useQueryClient, type QueryClient} from '@tanstack/react-query';
import {createContext, useContext, useEffect, useState, type ReactNode} from 'react';

import {useTokenState} from '../api/token';
import {whilePageIsSeen} from '../../src/live/page-seen';
import {followEvents, type Connection, type ServerSentEvent} from './stream';

const FED = new Set(['groups', 'topics', 'health', 'map']);

const ConnectionContext = createContext<Connection>('connecting');

export function LiveProvider({children}: {children: ReactNode}) {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>('connecting');
  const admitted = useTokenState() === 'fine';

  useEffect(() => {
    if (!admitted) return undefined;
    let wasLive = false;
    const follow = () =>
      followEvents('/changes', {
        onEvent: (event) => applyChange(client, event),
        onConnection: (next) => {
          setConnection(next);
          if (next !== 'live') return;
          if (wasLive) void client.invalidateQueries(); // what happened meanwhile is unknown
          wasLive = true;
        },
      });
    return whilePageIsSeen(follow);
  }, [client, admitted]);

  return <ConnectionContext value={connection}>{children}</ConnectionContext>;
}

export function applyChange(client: QueryClient, {event, data}: ServerSentEvent): void {
  if (FED.has(event)) client.setQueryData([event], JSON.parse(data));
}

export const useConnection = (): Connection => useContext(ConnectionContext);
