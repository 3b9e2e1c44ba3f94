// The services' endpoints, one function each.

import {request} from './client';
import type {Card, Order, OrderStatus, Page, Product, ProductInput, Role, Tagged, User, UserInput} from './types';

// What of a list is shown, and in which order; all of it is the server's to answer.
export interface View {
  sort?: string;
  search?: string;
  status?: OrderStatus;
}

export interface PageRequest {
  limit: number;
  after?: string;
  view?: View;
  signal?: AbortSignal;
}

// The server looks for what is searched among as many documents as a page has. So a search goes on until there is
// something to show, in large pages where there is little.
const SEARCHED_LIMIT = 1000;
const SEARCHED_PAGES_MAX = 10;
const FOUND_ENOUGH = 20;

const PRODUCTS = '/api/inventory/products';
const ORDERS = '/api/payments/orders';
const ACCOUNTS = '/api/accounts';
const CARDS = '/api/id-cards/cards';
const ROLES = '/api/roles/roles';

export const listProducts = (page: PageRequest) => list<Product>(PRODUCTS, page);
export const listOrders = (page: PageRequest) => list<Order>(ORDERS, page);
export const listUsers = (page: PageRequest) => list<User>(`${ACCOUNTS}/users`, page);
export const listCards = (page: PageRequest) => list<Card>(CARDS, page);
export const listRoles = (page: PageRequest) => list<Role>(ROLES, page);

export const getOrder = (id: string, signal?: AbortSignal) => one<Order>(ORDERS, id, signal);
export const getCard = (userId: string, signal?: AbortSignal) => one<Card>(CARDS, userId, signal);
export const getRole = (userId: string, signal?: AbortSignal) => one<Role>(ROLES, userId, signal);

export async function getProduct(id: string, signal?: AbortSignal): Promise<Tagged<Product>> {
  const {body, etag} = await request<Product>(at(PRODUCTS, id), {signal});
  return {document: body, etag};
}

export async function createProduct(input: ProductInput): Promise<Tagged<Product>> {
  const {body, etag} = await request<Product>(PRODUCTS, {method: 'POST', body: input});
  return {document: body, etag};
}

// Throws a Problem of status 412 when the product is no longer the version that `seen` names.
export async function updateProduct(id: string, input: ProductInput, seen: string): Promise<Tagged<Product>> {
  const headers = {'if-match': seen};
  const {body, etag} = await request<Product>(at(PRODUCTS, id), {method: 'PUT', body: input, headers});
  return {document: body, etag};
}

export async function deleteProduct(id: string): Promise<void> {
  await request(at(PRODUCTS, id), {method: 'DELETE'});
}

// Repeated with the same key, it places the order once and answers with it each time.
export async function placeOrder(productId: string, quantity: number, idempotencyKey: string): Promise<Order> {
  const body = {product_id: productId, quantity};
  return (await request<Order>(ORDERS, {method: 'POST', body, headers: {'idempotency-key': idempotencyKey}})).body;
}

// Without input, the shop makes somebody up.
export async function addUser(input?: UserInput): Promise<User> {
  return (await request<User>(`${ACCOUNTS}/add-user`, {method: 'POST', body: input})).body;
}

async function list<T>(path: string, {limit, after, view = {}, signal}: PageRequest): Promise<Page<T>> {
  const {sort, search, status} = view;
  const ask = (query: {limit: number; after?: string}) =>
    request<Page<T>>(path, {query: {...query, sort, search, status}, signal});
  if (!search && !status) return (await ask({limit, after})).body;
  const found: Page<T> = {items: [], next: after ?? null};
  for (let pages = 0; pages < SEARCHED_PAGES_MAX; ++pages) {
    const {items, next} = (await ask({limit: pages === 0 ? limit : SEARCHED_LIMIT, after: found.next ?? undefined})).body;
    found.items.push(...items);
    found.next = next;
    if (next === null || found.items.length >= FOUND_ENOUGH) break;
  }
  return found;
}

async function one<T>(path: string, id: string, signal?: AbortSignal): Promise<T> {
  return (await request<T>(at(path, id), {signal})).body;
}

function at(path: string, id: string): string {
  return `${path}/${encodeURIComponent(id)}`;
}
