// A tour: the steps that a person takes one after the other on one page. They stand on each other, so the first that
// fails ends it, with a picture in build/screenshots/.

import assert from 'node:assert/strict';

import {openPage, screenshot, watchForErrors} from './browser.mjs';
import {ShopPage} from './page.mjs';

// `person` makes what the steps speak of from the page and the shop.
export async function tour(t, {browser, shop, person: make = shopper, ...options}, steps) {
  const page = await openPage(browser, options);
  const errors = watchForErrors(page);
  const person = make(page, shop);
  const name = t.name.replaceAll(/\W+/g, '-');
  try {
    for (const [step, run] of Object.entries(steps)) {
      let failure;
      await t.test(step, async () => {
        try {
          await run(person, page);
          assert.deepEqual(errors, [], 'the page threw, or met its Content-Security-Policy');
        } catch (error) {
          failure = error;
          throw error;
        }
      });
      if (!failure) continue;
      await screenshot(page, `failed-${name}`).catch(() => undefined);
      t.diagnostic(`the shop's last words:\n${shop.lastWords()}`);
      throw new Error(`stopped at the step “${step}”: ${failure.message}`);
    }
  } finally {
    await page.context().close();
  }
}

const shopper = (page, shop) => new ShopPage(page, shop.url);
