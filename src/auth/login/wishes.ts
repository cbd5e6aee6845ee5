import type { Interaction } from "../oidc/interaction.js";

/** What a client asked of a login that the upstream issuer has to see to. */
export interface Wishes {
  /** For the authorization request at the upstream issuer. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The person must have proved who they are after this instant, in seconds; null: at any time. */
  readonly freshSince: number | null;
}

/** `now` is in seconds. */
export function wishesOf({ params, prompt }: Interaction, now: number): Wishes {
  const { login_hint, ui_locales, max_age } = params;
  // With a session that is young enough, the reason is `prompt=login`, or that another person is wanted.
  const isToAsk =
    prompt.reasons.includes("login_prompt") ||
    !prompt.reasons.some((reason) => reason === "no_session" || reason === "max_age");
  const asked = { login_hint, ui_locales, max_age, prompt: isToAsk ? "login" : undefined };
  const parameters = Object.entries(asked).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  const maxAge = isToAsk ? 0 : max_age;
  return {
    parameters: Object.fromEntries(parameters),
    freshSince: maxAge === undefined ? null : now - Number(maxAge),
  };
}
