// A person steers a busy shop through the console: topics, groups, dead letters, documents.
//
//   SHOP=build/release/bin/shop node tests/e2e/console_data_test.mjs

import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {after, before, test} from 'node:test';

import {openBrowser, screenshot} from './browser.mjs';
import {addProduct, keepBusy, placeOrder, tour} from './console.mjs';
import {ROOT} from './paths.mjs';
import {Shop} from './shop.mjs';

const TOUR_MS_MAX = 180_000;
const GIVEN_UP_MS_MAX = 150_000; // payments tries an order for about a minute
const SETTLED_MS_MAX = 60_000;
const PROGRAM = resolve(process.env.SHOP ?? join(ROOT, 'build/release/bin/shop'));
const WIDE = {viewport: {width: 1440, height: 900}};
const LOST_ORDERS = 5;

const shop = new Shop(PROGRAM);
let browser;
let product;
let order;
let stop;

before(async () => {
  assert.ok(existsSync(PROGRAM), `${PROGRAM} is missing: build it, or name it in SHOP`);
  assert.ok(existsSync(join(ROOT, 'web/dist-console/index.html')), 'web/dist-console is missing: run `make web`');
  await shop.start();
  product = await addProduct(shop);
  order = await placeOrder(shop, product.id, 2);
  for (let i = 0; i < LOST_ORDERS; ++i) await publishLostOrder(`lost-${i}`);
  stop = keepBusy(shop, product.id);
  browser = await openBrowser();
});

after(async () => {
  await stop?.();
  await browser?.close();
  await shop.discard();
});

// Of an order that payments doesn't know: it gives up on it in the end.
async function publishLostOrder(id) {
  const data = {order_id: id, product_id: product.id, quantity: 1, price: 12.5, fee: 2.5, total: 15};
  const {status, body} = await shop.ask('POST', '/admin/v1/topics/order_placed/entries', {data});
  assert.ok(status === 200 || status === 201, `${status}: ${JSON.stringify(body)}`);
}

const fieldOf = (scope, name) => scope.locator(`[data-path="${name}"]`);

test('topics', {timeout: TOUR_MS_MAX}, (t) =>
  tour(
    t,
    {browser, shop, ...WIDE},
    {
      'are listed and found': async (person, page) => {
        await person.open('/topics');
        const list = page.getByRole('grid', {name: 'Topics'});
        await list.getByRole('link', {name: 'order_completed'}).waitFor();
        await person.isAccessible();
        await screenshot(page, 'console-topics');
        await page.keyboard.press('/');
        await page.keyboard.type('placed');
        await list.getByRole('link', {name: 'order_completed'}).waitFor({state: 'detached'});
        assert.match(page.url(), /text=placed/);
        await list.focus();
        await page.keyboard.press('Enter');
        await person.heading('order_placed');
      },

      'an event is found by its key, and opens with what became of it': async (person, page) => {
        const events = page.getByRole('grid', {name: 'Events of order_placed'});
        await events.getByRole('row').nth(1).waitFor();
        await page.getByRole('textbox', {name: 'Key'}).fill(order.id);
        await page.getByText('1 event found').waitFor();
        await events.getByRole('row').nth(1).click();
        const details = page.getByRole('complementary', {name: 'The event'});
        await details.locator('[data-group="payments"][data-state="done"]').waitFor();
        await details.getByText('product_id').waitFor();
        await person.isAccessible();
        await screenshot(page, 'console-topic-event');
      },

      'the address leads back to it': async (person, page) => {
        assert.match(page.url(), /key=.*entry=|entry=.*key=/);
        await page.reload();
        await page.getByRole('complementary', {name: 'The event'}).getByText('product_id').waitFor();
        await page.getByText('1 event found').waitFor();
        await page.keyboard.press('Escape');
        await page.getByRole('complementary', {name: 'The event'}).waitFor({state: 'detached'});
      },

      'a search that finds nothing says how to go on': async (person, page) => {
        await page.getByRole('textbox', {name: 'Text in any field'}).fill('no such text anywhere');
        await page.getByText('No event matches').waitFor();
        await page.getByRole('button', {name: 'Show all events'}).click();
        await page.getByRole('grid', {name: 'Events of order_placed'}).waitFor();
        await page.getByRole('textbox', {name: 'From: a time'}).fill('soon');
        await page.getByText('As 15m (ago)').waitFor();
        await page.getByRole('textbox', {name: 'From: a time'}).fill('1h');
        await page.getByText('As 15m (ago)').waitFor({state: 'detached'});
        await page.getByRole('grid', {name: 'Events of order_placed'}).getByRole('row').nth(1).waitFor();
      },

      'the tail is live, and can be paused': async (person, page) => {
        await page.getByRole('tab', {name: 'Tail'}).click();
        const tail = page.getByRole('grid', {name: 'Tail of order_placed'});
        await tail.getByRole('row').nth(1).waitFor();
        await page.getByRole('button', {name: 'Pause'}).click();
        const placed = await placeOrder(shop, product.id);
        await page.getByText(/^Paused: \d+ new event/).waitFor();
        assert.equal(await tail.getByText(placed.id).count(), 0);
        await person.isAccessible();
        await page.getByRole('button', {name: 'Go on'}).click();
        await tail.getByText(placed.id).first().waitFor();
        await screenshot(page, 'console-topic-tail');
      },

      'a form of its schema publishes an event, and says what is wrong': async (person, page) => {
        await page.getByRole('tab', {name: 'Publish'}).click();
        const panel = page.getByRole('tabpanel');
        await fieldOf(panel, 'order_id').fill(order.id);
        await fieldOf(panel, 'product_id').fill(product.id);
        await fieldOf(panel, 'quantity').fill('one');
        await panel.getByRole('button', {name: 'Publish'}).click();
        await panel.getByText('Give a whole number.').waitFor();
        assert.equal(await panel.getByText('Is missing.').count(), 3);
        await person.isAccessible();
        await screenshot(page, 'console-topic-publish');
        for (const [name, text] of Object.entries({quantity: '2', price: '12.50', fee: '5', total: '30.00'}))
          await fieldOf(panel, name).fill(text);
        await panel.getByRole('button', {name: 'Publish'}).click();
        await panel.getByRole('status').getByRole('link').waitFor();
      },

      'what the process refuses is said, too': async (person, page) => {
        const panel = page.getByRole('tabpanel');
        await panel.getByText('JSON', {exact: true}).click();
        await panel.getByRole('textbox', {name: 'Data'}).fill('{"order_id": 5}');
        await panel.getByRole('button', {name: 'Publish'}).click();
        await panel.getByRole('alert').getByText('order_id').waitFor();
      },

      'what it keeps, and for whom': async (person, page) => {
        await page.getByRole('tab', {name: 'About'}).click();
        await page
          .getByRole('grid', {name: 'Groups of order_placed'})
          .getByRole('link', {name: /payments/})
          .waitFor();
        await page.getByRole('region', {name: 'Schema', exact: true}).getByText('order_id').waitFor();
        await person.isAccessible();
        await screenshot(page, 'console-topic-about');
      },
    },
  ),
);

