import {QueryClient} from '@tanstack/react-query';

import {isTransient} from '../../src/queries/client';

const RETRIES = 2;

// What the stream of changes keeps true is fetched again only after a gap; the rest is worth a moment. The browser's
// idea of being offline says nothing about a process on this machine, hence the network mode.
export function createConsoleClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        networkMode: 'always',
        retry: (failures, error) => failures < RETRIES && isTransient(error),
        retryDelay: (failures) => 300 * 2 ** failures,
      },
      mutations: {networkMode: 'always'},
    },
  });
}
