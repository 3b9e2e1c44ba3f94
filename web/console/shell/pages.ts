// The pages, in the order of the navigation, with the key that leads to each after `g`.

import {
  IconActivity,
  IconArrowsSplit2,
  IconDatabase,
  IconListDetails,
  IconMailX,
  IconRoute,
  IconSitemap,
  type Icon,
} from '@tabler/icons-react';

export interface ConsolePage {
  to: '/map' | '/topics' | '/groups' | '/dead-letters' | '/journeys' | '/documents' | '/health';
  label: string;
  about: string;
  key: string;
  icon: Icon;
}

export const PAGES: ConsolePage[] = [
  {to: '/map', label: 'Map', about: 'Services, topics and handlers, live', key: 'm', icon: IconSitemap},
  {to: '/topics', label: 'Topics', about: 'Browse, search, tail and publish events', key: 't', icon: IconListDetails},
  {to: '/groups', label: 'Groups', about: 'Lag, retries, pause, resume and seek', key: 'g', icon: IconArrowsSplit2},
  {to: '/dead-letters', label: 'Dead letters', about: 'What handlers gave up on', key: 'l', icon: IconMailX},
  {to: '/journeys', label: 'Journeys', about: 'One order through all services', key: 'j', icon: IconRoute},
  {to: '/documents', label: 'Documents', about: 'Collections, queries and versions', key: 'd', icon: IconDatabase},
  {to: '/health', label: 'Health', about: 'Throughput, latency, disk and limits', key: 'h', icon: IconActivity},
];
