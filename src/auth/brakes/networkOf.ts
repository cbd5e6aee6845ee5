/** Whom a limit by address holds back: an IPv4 address, or the /64 of an IPv6 address, which is one household's. */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [left = [], right = []] = address.split("::").map((half) => half.split(":"));
  const zeros = Array<string>(8 - left.length - right.length).fill("0");
  const network = [...left, ...zeros, ...right].slice(0, 4);
  return `${network.map((group) => group.replace(/^0+/, "") || "0").join(":")}::/64`.toLowerCase();
}
