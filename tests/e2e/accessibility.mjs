// axe-core's judgement of a page, once it has come to rest.

import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';

import {ROOT} from './paths.mjs';

const AXE = readFileSync(createRequire(join(ROOT, 'web', 'package.json')).resolve('axe-core/axe.min.js'), 'utf8');

// Text that is about to appear has hardly any contrast yet. What moves for ever is not waited for.
async function comesToRest(page) {
  await page.evaluate(async () => {
    const twoFrames = () => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
    const moving = () => document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    for (await twoFrames(); moving().length > 0; await twoFrames())
      await Promise.all(moving().map(({finished}) => finished.catch(() => undefined)));
  });
}

// What is seriously wrong with the page for people with a keyboard, a screen reader or weak eyes: one line each.
export async function seriousViolations(page) {
  // Evaluated, not added as a script: the Content-Security-Policy would not have that.
  await comesToRest(page);
  await page.evaluate(AXE);
  const {violations} = await page.evaluate(() => window.axe.run(document, {resultTypes: ['violations']}));
  return violations
    .filter(({impact}) => impact === 'serious' || impact === 'critical')
    .map(
      ({id, help, nodes}) =>
        `${id}: ${help}: ${nodes
          .slice(0, 3)
          .map(({html}) => html.slice(0, 160))
          .join(' | ')}`,
    );
}
