// The operator's token: kept for this tab only, and asked for when the process says 401.

import {useSyncExternalStore} from 'react';

const KEY = 'tidemark-admin-token';

export type TokenState = 'fine' | 'missing' | 'wrong';

let state: TokenState = 'fine';
const listeners = new Set<() => void>();

export function currentToken(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // storage may be blocked: then the token is asked for again with each load
  }
}

export function authorization(): Record<string, string> {
  const token = currentToken();
  return token ? {authorization: `Bearer ${token}`} : {};
}

export function setToken(token: string): void {
  sessionStorage.setItem(KEY, token);
  become('fine');
}

export function forgetToken(): void {
  sessionStorage.removeItem(KEY);
  become('missing');
}

export function refuseToken(): void {
  become(currentToken() ? 'wrong' : 'missing');
}

export function useTokenState(): TokenState {
  return useSyncExternalStore(subscribe, () => state);
}

function become(next: TokenState): void {
  if (next === state) return;
  state = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
