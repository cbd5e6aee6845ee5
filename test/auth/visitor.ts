/** A browser without a screen: keeps cookies, follows no redirect by itself. */
export interface Visitor {
  get(url: string, headers?: Record<string, string>): Promise<Response>;
  post(url: string, form: Record<string, string>): Promise<Response>;
  /** Follows redirects from `url` while they lead to something that begins with one of `through`. */
  follow(url: string, ...through: readonly string[]): Promise<Answer>;
  /** The cookies that a request for `url` would bring along, as the header has them. */
  cookiesFor(url: string): string;
}

export interface Answer {
  /** Where it came from; or where the last redirect led, if nobody was asked there. */
  readonly url: URL;
  /** Null: nobody was asked. */
  readonly response: Response | null;
}

interface Cookie {
  readonly host: string;
  readonly path: string;
  readonly isSecure: boolean;
  readonly name: string;
  readonly value: string;
}

/** `routes` says which real URL stands behind the beginning of another. */
export function newVisitor(routes: Readonly<Record<string, string>> = {}): Visitor {
  const jar = new Map<string, Cookie>();

  const cookiesFor = (text: string) => {
    const { hostname, pathname, protocol } = new URL(text);
    return [...jar.values()]
      .filter(({ host, path, isSecure }) => {
        const isBelow = pathname === path || pathname.startsWith(path.replace(/\/?$/, "/"));
        return host === hostname && isBelow && (!isSecure || protocol === "https:");
      })
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
  };

  const request = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const [from, to] = Object.entries(routes).find(([it]) => url.startsWith(it)) ?? ["", ""];
    const cookie = cookiesFor(url);
    const headers = { ...init.headers, ...(cookie && { cookie }) };
    const real = to + url.slice(from.length);
    const response = await fetch(real, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) keep(jar, new URL(url), line);
    return response;
  };

  const get = (url: string, headers: Record<string, string> = {}) => request(url, { headers });

  return {
    get,
    post: (url, form) => request(url, { method: "POST", body: new URLSearchParams(form) }),
    cookiesFor,
    async follow(start, ...through) {
      let url = new URL(start);
      for (let hops = 0; hops < 20; hops++) {
        if (hops > 0 && !through.some((it) => url.href.startsWith(it))) {
          return { url, response: null };
        }
        const response = await get(url.href);
        const location = response.headers.get("location");
        if (location === null) return { url, response };
        await response.arrayBuffer();
        url = new URL(location, url);
      }
      throw new Error(`redirected for ever, at last to ${url}`);
    },
  };
}

function keep(jar: Map<string, Cookie>, url: URL, line: string): void {
  const [pair = "", ...attributes] = line.split(";").map((it) => it.trim());
  const attribute = (name: string) =>
    attributes.find((it) => it.toLowerCase().split("=")[0] === name)?.split("=")[1];
  const [name = "", ...value] = pair.split("=");
  const path = attribute("path") ?? url.pathname.replace(/\/[^/]*$/, "");
  const key = JSON.stringify([url.hostname, path, name]);
  const [age, expires] = [attribute("max-age"), attribute("expires")];
  const isGone =
    (age !== undefined && Number(age) <= 0) ||
    (age === undefined && expires !== undefined && Date.parse(expires) < Date.now());
  const isSecure = attributes.some((it) => it.toLowerCase() === "secure");
  jar.delete(key);
  if (!isGone) jar.set(key, { host: url.hostname, path, isSecure, name, value: value.join("=") });
}
