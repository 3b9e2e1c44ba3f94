// What the palette finds for a text.

import type {Group, Topic} from '../api/types';
import {PAGES} from './pages';

export interface PaletteItem {
  id: string;
  label: string;
  about: string;
  path: string; // below /console
}

export interface Known {
  topics: Topic[];
  groups: Group[];
}

const ITEMS_MAX = 30;
const ID_LENGTH_MIN = 4; // shorter text names no order and no trace

export function paletteItems(text: string, {topics, groups}: Known): PaletteItem[] {
  const wanted = text.trim();
  const all = [
    ...PAGES.map(({to, label, about}) => ({id: to, label, about, path: to})),
    ...topics.map(({name}) => ({
      id: `topic ${name}`,
      label: name,
      about: 'Topic',
      path: `/topics/${encodeURIComponent(name)}`,
    })),
    ...groups.map(({topic, group, service}) => ({
      id: `group ${topic} ${group}`,
      label: group,
      about: `Group of ${topic}${service ? `, handler of ${service}` : ''}`,
      path: `/groups/${encodeURIComponent(topic)}/${encodeURIComponent(group)}`,
    })),
  ];
  const found = all.filter(({label, about}) => matches(`${label} ${about}`, wanted)).slice(0, ITEMS_MAX);
  if (wanted.length < ID_LENGTH_MIN || /\s/.test(wanted)) return found;
  const journey = {
    id: 'journey',
    label: `Journey of “${wanted}”`,
    about: 'An order id, a trace id, an event id',
    path: `/journeys/${encodeURIComponent(wanted)}`,
  };
  return [...found, journey];
}

// Each word of the wanted text occurs.
function matches(text: string, wanted: string): boolean {
  const lower = text.toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}
