// The lists that the page shows: where each comes from, and what the shop's events change in it.

import {counterOf, type ShopEvent, type Version} from '../api/events';
import {listCards, listOrders, listProducts, listRoles, listUsers, type PageRequest, type View} from '../api/shop';
import type {Card, Order, OrderStatus, Page, Product, Role, User} from '../api/types';
import type {Change, Identified} from './change';

export interface LiveList<T extends Identified> {
  name: string; // the first part of its query keys
  limit: number; // rows in a page
  // Whether a remembered change may be applied to whatever the server answers, because documents only go forward.
  forwardOnly?: boolean;
  fetchPage(page: PageRequest): Promise<Page<T>>;
  // Whether the view has the document, and which of two comes first in it: what the events change is put where the
  // server would have it.
  shows?(document: T, view: View): boolean;
  compare?(a: T, b: T, view: View): number;
  // Whether a document that a filtered view lacks may belong there after the change, which tells too little of it to say.
  mayEnter?(change: Change<T>, view: View): boolean;
  // What the event changes in this list.
  changesOf(event: ShopEvent): Change<T>[];
}

// A product's stock has ranks of its own: when it is sold in the moment in which it is renamed, both events count,
// whichever comes first.
export const PRODUCTS: LiveList<Product> = {
  name: 'products',
  limit: 200,
  fetchPage: listProducts,
  shows: ({name}, {search = ''}) => hasText(name, search),
  compare: (a, b, {sort = 'newest'}) => {
    const falls = sort.startsWith('-') ? -1 : 1;
    if (sort.endsWith('name')) return falls * (inOrder(a.name, b.name) || byId(a, b));
    if (sort.endsWith('price')) return falls * (a.price - b.price || byId(a, b));
    return sort === 'oldest' ? byId(a, b) : byId(b, a);
  },
  changesOf({topic, data}) {
    switch (topic) {
      case 'product_saved': {
        const {version, ...saved} = data;
        const update = (product?: Product) => ({
          ...saved,
          quantity_available: product?.quantity_available ?? saved.quantity_available,
        });
        return [{id: data.id, part: 'sale', rank: counterOf(version), creates: true, update}, stock(data.id, data)];
      }
      case 'product_deleted':
        return [{id: data.id, part: 'sale', rank: counterOf(data.version), update: () => undefined}];
      case 'stock_taken':
        return [stock(data.product_id, data)];
      default:
        return [];
    }
  },
};

function stock(id: string, {version, quantity_available}: {version: Version; quantity_available: number}): Change<Product> {
  return {id, part: 'stock', rank: counterOf(version), update: (product) => product && {...product, quantity_available}};
}

// How far along each status is; an order never goes back.
export const ORDER_ENDED = 2;
const PROGRESS: Record<OrderStatus, number> = {pending: 0, completed: 1, fulfilled: ORDER_ENDED, refunded: ORDER_ENDED};

export const ORDERS: LiveList<Order> = {
  name: 'orders',
  limit: 50,
  forwardOnly: true,
  fetchPage: listOrders,
  // An order that an event has told of does not know its product's name yet.
  shows: ({id, status, product_name}, view) =>
    (!view.status || status === view.status) &&
    (!view.search || hasText(id, view.search) || hasText(product_name ?? '', view.search)),
  compare: (a, b, {sort}) => (sort === 'oldest' ? byId(a, b) : byId(b, a)),
  mayEnter: ({part, rank}, {status, search}) =>
    part === 'progress' ? status !== undefined && PROGRESS[status] === rank : Boolean(search) && (status ?? 'pending') === 'pending',
  changesOf({topic, data, receivedAt}) {
    switch (topic) {
      case 'order_placed': {
        const {order_id: id, ...order} = data;
        // The event does not say when the order was made. It was just now, and the next answer has the exact time.
        const placed: Order = {id, ...order, status: 'pending', created_at: receivedAt};
        return [{id, part: 'placed', rank: 0, creates: true, update: (known) => known ?? placed}];
      }
      case 'order_completed':
        return [progress(data.order_id, 'completed', {charged_at: receivedAt})];
      case 'stock_taken':
        return [progress(data.order_id, 'fulfilled', {ended_at: receivedAt})];
      case 'order_refunded':
        return [progress(data.order_id, 'refunded', {ended_at: receivedAt, reason: data.reason})];
      default:
        return [];
    }
  },
};

// The event does not say when it was. It was just now, and the next answer has the exact time.
function progress(id: string, status: OrderStatus, news: Partial<Order>): Change<Order> {
  return {
    id,
    part: 'progress',
    rank: PROGRESS[status],
    update: (order) => (order && PROGRESS[order.status] < PROGRESS[status] ? {...order, ...news, status} : order),
  };
}

// Ids rise with time.
function byId(a: Identified, b: Identified): number {
  return inOrder(a.id, b.id);
}

// As the shop sorts: by code, capitals first.
function inOrder(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function hasText(text: string, wanted: string): boolean {
  return text.toLowerCase().includes(wanted.toLowerCase());
}

export const USERS: LiveList<User> = {
  name: 'users',
  limit: 50,
  fetchPage: listUsers,
  compare: (a, b) => byId(b, a),
  changesOf({topic, data}) {
    return topic === 'user_created' ? [{id: data.id, part: 'all', update: () => data}] : [];
  },
};

export const CARDS: LiveList<Card> = {
  name: 'cards',
  limit: 200,
  fetchPage: listCards,
  changesOf({topic, data}) {
    if (topic !== 'card_made') return [];
    const {user_id: id, ...card} = data;
    return [{id, part: 'all', update: () => ({id, ...card})}];
  },
};

export const ROLES: LiveList<Role> = {
  name: 'roles',
  limit: 200,
  fetchPage: listRoles,
  changesOf({topic, data}) {
    if (topic !== 'role_assigned') return [];
    const {user_id: id, ...role} = data;
    return [{id, part: 'all', update: () => ({id, ...role})}];
  },
};

export const ALL_LISTS: readonly LiveList<Identified>[] = [PRODUCTS, ORDERS, USERS, CARDS, ROLES];
