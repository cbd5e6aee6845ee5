import { decodeProtectedHeader } from "jose";
import { expect, test } from "vitest";
import { rotateKeys } from "../../src/auth/keys/rotateKeys.js";
import { eventually } from "../support/eventually.js";
import { APP, startStory } from "./loginStory.js";
import { ENCRYPTION_KEY, PUBLIC_URL } from "./startAuth.js";

type Story = Awaited<ReturnType<typeof startStory>>;

/** Waits until the key that signs is a new one. */
async function rotate({ db, root }: Story, revokeOld: boolean): Promise<string> {
  const { kid } = await rotateKeys(db, [ENCRYPTION_KEY], { revokeOld });
  await db("auth_keys").update({ created_at: db.raw("created_at - interval '10 seconds'") });
  await eventually(async () => {
    const { keys } = (await (await fetch(`${root}/keys`)).json()) as { keys: { kid: string }[] };
    expect(keys[0]?.kid).toBe(kid);
  });
  return kid;
}

test("a rotation disturbs nobody who is logged in", async () => {
  const story = await startStory();
  const visitor = story.newBrowser();
  const before = await story.exchange(await story.logIn(visitor));
  const kid = await rotate(story, false);

  const again = await story.ask(visitor, { prompt: "none" });
  const after = await story.exchange(again.url);
  for (const token of [after.access_token, after.id_token]) {
    expect(decodeProtectedHeader(token).kid).toBe(kid);
  }
  const refreshed = await fetch(`${story.root}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      client_id: APP.id,
      refresh_token: before.refresh_token ?? "",
    }),
  });
  expect(refreshed.status).toBe(200);
  const hint = new URLSearchParams({ id_token_hint: before.id_token });
  const logout = await visitor.get(`${PUBLIC_URL}/api/auth/end_session?${hint}`);
  expect(logout.status).toBe(200);
}, 60_000);

test("after a key has leaked, a cookie that it may have signed logs nobody in", async () => {
  const story = await startStory();
  const visitor = story.newBrowser();
  const { id_token } = await story.exchange(await story.logIn(visitor));
  await rotate(story, true);
  const again = await story.ask(visitor, { prompt: "none" });
  expect(again.url.searchParams.get("error")).toBe("login_required");
  const hint = new URLSearchParams({ id_token_hint: id_token });
  const logout = await visitor.get(`${PUBLIC_URL}/api/auth/end_session?${hint}`);
  expect(logout.status).toBe(400);
}, 60_000);
