// A person looks at a busy shop through the console: its frame, the map, journeys, health.
//
//   SHOP=build/release/bin/shop node tests/e2e/console_overview_test.mjs

import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {after, before, test} from 'node:test';

import {openBrowser, screenshot} from './browser.mjs';
import {addProduct, keepBusy, placeOrder, tour} from './console.mjs';
import {ROOT} from './paths.mjs';
import {Shop} from './shop.mjs';

const TOUR_MS_MAX = 120_000;
const TOKEN = '7d0f6b1c9e4a25831f6b7a90';
const PROGRAM = resolve(process.env.SHOP ?? join(ROOT, 'build/release/bin/shop'));

const shop = new Shop(PROGRAM);
const guarded = new Shop(PROGRAM, {TIDEMARK_ADMIN_TOKEN: TOKEN});
let browser;
let product;
let stop;

before(async () => {
  assert.ok(existsSync(PROGRAM), `${PROGRAM} is missing: build it, or name it in SHOP`);
  assert.ok(existsSync(join(ROOT, 'web/dist-console/index.html')), 'web/dist-console is missing: run `make web`');
  await shop.start();
  product = await addProduct(shop);
  stop = keepBusy(shop, product.id);
  browser = await openBrowser();
});

after(async () => {
  await stop?.();
  await browser?.close();
  await shop.discard();
  await guarded.discard();
});

test('the frame', {timeout: TOUR_MS_MAX}, (t) =>
  tour(
    t,
    {browser, shop},
    {
      'the console opens at the map, live': async (person) => {
        await person.open();
        await person.heading('Map');
        await person.connectionIs('live');
      },

      'the palette leads to a topic': async (person, page) => {
        await page.keyboard.press('Control+k');
        await page.getByRole('combobox', {name: 'Search, or go to'}).fill('order_placed');
        await page.getByRole('option', {name: 'order_placed Topic', exact: true}).waitFor();
        await page.keyboard.press('Enter');
        await page.waitForURL('**/console/topics/order_placed');
        await page.getByRole('combobox', {name: 'Search, or go to'}).waitFor({state: 'detached'});
        await person.heading('order_placed');
        await person.hasLoaded();
      },

      'two keys lead to a page, one shows them all': async (person, page) => {
        await page.keyboard.press('g');
        await page.keyboard.press('h');
        await person.heading('Health');
        await page.keyboard.press('?');
        await page.getByRole('dialog', {name: 'Keyboard shortcuts'}).getByText('Go to Journeys').waitFor();
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({state: 'detached'});
      },

      'what does not exist is said to be missing': async (person, page) => {
        await person.open('/nothing/here');
        await person.heading('There is no such page');
        await page.getByRole('link', {name: 'Go to the map'}).click();
        await person.heading('Map');
      },
    },
  ),
);

test('the map', {timeout: TOUR_MS_MAX}, (t) =>
  tour(
    t,
    {browser, shop, viewport: {width: 1440, height: 900}},
    {
      'services and topics are drawn, with what goes on': async (person, page) => {
        await person.open('/map');
        await page.getByRole('group', {name: /^Service payments/}).waitFor();
        await page.getByRole('group', {name: /^Topic order_completed, .*[1-9].*\/s/}).waitFor();
        await page
          .getByRole('group', {name: /^Service payments/})
          .getByText(/POST \/orders.*\/s · /)
          .waitFor();
        await person.isAccessible();
        await screenshot(page, 'console-map');
      },

      'a topic opens beside it, and leads to its events': async (person, page) => {
        await page.getByRole('group', {name: /^Topic order_placed/}).click();
        const details = page.getByRole('complementary', {name: 'Details'});
        await details.getByRole('heading', {name: 'order_placed'}).waitFor();
        await details.getByRole('table', {name: 'Handlers'}).getByRole('link').first().waitFor();
        await details.getByRole('button', {name: 'payments'}).click();
        await details.getByRole('table', {name: 'Endpoints'}).getByText('POST /orders').waitFor();
        await screenshot(page, 'console-map-service');
        await page.reload();
        await details.getByRole('heading', {name: 'payments'}).waitFor();
        await page.keyboard.press('Escape');
        await details.waitFor({state: 'detached'});
      },

      'the keyboard does the same': async (person, page) => {
        const inventory = page.getByRole('group', {name: /^Service inventory/});
        await inventory.focus();
        await page.keyboard.press('Enter');
        await page.getByRole('complementary', {name: 'Details'}).getByRole('heading', {name: 'inventory'}).waitFor();
      },

      'it can be read as a list': async (person, page) => {
        await page.getByText('List', {exact: true}).click();
        await page.getByRole('heading', {name: 'payments', level: 2}).waitFor();
        await page
          .getByRole('table', {name: 'Handlers of payments'})
          .getByRole('link', {name: /order_placed/})
          .waitFor();
        await person.isAccessible();
        await page.getByRole('table', {name: 'Topics'}).getByRole('link', {name: 'order_placed'}).click();
        await page.waitForURL('**/console/topics/order_placed');
      },
    },
  ),
);

