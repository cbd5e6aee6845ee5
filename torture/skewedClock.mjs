// Loaded into a server before its own code: its wall clock is as wrong as the process that started it says. The clock
// that only counts, `performance.now()`, stays as it is, for nobody sets that one.
const RealDate = Date;
let skewMs = 0;
const now = () => RealDate.now() + skewMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
});

process.on("message", (message) => {
  skewMs = message.skewMs;
});
// The server need not wait for it to end.
process.channel.unref();
