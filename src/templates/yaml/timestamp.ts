const TIMESTAMP =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:([Tt])([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]+))?(Z|[-+][0-9]{2}:[0-9]{2}))| +([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]+))?)?$/;

/** Whether a plain scalar is a timestamp. Readers take it as text, writers quote such text. */
export function isTimestamp(text: string): boolean {
  const match = TIMESTAMP.exec(text);
  if (!match) return false;
  const [, year, month, day, , ...times] = match;
  const [hour, minute, second, , , otherHour, otherMinute, otherSecond] = times;
  return (
    isDate(Number(year), Number(month), Number(day)) &&
    Number(hour ?? otherHour ?? 0) < 24 &&
    Number(minute ?? otherMinute ?? 0) < 60 &&
    Number(second ?? otherSecond ?? 0) < 60
  );
}

function isDate(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  return month >= 1 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
