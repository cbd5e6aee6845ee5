import type { InteractionResults } from "oidc-provider";
import type { Provider } from "oidc-provider/lib/provider.js";

/** A person on the way through a login: who asked for it, what for, and where it goes on. */
export type Interaction = InstanceType<Provider["Interaction"]>;

/**
 * The live interaction of this id; undefined once it is over, or if its client no longer takes people back where this
 * would lead: errors must not go there either. Whose browser it is, its cookie says, and not this.
 */
export async function findInteraction(
  provider: Provider,
  uid: string,
): Promise<Interaction | undefined> {
  const interaction = await provider.Interaction.find(uid);
  const { client_id, redirect_uri } = interaction?.params ?? {};
  const client = await provider.Client.find(String(client_id));
  return client?.redirectUriAllowed(String(redirect_uri)) ? interaction : undefined;
}

/**
 * Writes down how the login went; answers the URL where the browser goes on, or null if the interaction is over. An
 * `error` in `result` is told to the client by the name that OAuth 2 gives it.
 */
export async function finishInteraction(
  provider: Provider,
  uid: string,
  result: InteractionResults,
): Promise<string | null> {
  const interaction = await findInteraction(provider, uid);
  if (interaction === undefined) return null;
  interaction.result = result;
  await interaction.persist();
  return interaction.returnTo;
}
