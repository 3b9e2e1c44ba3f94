// What /api/events tells: each topic's name and the shape of its events.

import type {User} from './types';

// The text of a version begins with a counter that rises with each change of the document.
export type Version = number | string;

interface EventsByTopic {
  product_saved: {id: string; name: string; price: number; quantity_available: number; version: Version};
  product_deleted: {id: string; version: Version};
  // quantity_available is what is left.
  stock_taken: {
    order_id: string;
    product_id: string;
    quantity: number;
    quantity_available: number;
    version: Version;
  };
  order_placed: {
    order_id: string;
    product_id: string;
    quantity: number;
    price: number;
    fee: number;
    total: number;
  };
  order_completed: {order_id: string; product_id: string; quantity: number};
  order_refunded: {order_id: string; reason: string};
  user_created: User;
  card_made: {user_id: string; number: string; name: string; job: string; issued_at: string};
  role_assigned: {user_id: string; name: string; job: string; role: string; assigned_at: string};
}

export type Topic = keyof EventsByTopic;

// One event, told apart by its topic, with the time at which it came here.
export type ShopEvent = {[T in Topic]: {topic: T; data: EventsByTopic[T]; receivedAt: string}}[Topic];

export const TOPICS = [
  'product_saved',
  'product_deleted',
  'stock_taken',
  'order_placed',
  'order_completed',
  'order_refunded',
  'user_created',
  'card_made',
  'role_assigned',
] as const satisfies readonly Topic[];

// Of an entity tag, too.
export function counterOf(version: Version): number {
  return typeof version === 'number' ? version : Number.parseInt(version.replace(/^"/, ''), 10);
}
