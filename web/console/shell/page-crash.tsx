import type {ErrorComponentProps} from '@tanstack/react-router';

import {ErrorState} from '../components/states';

// A bug in a page, or a part of it that could not be loaded: the rest of the shell stays.
export function PageCrash({error, reset}: ErrorComponentProps) {
  return <ErrorState title="This page could not be shown" error={error} onRetry={reset} />;
}
