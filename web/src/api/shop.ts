// The services' endpoints, one function each.

import {request} from './client';
import type {Card, Order, Page, Product, ProductInput, Role, Tagged, User, UserInput} from './types';

export interface PageRequest {
  limit: number;
  after?: string;
  signal?: AbortSignal;
}

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

export async function createProduct(input: ProductInput): Promise<Product> {
  return (await request<Product>(PRODUCTS, {method: 'POST', body: input})).body;
}

// Throws a Problem of status 412 when the product is no longer the version that `etag` names.
export async function updateProduct(id: string, input: ProductInput, etag: string): Promise<Product> {
  return (await request<Product>(at(PRODUCTS, id), {method: 'PUT', body: input, headers: {'if-match': etag}})).body;
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

async function list<T>(path: string, {limit, after, signal}: PageRequest): Promise<Page<T>> {
  return (await request<Page<T>>(path, {query: {limit, after}, signal})).body;
}

async function one<T>(path: string, id: string, signal?: AbortSignal): Promise<T> {
  return (await request<T>(at(path, id), {signal})).body;
}

function at(path: string, id: string): string {
  return `${path}/${encodeURIComponent(id)}`;
}
