const full = new Intl.DateTimeFormat('en', {dateStyle: 'long', timeStyle: 'long'});
const short = new Intl.DateTimeFormat('en', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

// A time in the reader's time zone; all of it on hover.
export function Moment({at}: {at: string}) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <>{at}</>;
  return (
    <time dateTime={at} title={full.format(date)} style={{whiteSpace: 'nowrap'}}>
      {short.format(date)}
    </time>
  );
}
