// What the admin API says (docs/admin-api.md). Times are RFC 3339, `_ms` milliseconds, `_per_s` rates of the last 10 s.
// What there is none of is left out, or null.

export interface Page<T> {
  items: T[];
  next: string | null;
}

export type Health = 'ok' | 'waiting' | 'failing';

export interface System {
  version: string;
  process_id: number;
  started: string;
  store: string;
  durability: {summary: string; loses_nothing: boolean};
  health: {ready: boolean; reason: string};
  partitions: {count: number; held: number[]};
  services: {name: string; port: number}[];
  web: boolean;
}

// ---- groups ----

export interface Pause {
  since: string;
  reason: string;
  by: string;
}

export interface Group {
  topic: string;
  group: string;
  service?: string | null;
  handler?: string | null;
  cursor: string;
  lag: number;
  pending: number;
  in_flight: number;
  parked: number;
  retrying: number;
  oldest_waiting_ms?: number | null;
  handled_per_s: number;
  failed_per_s: number;
  p50_ms?: number | null;
  p99_ms?: number | null;
  dead_letters: number;
  paused?: Pause | null;
  health: Health;
  why: string;
}

export interface PendingEntry {
  id: string;
  consumer: string;
  idle_ms: number;
  attempts: number;
  retry_at?: string | null;
  last_error?: string | null;
}

export interface GroupDetails extends Group {
  consumers: {name: string; pending: number; idle_ms: number}[];
  oldest_pending: PendingEntry[];
}

export interface Seek {
  from: string;
  to: string;
  events: number;
  exact: boolean; // else there are more
  direction: 'back' | 'forward' | 'none';
}

// ---- topics ----

export type TopicKind = 'events' | 'dead_letters' | 'redrive' | 'inbox';

export interface Topic {
  name: string;
  kind: TopicKind;
  event?: string | null;
  length: number;
  entries_added: number;
  bytes?: number | null;
  first_id?: string | null;
  last_id?: string | null;
  last_time?: string | null;
  groups: number;
  retention?: {
    max_length?: number | null;
    max_age_ms?: number | null;
    max_bytes?: number | null;
    drop_unacknowledged?: boolean;
  } | null;
  events_per_s: number;
}

export type JsonSchema = {[name: string]: unknown};

export interface TopicDetails extends Omit<Topic, 'groups'> {
  schema?: JsonSchema | null;
  groups: {group: string; service?: string | null; cursor: string; lag: number; pending: number}[];
}

export interface Entry {
  id: string;
  time: string;
  type?: string | null;
  key?: string | null;
  source?: string | null;
  ce_id?: string | null;
  trace_id?: string | null;
  fields: Record<string, string>;
  bytes: number;
}

export interface EntryPage extends Page<Entry> {
  scanned: number;
}

export interface EntryDetails extends Entry {
  groups: {
    group: string;
    service?: string | null;
    state: 'waiting' | 'pending' | 'done' | 'dead';
    attempts?: number | null;
    retry_at?: string | null;
    error?: string | null;
  }[];
}

// ---- map ----

export interface MapEndpoint {
  method: string;
  path: string;
  requests_per_s: number;
  errors_per_s: number;
  p50_ms?: number | null;
  p99_ms?: number | null;
  health: Health;
  why: string;
}

export interface MapService {
  name: string;
  about: string;
  port: number;
  endpoints: MapEndpoint[];
  handlers: Group[];
  publishes: string[];
  health: Health;
  why: string;
}

export interface MapTopic {
  name: string;
  length: number;
  events_per_s: number;
  groups: string[];
  health: Health;
  why: string;
}

export interface SystemMap {
  services: MapService[];
  topics: MapTopic[];
}

// ---- dead letters ----

export interface DeadLetterGroup {
  topic: string;
  group: string;
  service?: string | null;
  count: number;
  looked_at: number; // so many of them, the oldest, are counted in `errors`
  errors_exact: boolean; // else each count is "at least", and there may be other errors
  errors: {error: string; count: number; first: string; last: string}[];
}