test('groups', {timeout: TOUR_MS_MAX}, (t) =>
  tour(
    t,
    {browser, shop, ...WIDE},
    {
      'are listed with how they fare': async (person, page) => {
        await person.open('/groups');
        const list = page.getByRole('grid', {name: 'Groups'});
        await list.getByRole('link', {name: 'order_completed → inventory'}).waitFor();
        await person.isAccessible();
        await screenshot(page, 'console-groups');
        await list.getByRole('link', {name: 'order_completed → inventory'}).click();
        await person.heading('order_completed → inventory');
      },

      'one is paused with a reason': async (person, page) => {
        await page.getByRole('button', {name: 'Pause…'}).click();
        const dialog = page.getByRole('dialog', {name: 'Pause inventory'});
        await dialog.getByRole('textbox', {name: 'Reason'}).fill('stocktaking');
        await person.isAccessible();
        await dialog.getByRole('button', {name: 'Pause'}).click();
        await dialog.waitFor({state: 'detached'});
        await page.getByRole('status').getByText('stocktaking').waitFor();
      },

      'a move of its cursor says first how many events it repeats': async (person, page) => {
        await page.getByRole('button', {name: 'Move the cursor…'}).click();
        const dialog = page.getByRole('dialog', {name: 'Move the cursor of inventory'});
        await dialog.getByText('The start', {exact: true}).click();
        await dialog.getByText(/[1-9]\d* events? will be handled again/).waitFor();
        await person.isAccessible();
        await screenshot(page, 'console-group-seek');
        // Refused while something is in flight, which ends soon.
        const until = Date.now() + SETTLED_MS_MAX;
        do {
          await dialog.getByRole('button', {name: 'Move the cursor'}).click();
          const moved = dialog.waitFor({state: 'detached'}).then(() => true);
          const refused = dialog
            .getByRole('alert')
            .waitFor()
            .then(() => false);
          if (await Promise.any([moved, refused])) return;
        } while (Date.now() < until);
        assert.fail('the cursor could not be moved');
      },

      'it goes on, and makes up for it': async (person, page) => {
        await screenshot(page, 'console-group');
        await page.getByRole('button', {name: 'Resume'}).click();
        await page.getByRole('button', {name: 'Pause…'}).waitFor();
        await page.getByText('Paused', {exact: true}).waitFor({state: 'detached'});
        await shopSettles(async () => {
          const {body} = await shop.ask('GET', '/admin/v1/groups/order_completed/inventory');
          return body.lag < 20;
        });
      },

      'one that is read cannot be expired': async (person, page) => {
        await page.getByRole('button', {name: 'Expire…'}).click();
        const dialog = page.getByRole('dialog', {name: 'Expire inventory'});
        await dialog.getByRole('button', {name: 'Expire the group'}).click();
        await dialog.getByRole('alert').getByText('That did not work').waitFor();
        await dialog.getByRole('button', {name: 'Cancel'}).click();
        await dialog.waitFor({state: 'detached'});
      },

      'those in need of a look are found': async (person, page) => {
        await person.open('/groups?health=troubled&text=nobody');
        await page.getByText('No group matches').waitFor();
        await page.getByRole('button', {name: 'Show all groups'}).click();
        await page.getByRole('grid', {name: 'Groups'}).waitFor();
      },
    },
  ),
);

