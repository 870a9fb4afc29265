/** "8 s", "3 min", "2 h": one unit, because more would be false precision in an estimate. */
export function inWords(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** Made once: to make one for each number took a fifth of the page's time while fifty tasks stream. */
const NUMBER = new Intl.NumberFormat("en");

/** "1,234". */
export function figure(number: number): string {
  return NUMBER.format(number);
}

/** "3rd" of 3. */
export function ordinal(number: number): string {
  const tens = number % 100;
  const ending = tens > 10 && tens < 14 ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th");
  return `${figure(number)}${ending}`;
}

/** "1 finding", "4 findings". */
export function counted(number: number, noun: string): string {
  return `${figure(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** "$0.08"; tenths of a cent while it is that little, because $0.00 would look free. */
export function dollars(amount: number): string {
  if (amount > 0 && amount < 0.0005) return "under $0.001";
  return `$${amount.toFixed(amount < 0.095 && amount > 0 ? 3 : 2)}`;
}

/** "12 kB", "3.4 MB". */
export function bytesInWords(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1_000))} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

const DAY = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });
const TIME = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** "14:05" today, "14 Mar, 14:05" on another day. */
export function moment(ms: number, today: number): string {
  const day = DAY.format(ms);
  return day === DAY.format(today) ? TIME.format(ms) : `${day}, ${TIME.format(ms)}`;
}