test('what needs a look', {timeout: TOUR_MS_MAX}, async (t) => {
  const group = '/admin/v1/groups/user_created/user-role';
  const {status} = await shop.ask('POST', `${group}/pause`, {reason: 'a test looks'});
  assert.equal(status, 200);
  await tour(
    t,
    {browser, shop, viewport: {width: 1440, height: 900}},
    {
      'stands above the map, and opens from there': async (person, page) => {
        await person.open('/map');
        const troubles = page.getByRole('status', {name: 'What needs a look'});
        await troubles.getByRole('button', {name: /user-role \(reads user_created\)/}).click();
        const details = page.getByRole('complementary', {name: 'Details'});
        await details.getByText('a test looks').first().waitFor();
        await person.isAccessible();
        await screenshot(page, 'console-map-paused');
        await details.getByRole('link', {name: 'Open the group'}).click();
        await page.waitForURL('**/console/groups/user_created/user-role');
      },

      'is gone once it is mended': async (person, page) => {
        await person.open('/map');
        await page.getByRole('status', {name: 'What needs a look'}).waitFor();
        assert.equal((await shop.ask('POST', `${group}/resume`, {})).status, 200);
        await page.getByRole('button', {name: /user-role \(reads user_created\)/}).waitFor({state: 'detached'});
      },
    },
  );
});

test('health', {timeout: TOUR_MS_MAX}, (t) =>
  tour(
    t,
    {browser, shop, viewport: {width: 1440, height: 900}},
    {
      'figures and charts tell how the process is doing': async (person, page) => {
        await person.open('/health');
        await person.hasLoaded();
        await page.getByText('Tidemark', {exact: true}).last().waitFor();
        await page.getByRole('img', {name: /^Commits over the last hour; now: Commits .*\/s$/}).waitFor();
        await page.getByRole('img', {name: /^Commit latency over the last hour/}).waitFor();
        await person.isAccessible();
        await screenshot(page, 'console-health');
      },

      'limits stand beside what there is of them': async (person, page) => {
        const limits = page.getByRole('table', {name: 'Limits'});
        await limits.getByRole('row', {name: /^Healthy disk .*B/}).waitFor();
        await page.getByRole('region', {name: 'The process'}).getByText('every commit is on disk').waitFor();
      },
    },
  ),
);

