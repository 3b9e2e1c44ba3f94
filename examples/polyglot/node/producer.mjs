// Adds a user to the shop by writing an event: no service is called, nothing is known of Tidemark.
//
// usage: node producer.mjs NAME [PHONE [JOB [ADDRESS]]]     (REDIS_URL: where the topics are; redis://127.0.0.1:6379)
// Prints the user's id.
import {randomUUID} from 'node:crypto';

import {Redis} from 'ioredis';

const [name, phone = '555', job = 'Cook', address = '1 Road'] = process.argv.slice(2);
if (!name) {
  console.error('usage: node producer.mjs NAME [PHONE [JOB [ADDRESS]]]');
  process.exit(2);
}
const server = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
const user = {id: randomUUID(), name, phone, job, address};
// The members of the event's struct, flat. Sent again after an error, the same id makes no second card.
await server.xadd('user_created', '*', ...Object.entries(user).flat());
console.log(user.id);
await server.quit();
