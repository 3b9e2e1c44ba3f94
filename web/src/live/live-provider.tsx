// Ties the event stream to the query cache, and tells the page how the connection is.

import {useQueryClient} from '@tanstack/react-query';
import {createContext, useContext, useEffect, useState, type ReactNode} from 'react';

import {EventStream, type Connection} from './event-stream';
import {LiveCache} from './live-cache';
import {whilePageIsSeen} from './page-seen';

interface Live {
  cache: LiveCache;
  connection: Connection;
}

const LiveContext = createContext<Live | undefined>(undefined);

export function LiveProvider({children}: {children: ReactNode}) {
  const client = useQueryClient();
  const [cache] = useState(() => new LiveCache(client));
  const [connection, setConnection] = useState<Connection>('connecting');

  useEffect(() => {
    const stream = new EventStream('/api/events', {
      onEvent: (event) => cache.receive(event),
      onConnection: (next) => {
        setConnection(next);
        if (next === 'live') cache.resynchronise();
      },
    });
    return whilePageIsSeen(() => {
      stream.open();
      return () => stream.close();
    });
  }, [cache]);

  return <LiveContext value={{cache, connection}}>{children}</LiveContext>;
}

function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error('useLive needs a LiveProvider around it');
  return live;
}

export const useLiveCache = (): LiveCache => useLive().cache;
export const useConnection = (): Connection => useLive().connection;
