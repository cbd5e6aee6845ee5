import { randomUUID } from "node:crypto";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { AuthService } from "../../gen/florin/auth/v1/auth_pb.js";
import type { Db } from "../db/database.js";
import { inTransaction } from "../db/transaction.js";
import { fail, type Result } from "../lib/result.js";
import { unwrap } from "../server/unwrap.js";
import {
  fromClient,
  fromScope,
  toClientId,
  toClientOptions,
  toScopeOptions,
  toSecretOptions,
} from "./convert.js";
import { createSecret } from "./createSecret.js";
import { deleteScope } from "./deleteScope.js";
import { detachScope } from "./detachScope.js";
import { detachTransientScope } from "./detachTransientScope.js";
import type { AuthFailure } from "./domain/failure.js";
import { authErrors } from "./errors.js";
import { insertClientScope } from "./store/clientScopes.js";
import { deleteSecret } from "./store/clientSecrets.js";
import * as clients from "./store/managedClients.js";
import * as scopes from "./store/scopes.js";
import { insertTransientScope } from "./store/transientScopes.js";
import { findUser, listUsers } from "./store/users.js";
import { updateClient } from "./updateClient.js";

interface Parts {
  readonly db: Db;
  /** Goes into the hash of every client secret. */
  readonly pepper: Uint8Array;
  /** Of Florin. */
  readonly version: string;
  /** Looks anew at what the tokens meant are good for, at once. */
  readonly forget: (isMeant: (token: { readonly clientId: string }) => boolean) => void;
}

export const authService = (parts: Parts): ServiceImpl<typeof AuthService> => ({
  getServerInfo: () => ({ version: parts.version }),
  ...clientManagement(parts),
  ...secretManagement(parts),
  ...scopeManagement(parts),
  ...userReads(parts),
});

type Methods = Partial<ServiceImpl<typeof AuthService>>;

// Whatever locks rows of several tables runs in a transaction, single statements too: it is repeated if a deadlock ends it.

const take = <T>(result: Result<T, AuthFailure>): T => unwrap(result, authErrors);

/** Where what was just made is to be found, from where it was asked for. */
function setLocation({ responseHeader }: HandlerContext, id: string): void {
  responseHeader.set("Location", `./${encodeURIComponent(id)}`);
}

function clientManagement({ db, forget }: Parts) {
  const forgetTokensOf = (clientId: string) => forget((token) => token.clientId === clientId);
  return {
    async listClients() {
      return { data: (await clients.listClients(db)).map(fromClient) };
    },
    async createClient({ client: sent }, context) {
      const id = take(toClientId(sent)) ?? randomUUID();
      const client = take(await clients.insertClient(db, id, take(toClientOptions(sent))));
      setLocation(context, id);
      return { data: fromClient(client) };
    },
    async readClient({ clientId }) {
      return { data: fromClient(take(await clients.readClient(db, clientId))) };
    },
    async updateClient({ clientId, client: sent }) {
      const options = take(toClientOptions(sent));
      const client = take(await updateClient(db, clientId, options));
      forgetTokensOf(clientId);
      return { data: fromClient(client) };
    },
    async deleteClient({ clientId }) {
      await inTransaction(db, (trx) => clients.deleteClient(trx, clientId));
      forgetTokensOf(clientId);
      return {};
    },
    async addScopeToClient(link) {
      take(await inTransaction(db, (trx) => insertClientScope(trx, link)));
      forgetTokensOf(link.clientId);
      return {};
    },
    async deleteScopeFromClient(link) {
      take(await detachScope(db, link));
      forgetTokensOf(link.clientId);
      return {};
    },
  } satisfies Methods;
}

const secretManagement = ({ db, pepper }: Parts) =>
  ({
    async createSecret({ clientId, secret }) {
      const options = take(toSecretOptions(secret));
      return { data: take(await createSecret(db, pepper, clientId, options)) };
    },
    async deleteSecret({ clientId, secretId }) {
      const isDeleted = await deleteSecret(db, clientId, secretId);
      if (!isDeleted) take(fail({ kind: "secret-not-found", clientId, secretId }));
      return {};
    },
  }) satisfies Methods;

function scopeManagement({ db, forget }: Parts) {
  /** A scope may reach any client, through others. */
  const forgetAllTokens = () => forget(() => true);
  return {
    async listScopes() {
      return { data: (await scopes.listScopes(db)).map(fromScope) };
    },
    async createScope({ scope: sent }, context) {
      const id = randomUUID();
      const scope = take(await scopes.insertScope(db, id, take(toScopeOptions(sent))));
      setLocation(context, id);
      return { data: fromScope(scope) };
    },
    async readScope({ scopeId }) {
      return { data: fromScope(take(await scopes.findScope(db, scopeId))) };
    },
    async updateScope({ scopeId, scope: sent }) {
      const options = take(toScopeOptions(sent));
      const scope = take(
        await inTransaction(db, (trx) => scopes.replaceScope(trx, scopeId, options)),
      );
      forgetAllTokens();
      return { data: fromScope(scope) };
    },
    async deleteScope({ scopeId }) {
      take(await deleteScope(db, scopeId));
      forgetAllTokens();
      return {};
    },
    async addTransientScope(link) {
      take(await inTransaction(db, (trx) => insertTransientScope(trx, link)));
      forgetAllTokens();
      return {};
    },
    async deleteTransientScope(link) {
      take(await detachTransientScope(db, link));
      forgetAllTokens();
      return {};
    },
  } satisfies Methods;
}

const userReads = ({ db }: Parts) =>
  ({
    async listUsers() {
      return { data: await listUsers(db) };
    },
    async readUser({ userId }) {
      const user = await findUser(db, userId);
      return { data: user ?? take(fail({ kind: "user-not-found", userId })) };
    },
  }) satisfies Methods;
