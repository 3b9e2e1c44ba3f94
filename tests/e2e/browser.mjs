// Debian's Chromium, driven by playwright-core, which the web page's packages bring.

import {mkdirSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';

import {ROOT} from './paths.mjs';

const WAIT_MS_MAX = 30_000; // a loaded machine is slow

// Chromium asks nobody but the shop. It has no sandbox of its own where the tests run as root.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function openBrowser() {
  const {chromium} = createRequire(join(ROOT, 'web', 'package.json'))('playwright-core');
  return chromium.launch({executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS});
}

export async function openPage(browser, options = {}) {
  const context = await browser.newContext({viewport: {width: 1280, height: 800}, colorScheme: 'light', ...options});
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS_MAX);
  return page;
}

// Everything that the page throws, and whatever the Content-Security-Policy forbids it.
export function watchForErrors(page) {
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content.Security.Policy|Uncaught/i.test(message.text())) errors.push(message.text());
  });
  return errors;
}

export async function screenshot(page, name) {
  const folder = join(ROOT, 'build', 'screenshots');
  mkdirSync(folder, {recursive: true});
  await page.screenshot({path: join(folder, `${name}.png`), animations: 'disabled'});
}
