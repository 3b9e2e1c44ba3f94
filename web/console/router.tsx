// The pages below /console; each is loaded when it is first opened. All search parameters are plain text.

import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  parseSearchWith,
  redirect,
  stringifySearchWith,
} from '@tanstack/react-router';

import {NotFound} from './shell/not-found';
import {PageCrash} from './shell/page-crash';
import {Shell} from './shell/shell';

// Search parameters of these names, each of which may be missing.
function texts<const Name extends string>(...names: Name[]) {
  return (search: Record<string, unknown>): {[N in Name]?: string} => {
    const found: {[N in Name]?: string} = {};
    for (const name of names) if (typeof search[name] === 'string' && search[name] !== '') found[name] = search[name];
    return found;
  };
}

const root = createRootRoute({component: Shell, notFoundComponent: NotFound});

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({to: '/map', replace: true});
  },
});

const map = createRoute({
  getParentRoute: () => root,
  path: '/map',
  validateSearch: texts('selected', 'view'),
  component: lazyRouteComponent(() => import('./pages/map/map-page'), 'MapPage'),
});

const health = createRoute({
  getParentRoute: () => root,
  path: '/health',
  component: lazyRouteComponent(() => import('./pages/health/health-page'), 'HealthPage'),
});

const journeys = createRoute({
  getParentRoute: () => root,
  path: '/journeys',
  validateSearch: texts('text', 'outcome', 'service', 'reads'),
  component: lazyRouteComponent(() => import('./pages/journeys/journeys-page'), 'JourneysPage'),
});

const journey = createRoute({
  getParentRoute: () => root,
  path: '/journeys/$id',
  validateSearch: texts('step', 'view'),
  component: lazyRouteComponent(() => import('./pages/journeys/journey-page'), 'JourneyPage'),
});

const topics = createRoute({
  getParentRoute: () => root,
  path: '/topics',
  validateSearch: texts('text', 'kind'),
  component: lazyRouteComponent(() => import('./pages/topics/topics-page'), 'TopicsPage'),
});

const topic = createRoute({
  getParentRoute: () => root,
  path: '/topics/$topic',
  validateSearch: texts('view', 'entry', 'order', 'key', 'type', 'from', 'to', 'text'),
  component: lazyRouteComponent(() => import('./pages/topics/topic-page'), 'TopicPage'),
});

const groups = createRoute({
  getParentRoute: () => root,
  path: '/groups',
  validateSearch: texts('text', 'health'),
  component: lazyRouteComponent(() => import('./pages/groups/groups-page'), 'GroupsPage'),
});

const group = createRoute({
  getParentRoute: () => root,
  path: '/groups/$topic/$group',
  component: lazyRouteComponent(() => import('./pages/groups/group-page'), 'GroupPage'),
});

const deadLetters = createRoute({
  getParentRoute: () => root,
  path: '/dead-letters',
  validateSearch: texts('text'),
  component: lazyRouteComponent(() => import('./pages/dead-letters/dead-letters-page'), 'DeadLettersPage'),
});

const deadLetterGroup = createRoute({
  getParentRoute: () => root,
  path: '/dead-letters/$topic/$group',
  validateSearch: texts('error', 'letter'),
  component: lazyRouteComponent(() => import('./pages/dead-letters/dead-letter-group-page'), 'DeadLetterGroupPage'),
});

const collections = createRoute({
  getParentRoute: () => root,
  path: '/documents',
  validateSearch: texts('text'),
  component: lazyRouteComponent(() => import('./pages/documents/collections-page'), 'CollectionsPage'),
});

const collection = createRoute({
  getParentRoute: () => root,
  path: '/documents/$collection',
  validateSearch: texts('index', 'equal', 'from', 'below', 'order'),
  component: lazyRouteComponent(() => import('./pages/documents/collection-page'), 'CollectionPage'),
});

const document = createRoute({
  getParentRoute: () => root,
  path: '/documents/$collection/$id',
  component: lazyRouteComponent(() => import('./pages/documents/document-page'), 'DocumentPage'),
});

export const router = createRouter({
  basepath: '/console',
  routeTree: root.addChildren([
    home,
    map,
    health,
    journeys,
    journey,
    topics,
    topic,
    groups,
    group,
    deadLetters,
    deadLetterGroup,
    collections,
    collection,
    document,
  ]),
  defaultErrorComponent: PageCrash,
  defaultPreload: 'intent',
  scrollRestoration: true,
  parseSearch: parseSearchWith((text) => text),
  stringifySearch: stringifySearchWith(String),
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
