// What the services answer. Money is a decimal number, times are RFC 3339, ids are opaque.

export interface Product {
  id: string;
  name: string;
  price: number;
  quantity_available: number;
}

export type ProductInput = Omit<Product, 'id'>;

// Pending, then completed (charged), then fulfilled or refunded.
export type OrderStatus = 'pending' | 'completed' | 'fulfilled' | 'refunded';

export interface Order {
  id: string;
  product_id: string;
  quantity: number;
  price: number; // of one, when it was ordered
  fee: number;
  total: number;
  status: OrderStatus;
  reason?: string | null; // of a refund
  created_at: string;
  charged_at?: string | null;
  ended_at?: string | null; // fulfilled or refunded
  product_name?: string | null; // when it was ordered
}

export interface User {
  id: string;
  name: string;
  phone: string;
  job: string;
  address: string;
}

export type UserInput = Omit<User, 'id'>;

// A user's card and role have the user's id.
export interface Card {
  id: string;
  number: string;
  name: string;
  job: string;
  issued_at: string;
}

export interface Role {
  id: string;
  name: string;
  job: string;
  role: string;
  assigned_at: string;
}

export interface Page<T> {
  items: T[];
  next: string | null; // the cursor of the next page
  answered?: number; // how many items the shop's answer had, where it is known
}

// A document with the entity tag of the version that was read.
export interface Tagged<T> {
  document: T;
  etag: string;
}
