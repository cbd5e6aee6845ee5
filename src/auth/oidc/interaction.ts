import type { InteractionResults } from "oidc-provider";
import type { Provider } from "oidc-provider/lib/provider.js";

/** A person on the way through a login: who asked for it, what for, and where it goes on. */
export type Interaction = InstanceType<Provider["Interaction"]>;

/** The live interaction of this id; undefined once it is over. Whose browser it is, its cookie says, and not this. */
export const findInteraction = (
  provider: Provider,
  uid: string,
): Promise<Interaction | undefined> => provider.Interaction.find(uid);

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
