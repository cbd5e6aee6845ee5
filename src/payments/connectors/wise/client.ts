import type { Json } from "../../../lib/parseJson.js";
import type { Http, HttpRequest } from "../connector.js";
import { eachPage } from "../eachPage.js";
import { explained } from "../explained.js";
import { isObject, jsonIn, listAt, textAt } from "../json.js";

/** Wise, as the owner of a token sees it. What it says of an error is part of the error. */
export interface WiseClient {
  ask(request: HttpRequest): Promise<Json>;
  listProfiles(): Promise<readonly Json[]>;
  /**
   * A profile's transfers. The list is by age: one that comes meanwhile shows others twice at worst, and hides none.
   */
  listTransfers(profile: number, state: unknown): ReturnType<typeof eachPage>;
}

/** Wise wants offsets that are multiples of it. */
const PAGE_SIZE = 10;

export function createWiseClient(http: Http, apiKey: string): WiseClient {
  async function ask(request: HttpRequest): Promise<Json> {
    try {
      return (await http.json({ ...request, headers: { "content-type": "application/json" } }))
        .value;
    } catch (error) {
      throw explained(error, apiKey, reasonIn);
    }
  }

  return {
    ask,
    listProfiles: async () => listAt(await ask({ path: "/v1/profiles" })),
    listTransfers: (profile, state) =>
      eachPage(
        async (page) => {
          const query = `limit=${PAGE_SIZE}&offset=${page * PAGE_SIZE}&profile=${profile}`;
          const items = listAt(await ask({ path: `/v1/transfers?${query}` }));
          return { items, isLast: items.length < PAGE_SIZE };
        },
        { first: 0, state },
      ),
  };
}

/** `{"errors": [{"code", "message"}]}`, or an object of that kind alone, or what OAuth says; "" for others. */
function reasonIn(body: string): string {
  const json = jsonIn(body);
  const errors = isObject(json) ? json.get("errors") : undefined;
  return (Array.isArray(errors) ? errors : [json])
    .map((error) =>
      ["message", "error_description", "code", "error"]
        .map((key) => textAt(error, key))
        .find((text) => text !== ""),
    )
    .filter((text) => text !== undefined)
    .join("; ");
}