export interface DeadLetter {
  id: string;
  event_id: string;
  error: string;
  attempts: number;
  time: string;
  type?: string | null;
  key?: string | null;
  trace_id?: string | null;
  fields: Record<string, string>;
}

export interface DocumentChange {
  collection: string;
  id: string;
  before?: unknown;
  after?: unknown;
}

export interface Trial {
  outcome: 'ok' | 'error';
  error?: string | null;
  stopped_at_durable: boolean;
  effects: number;
  publishes: {
    topic: string;
    type?: string | null;
    key?: string | null;
    due?: string | null;
    fields: Record<string, string>;
  }[];
  documents: DocumentChange[];
}

export interface Progress {
  done: number;
  of: number;
  failed: number;
  error?: string | null; // of the last that failed, or what ended it
}

// ---- documents ----

export interface Index {
  name: string;
  members: string[];
  unique: boolean;
}

export interface Collection {
  name: string;
  service?: string | null;
  indexes: Index[];
  schema?: JsonSchema | null;
  partitions: number;
  documents: number;
  documents_exact: boolean; // else there are more
}

export interface StoredDocument {
  id: string;
  version: string;
  document: unknown;
}

export interface DocumentVersion {
  time: string;
  trace_id?: string | null;
  by: string;
  version: string;
  before: unknown;
  after: unknown;
}

export interface DocumentDetails extends StoredDocument {
  history: DocumentVersion[];
}

// ---- journeys ----

// Of a whole journey; what failed at first and was done later is ok.
export type Outcome = 'ok' | 'rejected' | 'retrying' | 'failed' | 'dead_letter';

export interface JourneySummary {
  trace_id: string;
  started: string;
  duration_ms: number;
  name: string;
  service: string;
  services: string[];
  steps: number;
  outcome: Outcome;
}

export type StepKind = 'request' | 'event' | 'run' | 'timer' | 'dead_letter';

export type StepOutcome = Outcome | 'conflict' | 'waiting' | 'published' | 'cancelled';

export interface Step {
  kind: StepKind;
  at: string;
  offset_ms: number; // since the journey's first step; finer than `at`
  duration_ms?: number | null;
  service?: string | null;
  name: string;
  trace_id?: string | null;
  span_id?: string | null; // an event has that of the run that published it
  parent_span_id?: string | null;
  attempt?: number | null;
  outcome?: StepOutcome | null;
  error?: string | null;
  status?: number | null;
  lsn?: number | null;
  topic?: string | null;
  group?: string | null;
  entry_id?: string | null;
  ce_id?: string | null;
  key?: string | null;
  type?: string | null;
  documents: DocumentChange[];
}

export interface Journey {
  trace_id?: string | null;
  outcome: Outcome;
  steps: Step[];
  complete: boolean;
}

// ---- health ----

export interface Queue {
  name: string;
  depth: number;
  limit?: number | null;
}

export interface Limit {
  name: string;
  value: number;
  limit: number;
  unit?: string | null;
  reached: number; // how often, since the process began
  health: Health;
  why: string;
}

export interface HealthNow {
  health: Health;
  why: string[];
  commits_per_s: number;
  commit_p50_ms?: number | null;
  commit_p99_ms?: number | null;
  sync_p50_ms?: number | null;
  sync_p99_ms?: number | null;
  commits_in_sync?: number | null;
  lsn_sequenced?: number | null;
  lsn_durable?: number | null;
  disk_used_bytes?: number | null;
  disk_free_bytes?: number | null;
  memory_bytes?: number | null;
  threads?: number | null;
  requests_per_s: number;
  errors_per_s: number; // of the requests
  events_handled_per_s: number;
  failures_per_s: number; // of handlers
  dead_letters_per_s: number;
  processors?: number | null; // how many it keeps busy
  queues: Queue[];
  limits: Limit[];
}

// Parallel arrays: the moments, and what each measure was then (null where nothing was measured).
export interface HealthHistory {
  at: string[];
  [measure: string]: (number | null)[] | string[];
}