async function shopSettles(isSo) {
  const until = Date.now() + SETTLED_MS_MAX;
  while (!(await isSo())) {
    assert.ok(Date.now() < until, 'it never came to that');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('documents', {timeout: TOUR_MS_MAX}, (t) =>
  tour(
    t,
    {browser, shop, ...WIDE},
    {
      'collections are listed': async (person, page) => {
        await person.open('/documents');
        const list = page.getByRole('grid', {name: 'Collections'});
        await list.getByRole('link', {name: 'inventory.products'}).waitFor();
        await person.isAccessible();
        await screenshot(page, 'console-collections');
        await list.getByRole('link', {name: 'inventory.products'}).click();
        await person.heading('inventory.products');
      },

      'documents are found by an index': async (person, page) => {
        await page.getByRole('combobox', {name: 'Index'}).click();
        await page.getByRole('option', {name: /^name/}).click();
        const value = page.getByRole('textbox', {name: 'Value of name'});
        await value.fill('No such mug');
        await page.getByText('No document matches').waitFor();
        await value.fill(product.name);
        const found = page.getByRole('grid', {name: 'Documents of inventory.products'});
        await found.getByRole('link', {name: product.id}).waitFor();
        assert.match(page.url(), /index=name&equal=Harbour/);
        await person.isAccessible();
        await screenshot(page, 'console-collection');
        await found.getByRole('link', {name: product.id}).click();
        await person.heading(product.id);
      },

      'one shows its changes, and what led to them': async (person, page) => {
        const changes = page.getByRole('list', {name: 'Changes, newest first'});
        await changes.getByRole('table').getByText('quantity_available').first().waitFor();
        await person.isAccessible();
        await screenshot(page, 'console-document');
        await changes.getByRole('link', {name: 'What led to it'}).first().click();
        await page.waitForURL('**/console/journeys/**');
      },

      'one that is not there says where to look': async (person, page) => {
        await person.open('/documents/inventory.products');
        await page.getByRole('textbox', {name: 'Open the document with this id'}).fill('nothing');
        await page.keyboard.press('Enter');
        await page.getByText('There is no such document').waitFor();
      },
    },
  ),
);

test('dead letters', {timeout: TOUR_MS_MAX + GIVEN_UP_MS_MAX}, (t) =>
  tour(
    t,
    {browser, shop, ...WIDE},
    {
      'stand together by their error': async (person, page) => {
        await person.open('/dead-letters');
        const errors = page.getByRole('table', {name: 'Errors of order_placed → payments'});
        await errors.getByRole('cell', {name: String(LOST_ORDERS), exact: true}).waitFor({timeout: GIVEN_UP_MS_MAX});
        await person.isAccessible();
        await screenshot(page, 'console-dead-letters');
        await errors.getByRole('link').click();
        await person.heading('Dead letters of payments');
      },

      'one opens with its error, its event and its journey': async (person, page) => {
        await page.getByRole('grid', {name: 'Dead letters'}).getByRole('row').nth(1).click();
        const letter = page.getByRole('complementary', {name: 'The letter'});
        await letter.getByRole('region', {name: 'Error'}).getByText('lost-').waitFor();
        await letter.getByText('product_id').waitFor();
        await letter.getByRole('link', {name: /What led here|By its key/}).waitFor();
        await person.isAccessible();
        await screenshot(page, 'console-dead-letter');
      },

      'it is tried as it is, then edited': async (person, page) => {
        const letter = page.getByRole('complementary', {name: 'The letter'});
        await letter.getByRole('button', {name: 'Try'}).click();
        await letter.getByText('The handler would fail').waitFor();
        await letter.getByRole('button', {name: 'Edit'}).click();
        await fieldOf(letter, 'quantity').fill('many');
        await letter.getByRole('button', {name: 'Try'}).click();
        await letter.getByText('Give a whole number.').waitFor();
        await fieldOf(letter, 'quantity').fill('2');
        await fieldOf(letter, 'order_id').fill(order.id);
        await letter.getByRole('button', {name: 'Try'}).click();
        await letter.getByText('The handler would succeed').waitFor();
        await person.isAccessible();
        await screenshot(page, 'console-dead-letter-edited');
      },

      'the edited one is redriven': async (person, page) => {
        await page.getByRole('button', {name: 'Redrive edited…'}).click();
        const dialog = page.getByRole('dialog', {name: 'Redrive this event'});
        await dialog.getByText('as you have edited it').waitFor();
        await dialog.getByRole('button', {name: 'Redrive'}).click();
        await dialog.waitFor({state: 'detached'});
        await page.getByText(`${LOST_ORDERS - 1} letters of this error`).waitFor();
      },

      'one is discarded with a reason': async (person, page) => {
        await page.getByRole('grid', {name: 'Dead letters'}).getByRole('row').nth(1).click();
        await page.getByRole('button', {name: 'Discard…'}).click();
        const dialog = page.getByRole('dialog', {name: 'Discard this letter'});
        assert.ok(await dialog.getByRole('button', {name: 'Discard'}).isDisabled(), 'a reason is asked for');
        await dialog.getByRole('button', {name: 'Cancel'}).focus();
        await page.keyboard.press('Escape');
        await dialog.waitFor({state: 'detached'});
        await page.getByRole('button', {name: 'Discard…'}).click(); // the letter is still open
        await dialog.getByRole('textbox', {name: 'Reason'}).fill('a test of ours');
        await dialog.getByRole('button', {name: 'Discard'}).click();
        await dialog.waitFor({state: 'detached'});
        await page.getByText(`${LOST_ORDERS - 2} letters of this error`).waitFor();
      },

      'some are redriven at a rate, with how far that is': async (person, page) => {
        await page.getByRole('button', {name: 'Redrive all…'}).click();
        const dialog = page.getByRole('dialog', {name: /^Redrive 3 letters/});
        await dialog.getByRole('textbox', {name: 'At most'}).fill('20');
        await dialog.getByRole('textbox', {name: 'Stop after'}).fill('2');
        await person.isAccessible();
        await screenshot(page, 'console-redrive-all');
        await dialog.getByRole('button', {name: 'Redrive', exact: true}).click();
        await dialog.getByText('2 of 2 redriven.').waitFor();
        await dialog.getByRole('button', {name: 'Close', exact: true}).last().click();
        await dialog.waitFor({state: 'detached'});
        await page.getByText('1 letter of this error').waitFor();
      },

      'the rest is discarded': async (person, page) => {
        await page.getByRole('button', {name: 'Discard all…'}).click();
        const dialog = page.getByRole('dialog', {name: /^Discard 1 letter/});
        await dialog.getByRole('textbox', {name: 'Reason'}).fill('a test of ours');
        await dialog.getByRole('button', {name: 'Discard', exact: true}).click();
        await dialog.getByText('1 of 1 discarded.').waitFor();
        await dialog.getByRole('button', {name: 'Close', exact: true}).last().click();
        await dialog.waitFor({state: 'detached'});
        await page.getByText('No letter with this error is left').waitFor();
      },
    },
  ),
);

const PAGES = () => [
  '/topics',
  '/topics/order_placed',
  '/topics/order_placed?view=tail',
  '/topics/order_placed?view=publish',
  '/topics/order_placed?view=about',
  '/groups',
  '/groups/order_completed/inventory',
  '/dead-letters',
  '/documents',
  '/documents/inventory.products',
  `/documents/inventory.products/${product.id}`,
];

const nameOf = (path) => path.replace(product.id, 'one').replaceAll(/\W+/g, '-');

test('in the dark', {timeout: TOUR_MS_MAX}, (t) =>
  tour(
    t,
    {browser, shop, colorScheme: 'dark', ...WIDE},
    {
      'every page can be read': async (person, page) => {
        for (const path of PAGES()) {
          await person.open(path);
          await person.connectionIs('live');
          await person.hasLoaded();
          await person.isAccessible();
          await screenshot(page, `console-dark${nameOf(path)}`);
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
        for (const path of PAGES()) {
          await person.open(path);
          await page.getByRole('heading', {level: 1}).waitFor();
          await person.hasLoaded();
          await person.fitsTheWidth();
          await screenshot(page, `console-phone${nameOf(path)}`);
        }
      },

      'an event opens from below': async (person, page) => {
        await person.open('/topics/order_placed');
        await page.getByRole('grid', {name: 'Events of order_placed'}).getByRole('row').nth(1).click();
        const details = page.getByRole('dialog', {name: 'The event'});
        await details.getByText('product_id').waitFor();
        await person.fitsTheWidth();
        await person.isAccessible();
        await screenshot(page, 'console-phone-event');
      },
    },
  ),
);
