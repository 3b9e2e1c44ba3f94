import {describe, expect, it} from 'vitest';

import {SseParser, type ServerSentEvent} from './sse-parser';

const read = (...pieces: string[]): ServerSentEvent[] => {
  const parser = new SseParser();
  return pieces.flatMap((piece) => parser.push(piece));
};

const STREAM =
  ': hello\n\nid: 7\nevent: groups\ndata: {"a":1}\n\ndata: one\r\ndata:two\r\n\r\nid\r\revent: x\n\ndata\n\n';
const EVENTS = [
  {id: '7', event: 'groups', data: '{"a":1}'},
  {id: '7', event: 'message', data: 'one\ntwo'},
  {id: '', event: 'message', data: ''},
];

describe('server-sent events', () => {
  it('are read as the standard says', () => expect(read(STREAM)).toEqual(EVENTS));

  it('may come in any pieces', () => {
    for (let cut = 0; cut <= STREAM.length; ++cut) {
      expect(read(STREAM.slice(0, cut), STREAM.slice(cut)), `cut at ${cut}`).toEqual(EVENTS);
    }
    expect(read(...STREAM)).toEqual(EVENTS);
  });

  it('end with an empty line, or not at all', () => expect(read('data: half\n')).toEqual([]));

  it('may begin with a byte order mark', () => expect(read('\uFEFFdata: x\n\n')).toHaveLength(1));
});
