import {notifications} from '@mantine/notifications';

import {Problem} from '../api/client';
import {messageOf} from './error-state';

export function notifyDone(message: string): void {
  notifications.show({message, color: 'teal', autoClose: 4_000});
}

export function notifyFailed(title: string, error: unknown): void {
  notifications.show({title, message: hintFor(error), color: 'red', autoClose: 10_000});
}

function hintFor(error: unknown): string {
  const message = messageOf(error);
  return error instanceof Problem && error.transient && error.status > 0 ? `${message} Try again in a moment.` : message;
}
