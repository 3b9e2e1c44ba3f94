// The page /docs/events: an AsyncAPI document, for people.

import {matches, type AsyncApi} from './asyncapi';
import {element, viewOf} from './view';

async function load(): Promise<AsyncApi> {
  const response = await fetch('../asyncapi.json');
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return (await response.json()) as AsyncApi;
}

function show(api: AsyncApi, place: HTMLElement): void {
  const {root, parts, filter, nothing} = viewOf(api);
  filter.addEventListener('input', () => {
    let shown = 0;
    for (const {topic, elements} of parts) {
      const hidden = !matches(topic, filter.value);
      for (const part of elements) part.hidden = hidden;
      if (!hidden) shown += 1;
    }
    nothing.hidden = shown > 0 || parts.length === 0;
  });
  place.replaceChildren(root);
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

const place = document.getElementById('events')!;
load().then(
  (api) => show(api, place),
  (error: Error) =>
    place.replaceChildren(
      element('main', {}, element('p', {class: 'empty', role: 'alert'}, `The description could not be loaded: ${error.message}. Load the page again.`)),
    ),
);
