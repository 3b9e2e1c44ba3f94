// Prints every user of the shop once it is made: a group of its own on the topic user_created.
//
// usage: node consumer.mjs [GROUP [CONSUMER]]     (REDIS_URL: where the topics are; redis://127.0.0.1:6379)
// Killed and started again with the same names it misses nothing: what it had not acknowledged comes first. What it
// printed just before a kill it may print again.
import {Redis} from 'ioredis';

const TOPIC = 'user_created';
const BLOCK_MS = 2000;
const COUNT = 50;

const [group = 'node', consumer = 'node-1'] = process.argv.slice(2);
const server = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379', {maxRetriesPerRequest: null});
server.on('error', error => console.error(`node: ${error.message}; trying again`));

function handle(user) {
  console.log(`node: ${user.name} (${user.job}) has the id ${user.id}`);
}

async function createGroup() {
  try {
    // "0": from the topic's beginning. The topic is made if nobody has published yet.
    await server.xgroup('CREATE', TOPIC, group, '0', 'MKSTREAM');
  } catch (error) {
    if (!error.message.includes('BUSYGROUP')) throw error;
  }
}

// A stream's fields come as name, value, name, value, ….
function eventOf(fields) {
  const event = {};
  for (let i = 0; i < fields.length; i += 2) event[fields[i]] = fields[i + 1];
  return event;
}

let stopping = false;
process.on('SIGTERM', () => (stopping = true));

await createGroup();
let after = '0'; // First what this consumer was given and did not acknowledge, then ">": what nobody was given.
while (!stopping) {
  const answer = await server.xreadgroup(
      'GROUP', group, consumer, 'COUNT', COUNT, 'BLOCK', BLOCK_MS, 'STREAMS', TOPIC, after);
  const entries = answer?.[0][1] ?? [];
  for (const [id, fields] of entries) {
    if (fields) handle(eventOf(fields)); // An entry that retention has removed meanwhile has no fields any more.
    await server.xack(TOPIC, group, id);
  }
  if (entries.length === 0) after = '>';
  else if (after !== '>') after = entries.at(-1)[0];
}
await server.quit();