test('a journey', {timeout: TOUR_MS_MAX}, async (t) => {
  const order = await placeOrder(shop, product.id, 3);
  await tour(
    t,
    {browser, shop, viewport: {width: 1440, height: 900}},
    {
      'recent ones are listed': async (person, page) => {
        await person.open('/journeys');
        const list = page.getByRole('grid', {name: 'Journeys'});
        await list.getByRole('link', {name: 'POST /orders'}).first().waitFor();
        await person.isAccessible();
        await screenshot(page, 'console-journeys');
        await list.focus();
        await page.keyboard.press('Enter');
        await page.getByRole('list', {name: 'Steps'}).waitFor();
      },

      'an order is found by its id, and shown through all services': async (person, page) => {
        await person.goTo('Journeys');
        await page.keyboard.press('/');
        await page.keyboard.type(order.id);
        await page.getByRole('link', {name: 'Open it as an id'}).click();
        const steps = page.getByRole('list', {name: 'Steps'});
        await steps.getByRole('button', {name: /^Request: .*\/orders.* payments/}).waitFor();
        await steps.getByRole('button', {name: /^Run: .* inventory/}).waitFor();
        await steps.getByRole('button', {name: /^Event: order_completed/}).waitFor();
        await screenshot(page, 'console-journey');
      },

      'a step opens with what it changed, and can be linked to': async (person, page) => {
        await page
          .getByRole('button', {name: /^Run: .* inventory/})
          .first()
          .click();
        const details = page.getByRole('complementary', {name: 'The step'});
        await details
          .getByRole('table', {name: /^Changes of .*products\//})
          .getByText('quantity_available')
          .waitFor();
        await person.isAccessible();
        await screenshot(page, 'console-journey-step');
        assert.match(page.url(), /[?&]step=/);
        await page.reload();
        await details.getByRole('table', {name: /^Changes of .*products\//}).waitFor();
      },

      'an event shows its fields': async (person, page) => {
        await page
          .getByRole('button', {name: /^Event: order_placed/})
          .first()
          .click();
        const details = page.getByRole('complementary', {name: 'The step'});
        await details.getByRole('region', {name: 'Event'}).getByText(order.id).first().waitFor();
      },

      'the steps can be seen service by service': async (person, page) => {
        await page.getByText('By service', {exact: true}).click();
        await page.getByRole('heading', {name: 'inventory', level: 2}).waitFor();
        await page.getByRole('list', {name: 'Steps in payments'}).waitFor();
      },

      'an id that nobody knows is said to be unknown': async (person, page) => {
        await person.open('/journeys/no-such-order');
        await page.getByText('Nothing is known of this id').waitFor();
      },
    },
  );
});

test('where a token is asked for', {timeout: TOUR_MS_MAX}, async (t) => {
  await guarded.start();
  await tour(
    t,
    {browser, shop: guarded},
    {
      'a wrong one is refused, the right one lets in': async (person, page) => {
        await person.open('/map');
        const dialog = page.getByRole('dialog', {name: 'This process asks for a token'});
        const token = dialog.getByLabel('Token', {exact: true});
        await token.fill('guess');
        await dialog.getByRole('button', {name: 'Go on'}).click();
        await dialog.getByText('The process did not accept that token').waitFor();
        await person.isAccessible();
        await token.fill(TOKEN);
        await dialog.getByRole('button', {name: 'Go on'}).click();
        await dialog.waitFor({state: 'detached'});
        await page.getByRole('group', {name: /^Service payments/}).waitFor();
        await person.connectionIs('live');
      },

      'it is kept for the tab': async (person, page) => {
        await page.reload();
        await person.connectionIs('live');
        assert.equal(await page.getByRole('dialog').count(), 0);
      },

      'a process that is killed comes back, and the console with it': async (person, page) => {
        await guarded.kill();
        await person.connectionIs('lost');
        await page.getByText('The connection to the process is lost').waitFor();
        await guarded.start();
        await person.connectionIs('live');
        await page.getByText('The connection to the process is lost').waitFor({state: 'detached'});
      },
    },
  );
});

test('in the dark', {timeout: TOUR_MS_MAX}, (t) =>
  tour(
    t,
    {browser, shop, colorScheme: 'dark', viewport: {width: 1440, height: 900}},
    {
      'every page can be read': async (person, page) => {
        for (const path of ['/map', '/journeys', '/health']) {
          await person.open(path);
          await person.connectionIs('live');
          await person.hasLoaded();
          await person.isAccessible();
          await screenshot(page, `console-dark${path.replace('/', '-')}`);
        }
      },
    },
  ),
);

test('on a phone', {timeout: TOUR_MS_MAX}, (t) =>
  tour(
    t,
    {browser, shop, viewport: {width: 390, height: 844}, isMobile: true, hasTouch: true},
    {
      'everything fits the width': async (person, page) => {
        for (const path of ['/map', '/map?view=graph', '/journeys', '/health']) {
          await person.open(path);
          await page.getByRole('heading', {level: 1}).waitFor();
          await person.hasLoaded();
          await person.fitsTheWidth();
          await screenshot(page, `console-phone${path.replaceAll(/\W/g, '-')}`);
        }
      },

      'the menu leads on': async (person, page) => {
        await page.getByRole('button', {name: 'Open the menu'}).click();
        await person.goTo('Journeys');
        await person.heading('Journeys');
      },

      'a step opens from below': async (person, page) => {
        await page.getByRole('grid', {name: 'Journeys'}).getByRole('link', {name: 'POST /orders'}).first().click();
        await page.getByRole('button', {name: /^Request/}).click();
        await page
          .getByRole('dialog')
          .getByRole('heading', {name: /orders/})
          .waitFor();
        await person.fitsTheWidth();
        await screenshot(page, 'console-phone-step');
      },
    },
  ),
);
