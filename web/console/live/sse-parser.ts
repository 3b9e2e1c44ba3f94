// Server-sent events from text that comes in pieces of any size: the format of the HTML standard, without `retry`.

export interface ServerSentEvent {
  id: string; // the last one seen, as the standard says
  event: string;
  data: string;
}

export class SseParser {
  private rest = '';
  private id = '';
  private event = '';
  private data: string[] = [];
  private started = false;

  // The events that this piece completes.
  push(piece: string): ServerSentEvent[] {
    let text = this.rest + piece;
    if (!this.started && text) {
      this.started = true;
      text = text.replace(/^\uFEFF/, '');
    }
    const events: ServerSentEvent[] = [];
    // A CR at the end may be half of a CR LF.
    for (let line = /\r\n|\n|\r(?!$)/.exec(text); line; line = /\r\n|\n|\r(?!$)/.exec(text)) {
      this.take(text.slice(0, line.index), events);
      text = text.slice(line.index + line[0].length);
    }
    this.rest = text;
    return events;
  }

  private take(line: string, events: ServerSentEvent[]): void {
    if (line === '') {
      if (this.data.length > 0) events.push({id: this.id, event: this.event || 'message', data: this.data.join('\n')});
      this.event = '';
      this.data = [];
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.data.push(value);
    else if (field === 'event') this.event = value;
    else if (field === 'id' && !value.includes('\0')) this.id = value;
  }
}
