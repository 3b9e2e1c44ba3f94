// What tests of the console share: a shop that is busy, and steps that a person takes one after the other.

import assert from 'node:assert/strict';

import {seriousViolations} from './accessibility.mjs';
import {tour as tourOfShop} from './tour.mjs';

const PAUSE_MS = 100; // between two orders: work for every service, and room for the test on a slow machine

export class ConsolePage {
  constructor(page, shop) {
    this.page = page;
    this.shop = shop;
  }

  open(path = '') {
    return this.page.goto(`${this.shop.url}/console${path}`);
  }

  goTo(name) {
    return this.page.getByRole('navigation', {name: 'Main'}).getByRole('link', {name}).click();
  }

  heading(name) {
    return this.page.getByRole('heading', {name, level: 1}).waitFor();
  }

  connectionIs(state) {
    return this.page.locator(`[data-connection="${state}"]`).waitFor();
  }

  hasLoaded() {
    return this.page.locator('[aria-busy]').first().waitFor({state: 'detached'});
  }

  async isAccessible() {
    assert.deepEqual(await seriousViolations(this.page), []);
  }

  async fitsTheWidth() {
    const overflow = await this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(overflow <= 0, `${this.page.url()} is ${overflow} px too wide`);
  }
}

// A tour of the console: tour.mjs.
export function tour(t, options, steps) {
  return tourOfShop(t, {person: (page, shop) => new ConsolePage(page, shop), ...options}, steps);
}

export async function addProduct(shop, product = {name: 'Harbour mug', price: 12.5, quantity_available: 100_000}) {
  const {status, body} = await shop.ask('POST', '/api/inventory/products', product);
  assert.equal(status, 201);
  return body;
}

// The order, once payments has heard of the product.
export async function placeOrder(shop, productId, quantity = 1) {
  const until = Date.now() + 30_000;
  for (;;) {
    const {status, body} = await shop.ask('POST', '/api/payments/orders', {product_id: productId, quantity});
    if (status === 201) return body;
    assert.ok(status === 404 || status === 429 || status === 503, `an order was answered with ${status}`);
    assert.ok(Date.now() < until, 'payments never heard of the product');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// Orders and users, one after the other, until the returned function is called. It returns when the last is answered.
export function keepBusy(shop, productId) {
  let busy = true;
  const run = async () => {
    for (let i = 0; busy; ++i) {
      await placeOrder(shop, productId).catch(() => undefined); // the test may stop the shop
      if (i % 5 === 0) await shop.ask('POST', '/api/accounts/add-user').catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  const ended = run();
  return () => {
    busy = false;
    return ended;
  };
}
