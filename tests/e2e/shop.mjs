// The shop under test: the real program on ports and a data directory of its own, which may be killed and started again.

import {spawn} from 'node:child_process';
import {closeSync, mkdtempSync, openSync, readFileSync, rmSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const SERVICES = ['web', 'accounts', 'id-cards', 'roles', 'inventory', 'payments'];
const READY_MS_MAX = 30_000;
const LAST_WORDS_LINES = 30;

export class Shop {
  #program;
  #folder = mkdtempSync(join(tmpdir(), 'shop-e2e-'));
  #ports = {};
  #process;

  #environment;

  // The environment is beside the test's own: {TIDEMARK_ADMIN_TOKEN: …}.
  constructor(program, environment = {}) {
    this.#program = program;
    this.#environment = environment;
  }

  get url() {
    return `http://127.0.0.1:${this.#ports.web}`;
  }

  // SHOP_STORE names another store than an embedded one in a folder of its own.
  get #store() {
    return process.env.SHOP_STORE ?? `embedded:${join(this.#folder, 'data')}`;
  }

  // Returns when it answers. The ports stay the same over restarts.
  async start() {
    for (const service of SERVICES) this.#ports[service] ??= await freePort(Object.values(this.#ports));
    const ports = SERVICES.flatMap((service) => [`--${service}-port`, String(this.#ports[service])]);
    const log = openSync(this.#log, 'a');
    this.#process = spawn(this.#program, ['--store', this.#store, ...ports], {
      cwd: this.#folder,
      stdio: ['ignore', log, log],
      env: {...process.env, SHOP_CHARGES: join(this.#folder, 'charges'), ...this.#environment},
    });
    closeSync(log);
    process.once('exit', () => this.#process.kill('SIGKILL')); // never outlives the test
    const failed = new Promise((_, reject) => this.#process.once('error', reject));
    await Promise.race([this.#ready(), failed]);
  }

  // SIGKILL: what is only in memory is gone.
  async kill() {
    if (!this.#running) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
  }

  async discard() {
    await this.kill();
    rmSync(this.#folder, {recursive: true, force: true});
  }

  // Asks as a program does, beside the browser. Returns {status, etag, body}.
  ask(method, path, body, headers = {}) {
    return this.askService('web', method, path, body, headers);
  }

  async askService(service, method, path, body, headers = {}) {
    const response = await fetch(`http://127.0.0.1:${this.#ports[service]}${path}`, {
      method,
      headers: body === undefined ? headers : {'content-type': 'application/json', ...headers},
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    return {status: response.status, etag: response.headers.get('etag'), body: text ? JSON.parse(text) : undefined};
  }

  lastWords() {
    return readFileSync(this.#log, 'utf8').split('\n').slice(-LAST_WORDS_LINES).join('\n');
  }

  get #log() {
    return join(this.#folder, 'log');
  }

  get #running() {
    return this.#process?.pid !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async #ready() {
    const until = Date.now() + READY_MS_MAX;
    for (;;) {
      if (!this.#running) throw new Error(`the shop ended by itself:\n${this.lastWords()}`);
      const answer = await fetch(`${this.url}/health/ready`, {signal: AbortSignal.timeout(2_000)}).catch(() => undefined);
      if (answer?.ok) return;
      if (Date.now() > until) throw new Error(`the shop was not ready after ${READY_MS_MAX} ms:\n${this.lastWords()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

// Below the range from which the system picks for outgoing connections: nobody takes it while the shop is down.
async function freePort(taken) {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (!taken.includes(port) && (await isFree(port))) return port;
  }
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
