// The page of events as elements. Plain DOM: the page stands alone and needs no framework.

import {attributesOf, commandOf, durationText, topicsOf, type AsyncApi, type Member, type Topic} from './asyncapi';

type Child = Node | string | undefined | false;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}

export interface View {
  root: HTMLElement;
  // Each topic's section and its line in the list of contents.
  parts: {topic: Topic; elements: HTMLElement[]}[];
  filter: HTMLInputElement;
  nothing: HTMLElement;
}

export function viewOf(api: AsyncApi): View {
  const topics = topicsOf(api);
  const filter = element('input', {
    type: 'search',
    placeholder: 'Filter',
    'aria-label': 'Filter by topic, service or member',
  });
  const nothing = element('p', {class: 'quiet', role: 'status', hidden: ''}, 'Nothing here has such a name.');
  const parts = topics.map((topic) => ({topic, elements: [contentsLine(topic), topicSection(topic)]}));
  const root = element(
    'div',
    {class: 'layout'},
    element('nav', {class: 'contents', 'aria-label': 'Topics'}, filter, list(parts.map(({elements}) => elements[0]!))),
    element(
      'main',
      {},
      element('h1', {}, api.info.title, ' ', element('small', {}, api.info.version)),
      element('p', {class: 'quiet'}, api.info.description ?? ''),
      element('p', {class: 'servers'}, ...servers(api)),
      topics.length === 0 &&
        element('p', {class: 'empty'}, 'This service publishes nothing and handles nothing. Declare topics with ',
          element('code', {}, 'service.publishes<E>(…)'), ' and ', element('code', {}, 'service.on<E>(…)'), '.'),
      nothing,
      ...parts.map(({elements}) => elements[1]!),
      topics.some(({isStream}) => !isStream) && attributesSection(attributesOf(api)),
    ),
  );
  return {root, parts, filter, nothing};
}

function list(lines: HTMLElement[]): HTMLElement {
  return element('ul', {}, ...lines);
}

function contentsLine({name, anchor}: Topic): HTMLElement {
  return element('li', {}, element('a', {href: `#${anchor}`}, name));
}

function servers(api: AsyncApi): Node[] {
  return Object.values(api.servers).map(({host, protocol, description}) =>
    element('span', {class: 'server', title: description ?? ''}, element('code', {}, `${protocol}://${host}`)),
  );
}

function topicSection(topic: Topic): HTMLElement {
  return element(
    'section',
    {id: topic.anchor, 'aria-labelledby': `${topic.anchor}-heading`},
    element(
      'header',
      {},
      element('h2', {id: `${topic.anchor}-heading`}, element('a', {href: `#${topic.anchor}`}, topic.name)),
      element('span', {class: 'quiet'}, topic.isStream ? 'server-sent events' : topic.retention),
    ),
    topic.description !== '' && element('p', {}, topic.description),
    flow(topic),
    ...(topic.isStream ? [carried(topic)] : topic.messages.flatMap((message) => eventPart(topic, message))),
    topic.handlers.length > 0 && handlersTable(topic),
  );
}

// Who publishes ──► who handles.
function flow({publishers, handlers, isStream}: Topic): HTMLElement {
  const names = (services: string[], none: string) =>
    services.length > 0
      ? services.map((service) => element('span', {class: 'service'}, service))
      : [element('span', {class: 'quiet'}, none)];
  const readers = isStream ? ['browsers'] : [...new Set(handlers.map(({service}) => service))];
  return element(
    'p',
    {class: 'flow'},
    ...names(publishers, 'published elsewhere'),
    element('span', {class: 'arrow', 'aria-label': 'goes to'}, '→'),
    ...names(readers, 'handled elsewhere'),
  );
}

function carried({messages}: Topic): HTMLElement {
  return element(
    'p',
    {class: 'carried'},
    ...messages.flatMap(({name}, index) => [index > 0 ? ', ' : '', element('code', {}, name)]),
  );
}

function eventPart(topic: Topic, message: Topic['messages'][number]): HTMLElement[] {
  return [
    element('h3', {}, message.name, message.key !== undefined && element('span', {class: 'key'}, `key: ${message.key}`)),
    membersTable(message.name, message.members),
    element(
      'details',
      {},
      element('summary', {}, 'Example'),
      element('pre', {tabindex: '0', 'aria-label': `An example of ${message.name}`}, JSON.stringify(message.example, null, 2)),
      element('pre', {tabindex: '0', 'aria-label': 'From any Redis client'}, commandOf(topic, message)),
    ),
  ];
}

function membersTable(name: string, members: Member[]): HTMLElement {
  const notes = members.map(({required, note}) => [required ? '' : 'optional', note].filter(Boolean).join('; '));
  const made = table(
    `Members of ${name}`,
    ['Member', 'Type', 'Notes'],
    members.map(({name: member, type}, row) => [element('code', {}, member), type, notes[row] ?? '']),
  );
  made.classList.add('members');
  return made;
}

function handlersTable({name, handlers}: Topic): HTMLElement {
  return table(
    `Handlers of ${name}`,
    ['Handled by', 'Group', 'In order of', 'Runs', 'At once', 'Dead letters'],
    handlers.map(({service, group = '', key = '', retry, deadline_ms, concurrency, every_partition, dead_letters = ''}) => [
      service + (every_partition ? ' (every partition)' : ''),
      element('code', {}, group),
      element('code', {}, key),
      retry
        ? `${retry.attempts}, after ${durationText(retry.first_ms)} up to ${durationText(retry.at_most_ms)}` +
          (deadline_ms === undefined ? '' : `, each within ${durationText(deadline_ms)}`)
        : '',
      concurrency === undefined ? '' : String(concurrency),
      element('code', {}, dead_letters),
    ]),
  );
}

function attributesSection(attributes: Member[]): HTMLElement {
  return element(
    'section',
    {id: 'attributes', 'aria-labelledby': 'attributes-heading'},
    element('header', {}, element('h2', {id: 'attributes-heading'}, 'What every event has')),
    element('p', {}, 'Attributes of CloudEvents 1.0, fields of the same entry as the members.'),
    membersTable('every event', attributes),
  );
}

// Wide tables scroll by themselves; the keyboard reaches that, too.
function table(label: string, headers: string[], rows: (Node | string)[][]): HTMLElement {
  return element(
    'div',
    {class: 'table', role: 'region', 'aria-label': label, tabindex: '0'},
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...headers.map((header) => element('th', {scope: 'col'}, header)))),
      element('tbody', {}, ...rows.map((cells) => element('tr', {}, ...cells.map((cell) => element('td', {}, cell))))),
    ),
  );
}
