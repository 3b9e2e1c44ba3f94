import {QueryClient} from '@tanstack/react-query';

import {Problem} from '../api/client';

const RETRIES = 2;

export function isTransient(error: unknown): boolean {
  return error instanceof Problem && error.transient;
}

// Events keep what was read up to date, so nothing grows stale by time. The browser's idea of being offline says
// nothing about a shop on this machine, hence the network mode.
export function createShopClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Infinity,
        refetchOnWindowFocus: false,
        networkMode: 'always',
        retry: (failures, error) => failures < RETRIES && isTransient(error),
        retryDelay: (failures) => 300 * 2 ** failures,
      },
      mutations: {networkMode: 'always'},
    },
  });
}
